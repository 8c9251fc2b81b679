package findings

import (
	"path"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/finding"
)

// untrack takes a file out of git and leaves it where it is, from wherever it is typed. With -f git does so even where the
// file, its index and its last commit are three different texts. A .gitignore may lack the end of its last line.
func untrack(file string) []finding.Fix {
	folder, name := path.Dir(file), path.Base(file)
	git := "git "
	if folder != "." {
		git = "git -C " + shellWord(folder) + " "
	}
	return []finding.Fix{
		{ID: "untrack", Command: git + "rm --cached -f -- " + shellWord(name)},
		{ID: "ignore-file", Command: `printf '\n/%s\n' ` + shellWord(name) + " >> " + shellWord(path.Join(folder, ".gitignore"))},
	}
}

// stateFixes are what to type for what works and is not safe, not kept or not up to date.
func stateFixes(s seen) []finding.Fix {
	switch s.ID {
	case "config-env-tracked":
		return append(untrack(s.text("file")), finding.Fix{ID: "rotate-password"})
	case "persistence-off":
		return s.change(setting{"append-only", "appendonly yes"})
	case "persistence-overcommit":
		return []finding.Fix{
			{ID: "overcommit", Command: "sudo sysctl -w vm.overcommit_memory=1"},
			{ID: "overcommit-kept", Command: "echo vm.overcommit_memory=1 | sudo tee /etc/sysctl.d/99-redis.conf"},
		}
	case "security-exposed":
		return s.exposedFixes()
	case "security-no-password":
		return s.passwordFixes()
	case "security-plain-text":
		return s.plainTextFixes()
	case "security-outdated":
		return []finding.Fix{s.upgrade()}
	case "security-default-maxclients":
		return s.change(setting{"limit-clients", "maxclients 1000"})
	case "security-dangerous-commands":
		return s.rightsFixes()
	case "security-intrusion":
		return s.intrusionFixes()
	}
	return nil
}

// exposedFixes: first what closes the door, then the lock.
func (s seen) exposedFixes() []finding.Fix {
	var fixes []finding.Fix
	mapping := s.text("mapping")
	switch {
	case mapping != "" && s.text("service") != "":
		fixes = append(fixes, finding.Fix{ID: "publish-locally", Command: `ports: ["` + mapping + `"]`})
	case mapping != "":
		fixes = append(fixes, finding.Fix{ID: "publish-locally-run", Command: "-p " + mapping})
	case s.is("loopback"):
		fixes = append(
			fixes,
			finding.Fix{ID: "protect", Command: s.withoutAuth("CONFIG SET protected-mode yes")},
			finding.Fix{ID: "listen-locally", Command: "bind 127.0.0.1 -::1"},
		)
	default:
		fixes = append(fixes, finding.Fix{ID: "firewall"})
	}
	return append(fixes, s.passwordFixes()...)
}

// passwordFixes give the server a password and keep it over a restart.
func (s seen) passwordFixes() []finding.Fix {
	if s.text("provider") != "" {
		return []finding.Fix{{ID: "provider-password"}}
	}
	fixes := []finding.Fix{{ID: "require-password", Command: s.requirePassword()}}
	if s.text("config_file") != "" {
		f := s.Finding
		f.Evidence = append([]finding.Evidence{{Name: "has_password", Value: true}, {Name: "user", Value: ""}}, f.Evidence...)
		fixes = append(fixes, finding.Fix{ID: "keep-password", Command: seen{f}.redisCLI("CONFIG REWRITE")})
	}
	return fixes
}

func (s seen) plainTextFixes() []finding.Fix {
	switch {
	case s.text("provider") != "" && s.is("offers_tls"):
		return []finding.Fix{{ID: "use-rediss", Command: s.spoken("rediss")}}
	case s.text("provider") != "":
		return []finding.Fix{{ID: "private-network"}}
	}
	host, port := s.text("host"), s.text("port")
	fixes := []finding.Fix{{ID: "turn-on-tls", Command: s.spoken("rediss")}}
	if !s.sentinel() && host != "" {
		fixes = append(fixes, finding.Fix{ID: "tunnel", Command: "ssh -N -L 6379:127.0.0.1:" + shellWord(port) + " " + shellWord(host)})
	}
	return fixes
}

// upgrade is how the newest patch gets to where the server runs.
func (s seen) upgrade() finding.Fix {
	image, unit := s.text("image"), s.text("unit")
	name, _, _ := strings.Cut(image, ":")
	switch {
	case s.text("provider") != "":
		return finding.Fix{ID: "upgrade-provider"}
	case name == "redis" || name == "valkey/valkey":
		return finding.Fix{ID: "upgrade-image", Command: s.engine() + " pull " + shellWord(name+":"+s.text("line"))}
	case s.text("package") != "" || unit == "redis-server.service" || unit == "valkey-server.service":
		return finding.Fix{ID: "upgrade-package", Command: "sudo apt-get update && apt list --upgradable"}
	}
	return finding.Fix{ID: "upgrade-patch"}
}

// rightsFixes print a user that may do what a cache needs. Its password is read from the terminal.
func (s seen) rightsFixes() []finding.Fix {
	user := s.text("acl_user")
	if user != "" && user != "default" {
		return []finding.Fix{{ID: "fewer-rights", Command: "ACL SETUSER " + shellWord(user) + " -@dangerous +info"}}
	}
	const ask = `python3 -c 'import getpass; print(">" + getpass.getpass(), end="")' | `
	return []finding.Fix{
		{ID: "app-user", Command: s.redisCLI("ACL SETUSER app on '~*' -@all +@read +@write +@connection +@transaction -@dangerous +info")},
		{ID: "app-password", Command: ask + s.redisCLI("-x ACL SETUSER app")},
	}
}

// intrusionFixes: cut it off, look, and trust nothing on that machine any more. Nothing is deleted: it is evidence.
func (s seen) intrusionFixes() []finding.Fix {
	cut := finding.Fix{ID: "cut-off"}
	if name := s.text("container"); name != "" {
		cut.Command = s.engine() + " stop " + shellWord(name)
	} else if name := s.text("unit"); name != "" {
		cut.Command = "sudo systemctl stop " + shellWord(name)
	}
	fixes := []finding.Fix{cut}
	if s.text("container") == "" && (s.text("unit") != "" || s.is("here")) {
		fixes = append(fixes, finding.Fix{ID: "see-traces", Command: "sudo ls -la /etc/cron.d /var/spool/cron /root/.ssh"})
	}
	return append(fixes, finding.Fix{ID: "rebuild"})
}
