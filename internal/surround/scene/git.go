package scene

// EnvFile is what git knows of a .env file.
type EnvFile struct {
	File       string `json:"file"`
	Repository bool   `json:"repository"` // it lies in a git repository
	Tracked    bool   `json:"tracked"`
	SecretLine int    `json:"secret_line,omitempty"` // where it has the password of a Redis, from 1; 0 where it has none
}
