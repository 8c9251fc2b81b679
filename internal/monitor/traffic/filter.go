package traffic

import (
	"errors"
	"maps"
	"net/netip"
	"slices"
	"strings"

	"github.com/olympiades-ia/olymp-cache/internal/keyname"
)

// Filter is which commands are wanted. The zero value wants all of them.
type Filter struct {
	Commands []string // «get», or with a subcommand «config|set»; any case
	Match    []string // globs, of which one must fit one of the command's keys
	Clients  []string // addresses, networks, names, users; see Who
}

// Who is how a server calls a client besides its address.
type Who struct{ Name, User string }

// Matcher is a Filter made ready. Of tells the names of the client at an address, where they are known; it may be nil.
type Matcher struct {
	Of func(client []byte) (Who, bool)
	// Nameless counts the commands that no address decided, of clients whose names were not known.
	Nameless uint64

	commands map[string]bool
	globs    []string
	exact    map[string]bool // as MONITOR writes clients
	networks []netip.Prefix
	names    []string
	verdicts map[string]bool // of clients that were met
}

// Compile makes a filter ready. The error is of a pattern that is not finished; it is the element that is returned.
func (f Filter) Compile() (*Matcher, string, error) {
	m := &Matcher{commands: map[string]bool{}, globs: f.Match, exact: map[string]bool{}, verdicts: map[string]bool{}}
	for _, c := range f.Commands {
		m.commands[Command(c)] = true
	}
	for _, pattern := range f.Match {
		if err := keyname.Check(pattern); err != nil {
			return nil, pattern, err
		}
	}
	for _, client := range f.Clients {
		if err := m.addClient(client); err != nil {
			return nil, client, err
		}
	}
	return m, "", nil
}

// Command is how a filter writes a command: «config|set» for «CONFIG SET».
func Command(text string) string {
	return strings.Join(strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return r == '|' || r == ' ' }), "|")
}

// ErrClient is a client that can be none: half an address or network.
var ErrClient = errors.New("no address, network or name of a client")

func (m *Matcher) addClient(text string) error {
	bare := strings.TrimSuffix(strings.TrimPrefix(text, "["), "]")
	network, noNetwork := netip.ParsePrefix(text)
	addr, noAddr := netip.ParseAddr(bare)
	port, noPort := netip.ParseAddrPort(text)
	switch {
	case noNetwork == nil:
		m.networks = append(m.networks, unmapped(network))
	case noAddr == nil:
		addr = addr.Unmap().WithZone("")
		m.networks = append(m.networks, netip.PrefixFrom(addr, addr.BitLen()))
	case noPort == nil:
		m.exact[port.String()] = true
	case text == scriptClient, strings.HasPrefix(text, socketClient):
		m.exact[text] = true
	case strings.HasPrefix(text, "/"):
		m.exact[socketClient+text] = true
	case text == "", strings.ContainsAny(text, "/ \t\n"): // CLIENT SETNAME takes no blanks
		return ErrClient
	default:
		m.names = append(m.names, text)
	}
	return nil
}

// unmapped is a network of IPv4 addresses that is written as one of IPv6.
func unmapped(p netip.Prefix) netip.Prefix {
	if p.Addr().Is4In6() && p.Bits() >= 96 {
		return netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96).Masked()
	}
	return p.Masked()
}

const (
	scriptClient = "lua"   // what a script calls
	socketClient = "unix:" // before the path of a unix socket
)

// CommandNames are the commands that are wanted, in order; none for all.
func (m *Matcher) CommandNames() []string { return slices.Sorted(maps.Keys(m.commands)) }

// NeedsNames tells whether addresses alone do not decide.
func (m *Matcher) NeedsNames() bool { return len(m.names) > 0 }

// Wants tells whether a command is wanted.
func (m *Matcher) Wants(e *Event) bool {
	if len(m.commands) > 0 && !m.commands[e.name] && (e.sub == "" || !m.commands[e.name+"|"+e.sub]) && !m.subcommand(e) {
		return false
	}
	if len(m.globs) > 0 && !slices.ContainsFunc(e.keys, func(i int) bool { return m.anyGlob(e.Args[i]) }) {
		return false
	}
	return len(m.exact)+len(m.networks)+len(m.names) == 0 || m.client(e.Client)
}

// subcommand compares «config|set» on a server that does not tell which commands have subcommands.
func (m *Matcher) subcommand(e *Event) bool {
	if e.sub != "" || len(e.Args) < 2 || len(e.Args[1]) > longestWord {
		return false
	}
	return m.commands[e.name+"|"+strings.ToLower(string(e.Args[1]))]
}

func (m *Matcher) anyGlob(key []byte) bool {
	return slices.ContainsFunc(m.globs, func(glob string) bool { return keyname.Match(glob, key) })
}

// mostVerdicts bounds how many clients are remembered.
const mostVerdicts = 1 << 14

func (m *Matcher) client(client []byte) bool {
	if verdict, ok := m.verdicts[string(client)]; ok {
		return verdict
	}
	verdict, known := m.judge(client)
	if !known {
		m.Nameless++
		return false
	}
	if len(m.verdicts) >= mostVerdicts {
		clear(m.verdicts)
	}
	m.verdicts[string(client)] = verdict
	return verdict
}

func (m *Matcher) judge(client []byte) (verdict, known bool) {
	if m.exact[string(client)] {
		return true, true
	}
	if port, err := netip.ParseAddrPort(string(client)); err == nil {
		addr := port.Addr().Unmap().WithZone("")
		if slices.ContainsFunc(m.networks, func(n netip.Prefix) bool { return n.Contains(addr) }) {
			return true, true
		}
	}
	if len(m.names) == 0 || string(client) == scriptClient {
		return false, true
	}
	if m.Of == nil {
		return false, false
	}
	who, ok := m.Of(client)
	return ok && (slices.Contains(m.names, who.Name) || slices.Contains(m.names, who.User)), ok
}
