package scene

// Program is an installed program.
type Program struct {
	Name string `json:"name"`
	Path string `json:"path"`
}
