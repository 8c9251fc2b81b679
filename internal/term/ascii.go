package term

import (
	"io"
	"strings"
)

// asciiForms turns what the catalogues use beyond ASCII into its nearest ASCII form: accents go, guillemets become quotes.
var asciiForms = strings.NewReplacer(
	// The replacer takes the first that fits at a place, so the longer ones stand first.
	"«\u00a0", `"`, "\u00a0»", `"`, "\u00a0", " ", "\u202f", " ", "\u2009", " ", "«", `"`, "»", `"`, "’", "'", "‘", "'",
	"“", `"`, "”", `"`, "…", "...", "–", "-", "—", "-", "·", "-", "•", "*", "→", "->", "←", "<-", "×", "x", "÷", "/",
	"≤", "<=", "≥", ">=", "≈", "~", "±", "+/-", "µ", "u", "°", " deg",
	"à", "a", "â", "a", "ä", "a", "ç", "c", "é", "e", "è", "e", "ê", "e", "ë", "e", "î", "i", "ï", "i", "ô", "o", "ö", "o",
	"ù", "u", "û", "u", "ü", "u", "ÿ", "y", "œ", "oe", "æ", "ae",
	"À", "A", "Â", "A", "Ä", "A", "Ç", "C", "É", "E", "È", "E", "Ê", "E", "Ë", "E", "Î", "I", "Ï", "I", "Ô", "O", "Ö", "O",
	"Ù", "U", "Û", "U", "Ü", "U", "Œ", "OE", "Æ", "AE",
)

// ToASCII is the text without anything beyond ASCII: known characters by their nearest form, others as «?».
func ToASCII(s string) string {
	s = asciiForms.Replace(s)
	for i := 0; i < len(s); i++ {
		if s[i] >= 0x80 {
			return strings.Map(func(r rune) rune {
				if r >= 0x80 {
					return '?'
				}
				return r
			}, s)
		}
	}
	return s
}

// asciiWriter rewrites each Write; callers write whole characters.
type asciiWriter struct{ w io.Writer }

func (a asciiWriter) Write(p []byte) (int, error) {
	if _, err := io.WriteString(a.w, ToASCII(string(p))); err != nil {
		return 0, err
	}
	return len(p), nil
}

// ASCIIWriter passes text on as ToASCII.
func ASCIIWriter(w io.Writer) io.Writer { return asciiWriter{w} }
