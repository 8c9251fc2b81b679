package surround

import (
	"slices"
	"strings"
)

// sourceEnvironment is where platforms are seen.
const sourceEnvironment = "environment"

// Platform is a hosting or build platform that left its variables in the environment.
type Platform struct {
	Name      string   `json:"name"`      // "render", "railway", "github-actions"…
	Variables []string `json:"variables"` // the names that were set; their values are never kept
}

// platformVariables are those that the platform sets in what it runs. Left out is what people set on a laptop to use
// its command line (RAILWAY_TOKEN, FLY_API_TOKEN, VERCEL_TOKEN).
var platformVariables = []Platform{
	{"render", []string{"RENDER", "RENDER_SERVICE_ID", "RENDER_SERVICE_NAME", "RENDER_INSTANCE_ID"}},
	{"railway", []string{
		"RAILWAY_ENVIRONMENT", "RAILWAY_ENVIRONMENT_NAME", "RAILWAY_ENVIRONMENT_ID", "RAILWAY_PROJECT_ID",
		"RAILWAY_SERVICE_ID", "RAILWAY_REPLICA_ID", "RAILWAY_PRIVATE_DOMAIN",
	}},
	{"heroku", []string{"DYNO"}},
	{"fly", []string{"FLY_APP_NAME", "FLY_MACHINE_ID", "FLY_ALLOC_ID", "FLY_REGION"}},
	{"kubernetes", []string{"KUBERNETES_SERVICE_HOST"}},
	{"aws-lambda", []string{"AWS_LAMBDA_FUNCTION_NAME"}},
	{"aws-ecs", []string{"ECS_CONTAINER_METADATA_URI_V4", "ECS_CONTAINER_METADATA_URI"}},
	{"google-cloud-run", []string{"K_SERVICE", "K_REVISION"}},
	{"azure-app-service", []string{"WEBSITE_SITE_NAME", "WEBSITE_INSTANCE_ID"}},
	{"vercel", []string{"VERCEL", "VERCEL_ENV"}},
	{"netlify", []string{"NETLIFY"}},
	{"github-actions", []string{"GITHUB_ACTIONS"}},
	{"gitlab-ci", []string{"GITLAB_CI"}},
	{"circleci", []string{"CIRCLECI"}},
	{"github-codespaces", []string{"CODESPACES"}},
	{"gitpod", []string{"GITPOD_WORKSPACE_ID"}},
}

func (l *look) platforms() Fact[[]Platform] {
	found := []Platform{}
	for _, known := range platformVariables {
		here := slices.DeleteFunc(slices.Clone(known.Variables), func(name string) bool {
			value, _ := l.LookupEnv(name)
			return slices.Contains([]string{"", "0", "false"}, strings.ToLower(strings.TrimSpace(value)))
		})
		if len(here) > 0 {
			found = append(found, Platform{Name: known.Name, Variables: here})
		}
	}
	return seen(sourceEnvironment, found)
}
