package findings

// packages are how a server, and the authorities that certificates are verified by, are installed with each packager.
var packages = map[string]struct{ install, roots string }{
	"apt-get": {"sudo apt-get install redis-server", "sudo apt-get install ca-certificates"},
	"dnf":     {"sudo dnf install redis", "sudo dnf install ca-certificates"},
	"yum":     {"sudo yum install redis", "sudo yum install ca-certificates"},
	"apk":     {"sudo apk add redis", "sudo apk add ca-certificates"},
	"pacman":  {"sudo pacman -S valkey", "sudo pacman -S ca-certificates"}, // Arch has no redis any more
	"zypper":  {"sudo zypper install redis", "sudo zypper install ca-certificates"},
	"brew":    {"brew install redis && brew services start redis", ""}, // macOS has its own authorities
}

// packager is the one of the machine that was looked at. Where nobody looked, it is the usual one of its system; where none was
// found there is nothing to type.
func (s seen) packager() string {
	if s.Value("packager") != nil {
		return s.text("packager")
	}
	switch s.text("os") {
	case "linux":
		return "apt-get"
	case "darwin":
		return "brew"
	}
	return ""
}
