package snapshot

import (
	"fmt"
	"strconv"
	"strings"
)

// MaxClients is how many lines of CLIENT LIST are kept unless told otherwise; all of them are counted.
const MaxClients = 10_000

// Client is one line of CLIENT LIST. JSON names are the list's own; age and idle are seconds, sizes bytes.
type Client struct {
	ID        Opt[int64] `json:"id,omitzero"`
	Addr      Text       `json:"addr,omitzero"`
	LocalAddr Text       `json:"laddr,omitzero"` // since Redis 6.2
	Name      Text       `json:"name,omitzero"`
	Age       Opt[int64] `json:"age,omitzero"`
	Idle      Opt[int64] `json:"idle,omitzero"`
	Flags     string     `json:"flags,omitzero"`
	DB        Opt[int64] `json:"db,omitzero"`
	Sub       Opt[int64] `json:"sub,omitzero"`
	PSub      Opt[int64] `json:"psub,omitzero"`
	Multi     Opt[int64] `json:"multi,omitzero"`
	QBuf      Opt[int64] `json:"qbuf,omitzero"`
	QBufFree  Opt[int64] `json:"qbuf-free,omitzero"`
	OMem      Opt[int64] `json:"omem,omitzero"`
	OLL       Opt[int64] `json:"oll,omitzero"`     // replies that wait in the output list
	TotMem    Opt[int64] `json:"tot-mem,omitzero"` // since Redis 6.2
	Cmd       Text       `json:"cmd,omitzero"`
	User      Text       `json:"user,omitzero"` // since Redis 6
	Resp      Opt[int64] `json:"resp,omitzero"` // since Redis 7
	LibName   Text       `json:"lib-name,omitzero"`
	LibVer    Text       `json:"lib-ver,omitzero"`
}

// Host is the address without its port: an IP, or the path of a unix socket.
func (c *Client) Host() Text {
	host, port, ok := cutLast(string(c.Addr), ':')
	if !ok {
		return c.Addr
	}
	if _, err := strconv.ParseUint(port, 10, 16); err != nil {
		return c.Addr
	}
	return Text(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]"))
}

func cutLast(s string, sep byte) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// ClientList is who is connected, ourselves included. The counts are of all lines, Listed holds the first MaxClients.
type ClientList struct {
	Total  int           `json:"total"`
	ByHost TextMap[int]  `json:"by_host,omitzero"`
	ByDB   map[int64]int `json:"by_db,omitzero"`
	ByName TextMap[int]  `json:"by_name,omitzero"` // "" for those without
	ByUser TextMap[int]  `json:"by_user,omitzero"`
	Listed []Client      `json:"listed,omitzero"`
}

// Capped tells whether clients were counted but not listed.
func (l *ClientList) Capped() bool { return l.Total > len(l.Listed) }

// ParseClientList reads CLIENT LIST; of more than limit lines (0 means MaxClients) the rest is only counted.
func ParseClientList(reply any, limit int) (ClientList, error) {
	text, ok := reply.(string)
	if !ok {
		return ClientList{}, fmt.Errorf("client list: %w", errShape)
	}
	if limit <= 0 {
		limit = MaxClients
	}
	var list ClientList
	for line := range strings.SplitSeq(text, "\n") {
		c, ok := parseClient(line)
		if !ok {
			continue
		}
		list.Total++
		put(&list.ByHost, c.Host(), list.ByHost[c.Host()]+1)
		put(&list.ByName, c.Name, list.ByName[c.Name]+1)
		if c.User != "" {
			put(&list.ByUser, c.User, list.ByUser[c.User]+1)
		}
		if db, ok := c.DB.Get(); ok {
			put(&list.ByDB, db, list.ByDB[db]+1)
		}
		if len(list.Listed) < limit {
			list.Listed = append(list.Listed, c)
		}
	}
	return list, nil
}

// parseClient reads one line; blanks in a value, which Redis does not let in, stay part of it.
func parseClient(line string) (Client, bool) {
	line = strings.TrimSuffix(line, "\r")
	if !strings.Contains(line, "=") {
		return Client{}, false
	}
	var c Client
	fill(&c, pairsOf(line, " "))
	return c, true
}
