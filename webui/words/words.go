package words

import (
	"embed"
	"fmt"
	"strconv"
	"strings"
	"sync"
)

//go:embed catalogue/*.txt
var files embed.FS

// Language is a language the pages are written in, as HTML's lang attribute
// names it.
type Language string

// The languages. English is the one used when a reader asks for none of them.
const (
	English Language = "en"
	German  Language = "de"
)

// Languages returns all languages, the default first.
func Languages() []Language { return []Language{English, German} }

// Name returns what speakers call the language.
func (l Language) Name() string {
	if l == German {
		return "Deutsch"
	}
	return "English"
}

// Parse returns the language of a tag such as "de" or "de-AT", and whether it
// is one of ours.
func Parse(tag string) (Language, bool) {
	primary, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(tag)), "-")
	for _, l := range Languages() {
		if primary == string(l) {
			return l, true
		}
	}
	return English, false
}

// Match chooses the language for an Accept-Language header: the one of ours
// with the highest weight, the first of equals, else English.
func Match(accept string) Language {
	best, weight := English, 0.0
	for item := range strings.SplitSeq(accept, ",") {
		tag, rest, _ := strings.Cut(item, ";")
		q := 1.0
		if value, ok := strings.CutPrefix(strings.TrimSpace(rest), "q="); ok {
			var err error
			if q, err = strconv.ParseFloat(value, 64); err != nil {
				continue
			}
		}
		if l, ok := Parse(tag); ok && q > weight {
			best, weight = l, q
		}
	}
	return best
}

// Printer writes texts, numbers and times in one language. It is safe for
// concurrent use.
type Printer struct {
	Language Language
	texts    map[string]string
	thousand string // between groups of three digits
	decimal  string
}

var printers = sync.OnceValue(func() map[Language]*Printer {
	all := map[Language]*Printer{}
	for _, l := range Languages() {
		texts, err := load(l)
		if err != nil {
			panic(err) // the catalogue is compiled in; a test reads it
		}
		p := &Printer{Language: l, texts: texts, thousand: ",", decimal: "."}
		if l == German {
			p.thousand, p.decimal = ".", ","
		}
		all[l] = p
	}
	return all
})

// For returns the printer of a language.
func For(l Language) *Printer {
	if p, ok := printers()[l]; ok {
		return p
	}
	return printers()[English]
}

// load reads one catalogue file.
func load(l Language) (map[string]string, error) {
	name := "catalogue/" + string(l) + ".txt"
	data, err := files.ReadFile(name)
	if err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	texts := map[string]string{}
	number := 0
	for line := range strings.Lines(string(data)) {
		number++
		line = strings.TrimRight(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		key, text, ok := strings.Cut(line, ": ")
		if _, twice := texts[key]; !ok || twice {
			return nil, fmt.Errorf("words: %s line %d: want one new \"key: text\"", name, number)
		}
		texts[key] = text
	}
	return texts, nil
}

// Keys returns the catalogue's keys with their texts in the printer's
// language, for tests.
func (p *Printer) Keys() map[string]string {
	copied := make(map[string]string, len(p.texts))
	for k, v := range p.texts {
		copied[k] = v
	}
	return copied
}

// Has reports whether the catalogue holds the key.
func (p *Printer) Has(key string) bool {
	_, ok := p.texts[key]
	return ok
}

// Text returns the text of a key with its arguments in place. Integers are
// written as Number writes them. A key that is not in the catalogue returns
// itself, so that a mistake is visible on the page and breaks nothing.
func (p *Printer) Text(key string, args ...any) string {
	text, ok := p.texts[key]
	if !ok {
		return key
	}
	if len(args) == 0 {
		return text
	}
	pairs := make([]string, 0, 2*len(args))
	for i, a := range args {
		pairs = append(pairs, "{"+strconv.Itoa(i)+"}", p.argument(a))
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

func (p *Printer) argument(a any) string {
	switch v := a.(type) {
	case string:
		return v
	case int:
		return p.Number(v)
	case int64:
		return p.Number(int(v))
	case uint64:
		return p.Number(int(v))
	case fmt.Stringer:
		return v.String()
	}
	return fmt.Sprint(a)
}

// Count returns the text for n counted things: key.one for one, key.other for
// any other number. {0} is the number; further arguments follow it.
func (p *Printer) Count(key string, n int, more ...any) string {
	form := ".other"
	if n == 1 {
		form = ".one"
	}
	return p.Text(key+form, append([]any{n}, more...)...)
}
