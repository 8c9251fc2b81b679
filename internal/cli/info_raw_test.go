package cli_test

import (
	"bufio"
	"fmt"
	"net"
	"strconv"
	"strings"
	"testing"
	"time"
)

// rawClient speaks RESP 2 by itself: what it says of a server does not pass through any code of the program.
type rawClient struct {
	t    *testing.T
	conn net.Conn
	in   *bufio.Reader
	sent int // commands so far
}

func dialRaw(t *testing.T, addr string) *rawClient {
	t.Helper()
	conn, err := net.Dial("tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return &rawClient{t: t, conn: conn, in: bufio.NewReader(conn)}
}

// encode is a command as it goes over the wire.
func encode(words ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(words))
	for _, w := range words {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(w), w)
	}
	return b.String()
}

// ask sends a command and gives the words of its answer; an error reply is given as its words.
func (c *rawClient) ask(words ...string) []string {
	c.t.Helper()
	if err := c.conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		c.t.Fatal(err)
	}
	if _, err := c.conn.Write([]byte(encode(words...))); err != nil {
		c.t.Fatalf("%.100s: %v", strings.Join(words, " "), err)
	}
	c.sent++
	_, reply, err := readRESP(c.in)
	if err != nil {
		c.t.Fatalf("%.100s: %v", strings.Join(words, " "), err)
	}
	return reply
}

// number is an answer that is one integer.
func (c *rawClient) number(words ...string) float64 {
	c.t.Helper()
	n, err := strconv.ParseFloat(strings.TrimPrefix(c.ask(words...)[0], ":"), 64)
	if err != nil {
		c.t.Fatalf("%v: %v", words, err)
	}
	return n
}

// config is one setting.
func (c *rawClient) config(name string) string {
	c.t.Helper()
	reply := c.ask("CONFIG", "GET", name)
	if len(reply) != 2 {
		c.t.Fatalf("CONFIG GET %s: %q", name, reply)
	}
	return reply[1]
}

// rawInfo is INFO, field by field.
type rawInfo map[string]string

func (c *rawClient) info() rawInfo {
	c.t.Helper()
	all := rawInfo{}
	for line := range strings.Lines(c.ask("INFO", "everything")[0]) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ":"); ok {
			all[name] = value
		}
	}
	if len(all) < 100 {
		c.t.Fatalf("INFO everything has %d fields", len(all))
	}
	return all
}

// number is a field.
func (i rawInfo) number(t *testing.T, name string) float64 {
	t.Helper()
	n, err := strconv.ParseFloat(i[name], 64)
	if err != nil {
		t.Fatalf("INFO has %s:%q", name, i[name])
	}
	return n
}

// part is one number of a field that lists several: «keys=1,expires=0».
func (i rawInfo) part(t *testing.T, field, name string) float64 {
	t.Helper()
	for pair := range strings.SplitSeq(i[field], ",") {
		if text, ok := strings.CutPrefix(pair, name+"="); ok {
			n, err := strconv.ParseFloat(text, 64)
			if err != nil {
				t.Fatalf("INFO has %s:%q", field, i[field])
			}
			return n
		}
	}
	t.Fatalf("INFO has no %s in %s:%q", name, field, i[field])
	return 0
}
