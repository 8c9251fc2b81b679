package i18n

import (
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/dustin/go-humanize"
)

// nnbsp is the narrow no-break space that French sets between thousands.
const (
	nbsp  = "\u00a0"
	nnbsp = "\u202f"
)

// Int writes a whole number with the thousands of the language: «12 345» or "12,345".
func (c *Catalog) Int(n int64) string {
	s := humanize.Comma(n)
	if c.lang == French {
		s = strings.ReplaceAll(s, ",", nnbsp)
	}
	return s
}

// Float writes a number with that many decimals: «1 234,5» or "1,234.5".
func (c *Catalog) Float(f float64, decimals int) string {
	whole, frac, found := strings.Cut(strconv.FormatFloat(math.Abs(f), 'f', decimals, 64), ".")
	n, err := strconv.ParseInt(whole, 10, 64)
	if err != nil { // beyond int64, or not a number: no thousands to set
		return strconv.FormatFloat(f, 'g', 6, 64)
	}
	s := c.Int(n)
	if found {
		point := "."
		if c.lang == French {
			point = ","
		}
		s += point + frac
	}
	if f < 0 && strings.ContainsAny(s, "123456789") {
		s = "-" + s
	}
	return s
}

// Percent writes a ratio from 0 to 1 as a percentage.
func (c *Catalog) Percent(ratio float64, decimals int) string {
	if c.lang == French {
		return c.Float(ratio*100, decimals) + nbsp + "%"
	}
	return c.Float(ratio*100, decimals) + "%"
}

// Bytes writes a size in powers of 1024 as redis.conf counts, with the usual letters: «1,5 Mo» or "1.5 MB".
func (c *Catalog) Bytes(n int64) string {
	letter := "B"
	if c.lang == French {
		letter = "o"
	}
	f, i := math.Abs(float64(n)), 0
	prefixes := []string{"", "k", "M", "G", "T", "P", "E"}
	if c.lang == English {
		prefixes[1] = "K"
	}
	for f >= 1024 && i < len(prefixes)-1 {
		f /= 1024
		i++
	}
	if i > 0 && math.Round(f*10)/10 >= 1024 && i < len(prefixes)-1 {
		f /= 1024
		i++
	}
	decimals := 1
	if i == 0 || f >= 100 {
		decimals = 0
	}
	if n < 0 {
		f = -f
	}
	return c.Float(f, decimals) + nbsp + prefixes[i] + letter
}

// Duration writes a measured time with three significant digits and the unit people read: 85 µs, 0.42 ms, 12.3 ms, 1.5 s.
func (c *Catalog) Duration(d time.Duration) string {
	switch {
	case d < 0:
		return "-" + c.Duration(-d)
	case d < 10*time.Microsecond:
		return c.Float(float64(d)/1e3, 1) + nbsp + "µs"
	case d < 100*time.Microsecond:
		return c.Float(float64(d)/1e3, 0) + nbsp + "µs"
	case d < 10*time.Millisecond:
		return c.Float(float64(d)/1e6, 2) + nbsp + "ms"
	case d < 100*time.Millisecond:
		return c.Float(float64(d)/1e6, 1) + nbsp + "ms"
	case d < time.Second:
		return c.Float(float64(d)/1e6, 0) + nbsp + "ms"
	case d < time.Minute:
		return c.Float(d.Seconds(), 1) + nbsp + "s"
	default:
		return c.Span(d)
	}
}

// Span writes a length of time in whole units, at most two of them: 45 s, 4 min 59 s, 3 h 05 min, 2 d / 2 j.
func (c *Catalog) Span(d time.Duration) string {
	d = d.Round(time.Second)
	day := "d"
	if c.lang == French {
		day = "j"
	}
	two := func(a int64, au string, b int64, bu string) string {
		s := c.Int(a) + nbsp + au
		if b > 0 {
			s += nbsp + c.Int(b) + nbsp + bu
		}
		return s
	}
	secs := int64(d / time.Second)
	switch {
	case secs < 60:
		return c.Int(secs) + nbsp + "s"
	case secs < 3600:
		return two(secs/60, "min", secs%60, "s")
	case secs < 86400:
		return two(secs/3600, "h", secs%3600/60, "min")
	default:
		return two(secs/86400, day, secs%86400/3600, "h")
	}
}
