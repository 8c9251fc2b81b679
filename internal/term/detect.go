package term

import (
	"os"
	"runtime"
	"strconv"
	"strings"

	xterm "golang.org/x/term"
)

// ColorMode is the value of --color.
type ColorMode string

// The colour modes.
const (
	ColorAuto   ColorMode = "auto"
	ColorAlways ColorMode = "always"
	ColorNever  ColorMode = "never"
)

// WantColor decides: the flag first, then NO_COLOR (any non-empty value, https://no-color.org), CLICOLOR_FORCE
// (https://bixense.com/clicolors), TERM=dumb, and whether the stream is a terminal.
func WantColor(mode ColorMode, tty bool, getenv func(string) string) bool {
	switch mode {
	case ColorAlways:
		return true
	case ColorNever:
		return false
	case ColorAuto:
	}
	if getenv("NO_COLOR") != "" {
		return false
	}
	if force := getenv("CLICOLOR_FORCE"); force != "" && force != "0" {
		return true
	}
	return tty && getenv("TERM") != "dumb"
}

// UTF8Locale tells whether the locale can show more than ASCII. Windows and macOS consoles do without saying so in the
// environment; elsewhere no locale at all is the «C» locale.
func UTF8Locale(getenv func(string) string) bool { return utf8Locale(getenv, runtime.GOOS) }

func utf8Locale(getenv func(string) string, goos string) bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := getenv(name); v != "" {
			v = strings.ToLower(v)
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return goos == "windows" || goos == "darwin"
}

// IsTerminal reports whether somebody looks at the stream.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && xterm.IsTerminal(int(f.Fd()))
}

// WidthOf asks the kernel for the terminal's width in cells; COLUMNS, then 80, where it does not know.
func WidthOf(stream any, getenv func(string) string) int {
	if f, ok := stream.(*os.File); ok {
		if w, _, err := xterm.GetSize(int(f.Fd())); err == nil && w > 0 {
			return w
		}
	}
	if n, err := strconv.Atoi(getenv("COLUMNS")); err == nil && n > 0 {
		return n
	}
	return PlainWidth
}
