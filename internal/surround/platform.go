package surround

import (
	"slices"
	"strings"
)

// sourceEnvironment is where platforms are seen.
const sourceEnvironment = "environment"

// platformVariables are those that the platform sets in what it runs. Left out is what people set on a laptop to use
// its command line (RAILWAY_TOKEN, FLY_API_TOKEN, VERCEL_TOKEN).
var platformVariables = []Platform{
	{Name: "render", Variables: []string{"RENDER", "RENDER_SERVICE_ID", "RENDER_SERVICE_NAME", "RENDER_INSTANCE_ID"}},
	{Name: "railway", Variables: []string{
		"RAILWAY_ENVIRONMENT", "RAILWAY_ENVIRONMENT_NAME", "RAILWAY_ENVIRONMENT_ID", "RAILWAY_PROJECT_ID",
		"RAILWAY_SERVICE_ID", "RAILWAY_REPLICA_ID", "RAILWAY_PRIVATE_DOMAIN",
	}},
	{Name: "heroku", Variables: []string{"DYNO"}},
	{Name: "fly", Variables: []string{"FLY_APP_NAME", "FLY_MACHINE_ID", "FLY_ALLOC_ID", "FLY_REGION"}},
	{Name: "kubernetes", Variables: []string{"KUBERNETES_SERVICE_HOST"}},
	{Name: "aws-lambda", Variables: []string{"AWS_LAMBDA_FUNCTION_NAME"}},
	{Name: "aws-ecs", Variables: []string{"ECS_CONTAINER_METADATA_URI_V4", "ECS_CONTAINER_METADATA_URI"}},
	{Name: "google-cloud-run", Variables: []string{"K_SERVICE", "K_REVISION"}},
	{Name: "azure-app-service", Variables: []string{"WEBSITE_SITE_NAME", "WEBSITE_INSTANCE_ID"}},
	{Name: "vercel", Variables: []string{"VERCEL", "VERCEL_ENV"}},
	{Name: "netlify", Variables: []string{"NETLIFY"}},
	{Name: "github-actions", Variables: []string{"GITHUB_ACTIONS"}},
	{Name: "gitlab-ci", Variables: []string{"GITLAB_CI"}},
	{Name: "circleci", Variables: []string{"CIRCLECI"}},
	{Name: "github-codespaces", Variables: []string{"CODESPACES"}},
	{Name: "gitpod", Variables: []string{"GITPOD_WORKSPACE_ID"}},
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
