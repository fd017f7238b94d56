package words

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"
	"unicode/utf8"
)

// said is what the program says in sentences of its own: the API, the log and
// what is stored have them in English, pages in the reader's language. A
// sentence that is not in the list stays as it is.
type said struct {
	exact    map[string]string
	patterns []pattern // those with the most text first
}

// pattern is a sentence with places for what differs.
type pattern struct {
	pieces []string // of the English text, between the places
	places []int    // the arguments' numbers, one between two pieces
	german string
	short  bool // says little by itself: what stands in its places must be known
}

const (
	shortPattern = 9 // letters
	deepest      = 5 // sentences in sentences
)

var sentences = sync.OnceValue(func() *said {
	s, err := loadSaid()
	if err != nil {
		panic(err) // the catalogue is compiled in; a test reads it
	}
	return s
})

func loadSaid() (*said, error) {
	data, err := files.ReadFile("catalogue/said.txt")
	if err != nil {
		return nil, fmt.Errorf("words: %w", err)
	}
	s := &said{exact: map[string]string{}}
	english, number := "", 0
	for line := range strings.Lines(string(data)) {
		number++
		line = strings.TrimRight(line, "\n")
		if line == "" || line[0] == '#' {
			continue
		}
		german, translates := strings.CutPrefix(line, "> ")
		if translates == (english == "") {
			return nil, fmt.Errorf("words: said.txt line %d: want a sentence, then its German behind \"> \"", number)
		}
		if !translates {
			english = line
			continue
		}
		if !s.add(english, german) {
			return nil, fmt.Errorf("words: said.txt line %d: this sentence is there twice", number)
		}
		english = ""
	}
	slices.SortStableFunc(s.patterns, func(a, b pattern) int {
		return cmp.Compare(len(strings.Join(b.pieces, "")), len(strings.Join(a.pieces, "")))
	})
	return s, nil
}

func (s *said) add(english, german string) (fresh bool) {
	if _, twice := s.exact[english]; twice {
		return false
	}
	s.exact[english] = german
	p := pattern{german: german}
	rest := english
	for {
		before, after, found := strings.Cut(rest, "{")
		number, behind, closed := strings.Cut(after, "}")
		n, err := strconv.Atoi(number)
		if !found || !closed || err != nil {
			p.pieces = append(p.pieces, rest)
			break
		}
		p.pieces, p.places, rest = append(p.pieces, before), append(p.places, n), behind
	}
	if len(p.places) > 0 {
		letters := strings.Map(onlyLetters, strings.Join(p.pieces, ""))
		p.short = len(letters) < shortPattern || p.pieces[0] == ""
		s.patterns = append(s.patterns, p)
	}
	return true
}

// Said returns the sentences of the program with their German, for tests.
func Said() map[string]string { return sentences().exact }

// Say returns a sentence of the program in the printer's language; one that is
// not known stays as it is.
func (p *Printer) Say(sentence string) string {
	if p.Language == English || sentence == "" {
		return p.grouped(sentence)
	}
	text, _ := sentences().say(sentence, 0)
	return p.grouped(text)
}

// grouped writes the days of a sentence as the language has them, and large
// numbers with their thousands apart where they count something: "18994
// records". A number behind QSO names one.
func (p *Printer) grouped(sentence string) string {
	if !strings.ContainsAny(sentence, "0123456789") {
		return sentence
	}
	parts := strings.Split(sentence, " ")
	for i, part := range parts {
		bare := strings.TrimRight(part, ".,;:")
		if day, err := time.Parse(time.DateOnly, bare); err == nil && (i == 0 || !slices.Contains(naming, parts[i-1])) {
			parts[i] = p.Date(day) + part[len(bare):]
		}
		if i == len(parts)-1 {
			break
		}
		n, err := strconv.Atoi(part)
		next, _ := utf8.DecodeRuneInString(parts[i+1])
		if err == nil && n >= 10_000 && unicode.IsLetter(next) && (i == 0 || !slices.Contains(naming, parts[i-1])) {
			parts[i] = p.Number(n)
		}
	}
	return strings.Join(parts, " ")
}

// naming stand before numbers that name something rather than count it, and
// before days that show how to write one.
var naming = []string{"QSO", "record", "run", "port", "line", "HTTP", "Eintrag", "Lauf", "Port", "Zeile", "schreibe", "wie"}

// say reports also whether nothing of the sentence is left in English.
func (s *said) say(text string, depth int) (german string, whole bool) {
	if german, ok := s.exact[text]; ok {
		return german, true
	}
	if depth > deepest {
		return text, false
	}
	for i := range s.patterns {
		p := &s.patterns[i]
		if args := p.match(text); args != nil {
			if german, ok := s.fill(p, args, depth); ok {
				return german, true
			}
		}
	}
	for _, between := range []string{"; ", ", ", ": "} {
		if german, ok := s.parts(text, between, depth); ok {
			return german, true
		}
	}
	return text, false
}

// match returns what stands in the places, nil if the text is another one.
func (p *pattern) match(text string) (args []string) {
	rest, ok := strings.CutPrefix(text, p.pieces[0])
	if !ok {
		return nil
	}
	last := len(p.pieces) - 1
	for i := 1; i <= last; i++ {
		at := strings.Index(rest, p.pieces[i])
		if i == last {
			if at = len(rest) - len(p.pieces[i]); !strings.HasSuffix(rest, p.pieces[i]) {
				return nil
			}
		}
		if at <= 0 {
			return nil
		}
		args, rest = append(args, rest[:at]), rest[at+len(p.pieces[i]):]
	}
	return args
}

func (s *said) fill(p *pattern, args []string, depth int) (german string, ok bool) {
	pairs := make([]string, 0, 2*len(args))
	for i, arg := range args {
		in, whole := arg, isPlain(arg)
		if !whole {
			in, whole = s.say(arg, depth+1)
		} else if exact, ok := s.exact[arg]; ok {
			in = exact
		}
		if !whole && p.short {
			return "", false
		}
		pairs = append(pairs, "{"+strconv.Itoa(p.places[i])+"}", quoted(in))
	}
	return strings.NewReplacer(pairs...).Replace(p.german), true
}

// parts says a text that is put together of known ones.
func (s *said) parts(text, between string, depth int) (german string, ok bool) {
	parts := strings.Split(text, between)
	known := 0
	for i, part := range parts {
		if len(parts) == 1 {
			return "", false
		}
		if isPlain(part) {
			continue
		}
		if parts[i], ok = s.say(part, depth+1); !ok {
			return "", false
		}
		known++
	}
	return strings.Join(parts, between), known > 0
}

// isPlain reports whether a text is the same in every language: a word, a
// number, a time, or something quoted.
func isPlain(text string) bool {
	return !strings.Contains(text, " ") || len(text) > 1 && text[0] == '"' && text[len(text)-1] == '"' ||
		!strings.ContainsFunc(text, unicode.IsLetter)
}

// quoted writes a quoted text with the German marks.
func quoted(text string) string {
	if len(text) > 1 && text[0] == '"' && text[len(text)-1] == '"' && strings.Count(text, `"`) == 2 {
		return "„" + text[1:len(text)-1] + "“"
	}
	return text
}

func onlyLetters(r rune) rune {
	if unicode.IsLetter(r) {
		return r
	}
	return -1
}
