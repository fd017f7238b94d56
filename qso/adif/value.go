package adif

import (
	"unicode/utf8"

	"qslbox/qso"
)

// oddValue settles where a value ends that holds bytes above 0x7F or is
// followed by text, and adds the field: a length may count letters, reach into
// the next tag, or end inside a word. p is the field's tag, [from, to) the value by bytes. It
// returns where to go on.
func (r *Reader) oddValue(p int, f Field, from, to int) (next int, ev event) {
	b := r.buf[:r.end]
	if !r.room(p) {
		return p, r.tooMany(from)
	}
	ascii := isASCII(r.buf, from, to)
	if !ascii {
		byLetters, incomplete := lettersEnd(b, from, to, r.maxField)
		if incomplete && !r.eof {
			return r.more(p, min(from+4*(to-from), from+r.maxField)+maxTag)
		}
		to = byLetters
	}
	if to < len(b) && b[to] > ' ' && b[to] != '<' {
		at, incomplete := insideTag(b, from, to)
		if incomplete && !r.eof {
			return r.more(p, to+maxTag)
		}
		switch {
		case at >= 0:
			to = at
		case ascii:
			if to, incomplete = wordEnd(b, f.ID, from, to); incomplete && !r.eof {
				return r.more(p, to+maxTag)
			}
		}
	}
	if ascii || utf8.Valid(b[from:to]) {
		f.Value = b[from:to]
		r.add(f, from, to)
		return to, atNothing
	}
	before := len(r.scratch)
	r.scratch = appendLatin1(r.scratch, b[from:to])
	f.Value = r.scratch[before:len(r.scratch):len(r.scratch)]
	r.add(f, from, to)
	r.fields[len(r.fields)-1].at = -1
	return to, atNothing
}

// wordEnd returns where a value ends whose length stops inside a word: behind
// the word if nothing else stands before the next tag, because a cut call or
// mode is a wrong one and half a word is no remark. Dates and times have their
// own lengths, a letter may be all that counts of "Yes", and a unit is no part
// of a number: those are taken as counted. incomplete says that b is too short
// to tell.
func wordEnd(b []byte, id qso.FieldID, from, to int) (end int, incomplete bool) {
	part := isWordByte
	switch id.ADIFType() {
	case "Date", "Time", "Boolean":
		return to, false
	case "Number", "Integer", "PositiveInteger":
		part = isNumberByte
	case "Enumeration":
		if to-from < 2 {
			return to, false
		}
	}
	if to == from || !part(b[to-1]) {
		return to, false
	}
	limit := min(len(b), to+maxTag)
	for end = to; end < limit && part(b[end]); end++ {
	}
	if blank, _, incomplete := restIsBlank(b, end); blank || incomplete {
		return end, incomplete
	}
	return to, false
}

func isWordByte(c byte) bool {
	return c-'0' <= 9 || c|0x20-'a' < 26 || c == '/' || c == '-'
}

func isNumberByte(c byte) bool { return c-'0' <= 9 || c == '.' }

// lettersEnd decides whether a length counts bytes or letters. Letters it is
// if counting bytes leaves text before the next tag, or cuts a letter, and
// counting letters does not. A letter that the length cuts belongs to the value
// in any case. It returns the end of the value; incomplete says that b is too
// short to tell.
func lettersEnd(b []byte, from, to, maxField int) (end int, incomplete bool) {
	blank, next, incomplete := restIsBlank(b, to)
	if incomplete {
		return to, true
	}
	if blank {
		return to, false
	}
	letters, whole := to-from, to
	for end = from; letters > 0 && end < len(b); letters-- {
		_, size := utf8.DecodeRune(b[end:])
		if size == 1 && b[end] >= utf8.RuneSelf {
			if !utf8.FullRune(b[end:]) {
				return to, true
			}
			return to, false // not UTF-8: letters are bytes
		}
		if end < to && end+size > to {
			whole = end + size
		}
		if end += size; end-from > maxField {
			return whole, false
		}
	}
	if letters > 0 {
		return whole, true
	}
	if next >= 0 && end > next {
		return whole, false // would swallow the next tag
	}
	if blank, _, incomplete = restIsBlank(b, end); blank || incomplete {
		return end, incomplete
	}
	return whole, false
}

// restIsBlank reports whether only blanks stand between i and the next "<" or
// the end of b, and where that "<" is if it was seen (-1 else). Blanks in
// plenty are blank.
func restIsBlank(b []byte, i int) (blank bool, next int, incomplete bool) {
	limit := min(len(b), i+maxTag)
	for ; i < limit; i++ {
		if b[i] == '<' {
			return true, i, false
		}
		if !isBlank(b[i]) {
			return false, nextBracket(b, i), false
		}
	}
	return true, -1, i == len(b)
}

// nextBracket finds the next "<" within a tag's length.
func nextBracket(b []byte, i int) int {
	for limit := min(len(b), i+maxTag); i < limit; i++ {
		if b[i] == '<' {
			return i
		}
	}
	return -1
}

// decode returns a value as UTF-8: as it is if it is valid, else read as
// ISO-8859-1.
func decode(value []byte) []byte {
	if utf8.Valid(value) {
		return value
	}
	return appendLatin1(nil, value)
}

// appendLatin1 appends text in ISO-8859-1, in which every byte is the letter of
// that number, as UTF-8.
func appendLatin1(b, text []byte) []byte {
	for _, c := range text {
		b = utf8.AppendRune(b, rune(c))
	}
	return b
}

// Decode returns text as the reader understands it: as it is if it is UTF-8,
// else read as ISO-8859-1.
func Decode(text []byte) string { return string(decode(text)) }
