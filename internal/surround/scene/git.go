package scene

// EnvFile is what git knows of a .env file.
type EnvFile struct {
	File       string `json:"file"`
	Repository bool   `json:"repository"` // it lies in a git repository
	Tracked    bool   `json:"tracked"`
}
