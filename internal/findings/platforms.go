package findings

import (
	"slices"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// hosting are the platforms that run an application for others: what runs there gets its Redis from a variable, and never
// has one on its loopback.
var hosting = []string{
	"render", "railway", "heroku", "fly", "vercel", "netlify", "aws-lambda", "aws-ecs", "google-cloud-run", "azure-app-service",
	"kubernetes",
}

// workshops are build machines and rented laptops: a Redis beside the program is what one expects there, whatever hosts them.
var workshops = []string{"github-actions", "gitlab-ci", "circleci", "github-codespaces", "gitpod"}

// platformNames are the names as people write them.
var platformNames = map[string]string{
	"render": "Render", "railway": "Railway", "heroku": "Heroku", "fly": "Fly.io", "vercel": "Vercel", "netlify": "Netlify",
	"aws-lambda": "AWS Lambda", "aws-ecs": "Amazon ECS", "google-cloud-run": "Google Cloud Run",
	"azure-app-service": "Azure App Service", "kubernetes": "Kubernetes",
}

// onPlatform tells whether this process runs on the platform of that name.
func (v *view) onPlatform(name string) bool {
	all, _ := v.Around.Platforms.Get()
	for _, p := range all {
		if p.Name == name {
			return true
		}
	}
	return false
}

// host is evidence of the hosting platform that this process runs on; none on a laptop, a build machine or where nobody looked.
func (v *view) host() []finding.Evidence {
	all, _ := v.Around.Platforms.Get()
	if slices.ContainsFunc(workshops, v.onPlatform) {
		return nil
	}
	for _, name := range hosting {
		for _, p := range all {
			if p.Name != name {
				continue
			}
			seen := []finding.Evidence{
				ev("platform", name, v.Around.Platforms.Source), ev("platform_name", platformNames[name], v.Around.Platforms.Source),
			}
			if len(p.Variables) > 0 {
				seen = append(seen, ev("platform_variable", p.Variables[0], v.Around.Platforms.Source))
			}
			return seen
		}
	}
	return nil
}

// build is evidence of the build service whose jobs declare the servers that they need.
func (v *view) build() []finding.Evidence {
	for _, name := range []string{"github-actions", "gitlab-ci"} {
		if v.onPlatform(name) {
			return []finding.Evidence{ev("ci", name, v.Around.Platforms.Source)}
		}
	}
	return nil
}
