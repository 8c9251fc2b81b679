package scene

// Platform is a hosting or build platform that left its variables in the environment.
type Platform struct {
	Name      string   `json:"name"`      // "render", "railway", "github-actions"…
	Variables []string `json:"variables"` // the names that were set; their values are never kept
}
