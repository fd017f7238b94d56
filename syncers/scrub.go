package syncers

import (
	"fmt"
	"html"
	"regexp"
	"strings"

	"qslbox/qso"
)

// Scrub replaces secrets in a text by stars: as they are, and in any mixture of
// the spellings that URLs, forms, JSON, HTML and Go give them, since a service
// may quote what it was asked as it likes.
func Scrub(text string, secrets ...qso.Secret) string {
	for _, s := range secrets {
		plain := s.Reveal()
		if plain == "" {
			continue
		}
		text = strings.ReplaceAll(text, fmt.Sprintf("%q", plain), s.String())
		text = strings.ReplaceAll(text, plain, s.String()) // also one that is no UTF-8
		text = anySpelling(plain).ReplaceAllLiteralString(text, s.String())
	}
	return text
}

// anySpelling matches a text of which each letter may be escaped in any way.
func anySpelling(plain string) *regexp.Regexp {
	var b strings.Builder
	for _, r := range plain {
		ways := []string{
			regexp.QuoteMeta(html.EscapeString(string(r))),
			"(?i:" + percent(string(r)) + ")", fmt.Sprintf(`(?i:\\+u%04x)`, r), fmt.Sprintf("(?i:&#0*%d;|&#x0*%x;)", r, r),
		}
		switch r {
		case ' ':
			ways = append(ways, `\+`)
		case '"':
			ways = append(ways, `\\+"`, "&quot;")
		case '\'':
			ways = append(ways, `\\+'`, "&apos;")
		case '\\':
			ways = append(ways, `\\\\+`)
		}
		ways = append(ways, regexp.QuoteMeta(string(r))) // last: the others may begin with it
		b.WriteString("(?:" + strings.Join(ways, "|") + ")")
	}
	return regexp.MustCompile(b.String())
}

// percent writes every byte as in a URL.
func percent(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		fmt.Fprintf(&b, "%%%02x", s[i])
	}
	return b.String()
}
