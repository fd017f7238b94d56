package dcl

import (
	"bufio"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// kept is how much of a text is kept while an answer is looked through.
const kept = 1 << 10

// errNotJSON says that an answer is no JSON object.
var errNotJSON = errors.New("not JSON")

// member is one member of the answer's object.
type member struct {
	kind  byte   // the first byte of its value: " n t f { [ or of a number
	text  string // the beginning of a text
	start int64  // of a text's inside, in the answer
	blank bool   // the text holds nothing but blanks
}

// scan looks through an answer in constant memory and returns the members of
// its object; of two with one name the last counts. An error is
// io.ErrUnexpectedEOF for an answer that ends too early, errNotJSON, or that of
// the reader. What stands behind the object is not looked at.
func scan(r io.Reader) (map[string]member, error) {
	s := &scanner{in: bufio.NewReaderSize(r, 64<<10)}
	members := map[string]member{}
	c := s.token()
	if c == 0xEF && s.next() == 0xBB && s.next() == 0xBF {
		c = s.token()
	}
	if c != '{' {
		return nil, s.wrong()
	}
	if c = s.token(); c == '}' {
		return members, s.err
	}
	for s.err == nil {
		if c != '"' {
			return nil, s.wrong()
		}
		name := s.text().text
		if s.token() != ':' {
			return nil, s.wrong()
		}
		m := s.value()
		if s.err != nil {
			break
		}
		members[name] = m
		switch c = s.token(); c {
		case '}':
			return members, s.err
		case ',':
			c = s.token()
		default:
			return nil, s.wrong()
		}
	}
	return nil, s.err
}

type scanner struct {
	in  *bufio.Reader
	at  int64 // bytes taken
	err error
}

// next takes one byte; 0 after an error.
func (s *scanner) next() byte {
	if s.err != nil {
		return 0
	}
	c, err := s.in.ReadByte()
	if err == io.EOF {
		err = io.ErrUnexpectedEOF
	}
	s.err = err
	s.at++
	return c
}

// token takes the next byte that is no white space.
func (s *scanner) token() byte {
	for {
		switch c := s.next(); c {
		case ' ', '\t', '\r', '\n':
		default:
			return c
		}
	}
}

func (s *scanner) wrong() error {
	if s.err == nil {
		s.err = errNotJSON
	}
	return s.err
}

// value reads the value of a member.
func (s *scanner) value() member {
	switch c := s.token(); c {
	case '"':
		return s.text()
	case '{', '[':
		s.nested()
		return member{kind: c}
	case 0, '}', ']', ',', ':':
		_ = s.wrong()
		return member{}
	default:
		s.bare()
		return member{kind: c}
	}
}

// bare takes the rest of a number or word.
func (s *scanner) bare() {
	for s.err == nil {
		b, err := s.in.Peek(1)
		if err != nil {
			s.next()
			return
		}
		switch c := b[0]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '+', c == '-', c == '.':
			s.next()
		default:
			return
		}
	}
}

// nested takes the rest of an object or list, whatever is in it.
func (s *scanner) nested() {
	for depth := 1; depth > 0 && s.err == nil; {
		switch s.next() {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		case '"':
			s.text()
		}
	}
}

// text takes a text whose opening quote is taken.
func (s *scanner) text() member {
	m := member{kind: '"', start: s.at, blank: true}
	t := text{in: s.in}
	head := make([]byte, 0, 64)
	buf := make([]byte, 4<<10)
	for {
		n, err := t.Read(buf)
		for _, c := range buf[:n] {
			m.blank = m.blank && c <= ' '
		}
		head = append(head, buf[:min(n, kept-len(head))]...)
		if err == io.EOF {
			break
		}
		if err != nil {
			s.err = err
			break
		}
	}
	s.at += t.taken
	m.text = string(head)
	return m
}

// text reads the inside of a JSON text, up to its closing quote, as the UTF-8
// that it means. Control characters that should have been escaped are taken as
// they are.
type text struct {
	in    *bufio.Reader
	taken int64
	rest  []byte // decoded, but without room in the caller's buffer
	err   error
}

// Read fills b; io.EOF is the closing quote, io.ErrUnexpectedEOF an answer that
// ends before it.
func (t *text) Read(b []byte) (int, error) {
	n := copy(b, t.rest)
	t.rest = t.rest[n:]
	for n < len(b) && t.err == nil {
		c := t.next()
		switch {
		case t.err != nil:
		case c == '"':
			t.err = io.EOF
		case c == '\\':
			t.rest = t.escape(t.rest[:0])
			more := copy(b[n:], t.rest)
			n, t.rest = n+more, t.rest[more:]
		default:
			b[n] = c
			n++
		}
	}
	if n > 0 || len(b) == 0 {
		return n, nil
	}
	return 0, t.err
}

func (t *text) next() byte {
	c, err := t.in.ReadByte()
	switch err {
	case nil:
		t.taken++
	case io.EOF:
		t.err = io.ErrUnexpectedEOF
	default:
		t.err = err
	}
	return c
}

var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

// escape appends what an escape means whose backslash is taken.
func (t *text) escape(b []byte) []byte {
	c := t.next()
	switch {
	case t.err != nil:
		return b
	case c == 'u':
		return t.unicode(b, t.hex())
	case escapes[c] == 0:
		t.err = errNotJSON
		return b
	}
	return append(b, escapes[c])
}

// unicode appends the letter of a \u escape, and reads the second half of a
// pair.
func (t *text) unicode(b []byte, r rune) []byte {
	for utf16.IsSurrogate(r) && t.err == nil {
		ahead, _ := t.in.Peek(2)
		if string(ahead) != `\u` {
			return utf8.AppendRune(b, utf8.RuneError)
		}
		t.next()
		t.next()
		low := t.hex()
		if whole := utf16.DecodeRune(r, low); whole != utf8.RuneError {
			return utf8.AppendRune(b, whole)
		}
		b, r = utf8.AppendRune(b, utf8.RuneError), low
	}
	if t.err != nil {
		return b
	}
	return utf8.AppendRune(b, r)
}

func (t *text) hex() rune {
	var r rune
	for range 4 {
		c := t.next()
		switch {
		case t.err != nil:
			return 0
		case '0' <= c && c <= '9':
			r = r<<4 | rune(c-'0')
		case 'a' <= c && c <= 'f':
			r = r<<4 | rune(c-'a'+10)
		case 'A' <= c && c <= 'F':
			r = r<<4 | rune(c-'A'+10)
		default:
			t.err = errNotJSON
			return 0
		}
	}
	return r
}
