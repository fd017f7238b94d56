package adif

import (
	"bytes"
	"encoding/binary"
	"strings"

	"qslbox/qso"
)

// event is why the scanner stopped.
type event int

const (
	atNothing event = iota // goes on
	atEOR                  // pos is behind an EOR
	atEOH                  // pos is behind an EOH
	atMore                 // needs r.need bytes behind pos
	atEnd                  // end of the input
	atFault                // r.fault says what is wrong
)

// eorTag is "eor>" as a little-endian word, and lowCase makes it of "EOR>".
const (
	eorTag  = 'e' | 'o'<<8 | 'r'<<16 | '>'<<24
	lowCase = 0x00202020
)

// scan reads fields into r.fields until something else happens. It is the hot
// loop: whatever is not the usual case goes to oddTag and oddValue.
func (r *Reader) scan() event {
	b, p := r.buf, r.pos
	last := qso.NoField // the field before
	for {
		if p > r.end-slack && !(r.eof && p < r.end) {
			return r.stop(p)
		}
		if b[p] != '<' {
			if b[p+1] != '<' || p+1 >= r.end { // not the usual single blank
				p = r.seek(p)
				continue
			}
			p++
		}
		known := r.follows[last]
		if known == nil || !known.matches(b[p+1:]) {
			known = r.lookUp(p, last)
		}
		if known != nil {
			digits := p + 2 + len(known.name) // behind the colon
			q, length, kind := digits, 0, byte(0)
			for ; b[q]-'0' <= 9 && length < maxLength; q++ {
				length = length*10 + int(b[q]-'0')
			}
			if b[q] == ':' && b[q+2] == '>' {
				kind = upper(b[q+1])
				q += 2
			}
			from, to := q+1, q+1+length
			i := len(r.fields)
			if b[q] == '>' && q > digits && length <= r.maxField && to < r.end && (b[to] <= ' ' || b[to] == '<') &&
				isASCII(b, from, to) && (i > 0 && i < cap(r.fields) || r.room(p)) {
				r.fields = r.fields[:i+1]
				f := &r.fields[i]
				f.ID, f.Type, f.Name = known.id, kind, ""
				f.at, f.end = int32(from-r.start), int32(to-r.start)
				f.Value = b[from:to]
				if length > 0 && (b[from] <= ' ' || b[to-1] <= ' ') {
					f.trim()
				}
				p, last = to, known.id
				continue
			}
		}
		next, ev := r.oddTag(p)
		if ev != atNothing {
			return ev
		}
		p = next
	}
}

// seek returns where the next tag may begin, at or behind p.
func (r *Reader) seek(p int) int {
	if i := bytes.IndexByte(r.buf[p:r.end], '<'); i >= 0 {
		return p + i
	}
	return r.end
}

// lookUp finds the known name of the tag at p and remembers that it followed
// last.
func (r *Reader) lookUp(p int, last qso.FieldID) *nameEntry {
	if binary.LittleEndian.Uint32(r.buf[p+1:])|lowCase == eorTag {
		return nil
	}
	known := r.names.find(r.buf[p+1:])
	if known != nil {
		r.follows[last] = known
	}
	return known
}

// stop says why there is nothing to scan at p: more has to be read, or the
// input is at its end.
func (r *Reader) stop(p int) event {
	r.pos, r.need = min(p, r.end), slack
	if r.eof {
		return atEnd
	}
	return atMore
}

// more asks for the buffer to be filled at least to byte to.
func (r *Reader) more(p, to int) (int, event) {
	r.pos, r.need = p, to-p+slack
	return p, atMore
}

// room makes place for one more field, whose tag stands at tag; false if the
// record has too many.
func (r *Reader) room(tag int) bool {
	if len(r.fields) == 0 {
		r.first = tag
	}
	if n := len(r.fields); n == cap(r.fields) {
		more := make([]Field, n, min(max(64, 2*n), maxFields))
		copy(more, r.fields)
		r.fields = more
	}
	return len(r.fields) < cap(r.fields)
}

// add appends a field; its value was counted to be at [from, to).
func (r *Reader) add(f Field, from, to int) {
	f.at, f.end = int32(from-r.start), int32(to-r.start)
	f.trim()
	r.fields = append(r.fields, f)
}

// trim takes the blanks off both ends of the value.
func (f *Field) trim() {
	n := len(f.Value)
	f.Value = trimLeft(f.Value)
	f.at += int32(n - len(f.Value))
	f.Value = trimRight(f.Value)
}

// tooMany gives the record up because of its many fields.
func (r *Reader) tooMany(from int) event {
	r.pos, r.fault = from, fault{reason: TooBig, from: from}
	return atFault
}

func trimLeft(b []byte) []byte {
	for len(b) > 0 && isBlank(b[0]) {
		b = b[1:]
	}
	return b
}

func trimRight(b []byte) []byte {
	for len(b) > 0 && isBlank(b[len(b)-1]) {
		b = b[:len(b)-1]
	}
	return b
}

func isBlank(c byte) bool { return c == ' ' || '\t' <= c && c <= '\r' }

func upper(c byte) byte {
	if 'a' <= c && c <= 'z' {
		return c - 'a' + 'A'
	}
	return c
}

// isASCII reports whether b[from:to] has no byte above 0x7F. It may look at
// seven bytes behind to.
func isASCII(b []byte, from, to int) bool {
	for ; to-from > 8; from += 8 {
		if binary.LittleEndian.Uint64(b[from:])&highBits != 0 {
			return false
		}
	}
	return binary.LittleEndian.Uint64(b[from:])&highBits<<(64-8*uint(to-from)) == 0
}

// oddTag deals with everything that starts with "<" and is not the tag of a
// known field with a sound length: EOR, EOH, names that package qso does not
// know, tags without length (comment, or LoTW's end mark), stray brackets, and
// lengths that do not fit. It returns where to go on.
func (r *Reader) oddTag(p int) (int, event) {
	if binary.LittleEndian.Uint32(r.buf[p+1:])|lowCase == eorTag {
		r.pos = p + 5
		return r.pos, atEOR
	}
	t, incomplete := parseTag(r.buf[p:r.end])
	if incomplete && !r.eof {
		if r.end-p < maxTag {
			return r.more(p, p+maxTag)
		}
		incomplete = false
	}
	switch {
	case t.end == 0:
		return p + max(t.skip, 1), atNothing
	case isName(t.name, "EOR"):
		r.pos = p + t.end
		return r.pos, atEOR
	case isName(t.name, "EOH"):
		r.pos = p + t.end
		return r.pos, atEOH
	case t.length < 0:
		if isName(t.name, "APP_LOTW_EOF") {
			r.endMark = true
		}
		return p + t.end, atNothing
	}
	id := qso.LookupField(t.name)
	name := ""
	if id == qso.NoField {
		name = r.intern(t.name)
	}
	from := p + t.end
	to := from + t.length
	switch {
	case t.length > r.maxField, r.eof && to > r.end:
		return p, r.wrongLength(p, from, t)
	case to >= r.end && !r.eof:
		return r.more(p, to)
	}
	f := Field{ID: id, Type: t.kind, Name: name}
	if c := r.buf[to]; c > ' ' && c != '<' || !isASCII(r.buf, from, to) {
		return r.oddValue(p, f, from, to)
	}
	if !r.room(p) {
		return p, r.tooMany(from)
	}
	f.Value = r.buf[from:to]
	r.add(f, from, to)
	return to, atNothing
}

// wrongLength notes a length that reaches beyond the cap or the input. Which
// reason it is turns out while looking for the next EOR.
func (r *Reader) wrongLength(p, from int, t tag) event {
	if len(r.fields) == 0 {
		r.first = p
	}
	r.pos = from
	r.fault = fault{reason: BadLength, field: upperName(t.name), length: t.length, from: from}
	return atFault
}

// intern returns the upper-case spelling of a name, valid UTF-8.
func (r *Reader) intern(name []byte) string {
	if s, ok := r.unknown[string(name)]; ok {
		return s
	}
	s := upperName(name)
	if r.unknown == nil {
		r.unknown = map[string]string{}
	}
	if len(r.unknown) < maxNames {
		r.unknown[string(name)] = s
	}
	return s
}

// upperName returns a name in upper case (of ASCII letters only) and UTF-8.
func upperName(name []byte) string {
	clean := append([]byte(nil), decode(name)...)
	for i, c := range clean {
		clean[i] = upper(c)
	}
	return strings.ToValidUTF8(string(clean[:min(len(clean), maxName)]), "")
}
