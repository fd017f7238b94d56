package adif

// maxTag is the longest tag that is recognised, brackets included, and maxName
// the longest name.
const (
	maxTag  = 256
	maxName = 200

	// maxLength is where a length stops growing: far above what any field may
	// have, and with one more digit still an int of 32 bits.
	maxLength = 1 << 27
)

// tag is one "<NAME>", "<NAME:LENGTH>" or "<NAME:LENGTH:TYPE>".
type tag struct {
	name   []byte
	length int  // -1: none, or not a whole number
	kind   byte // type indicator, upper case; 0 if none
	end    int  // bytes up to and with ">"; 0 if this is no tag
	skip   int  // bytes that surely hold no tag, if this is none
}

// parseTag reads the tag at the start of b, which is a "<". incomplete says
// that b ends inside something that may still become a tag.
func parseTag(b []byte) (t tag, incomplete bool) {
	limit := min(len(b), maxTag)
	i := 1
	for i < limit && isNameByte(b[i]) {
		i++
	}
	switch {
	case i == limit:
		return tag{skip: i}, limit < maxTag
	case i == 1 || i > maxName+1 || b[1] == ' ' || b[i-1] == ' ' || b[i] != ':' && b[i] != '>':
		return tag{skip: i}, false
	}
	t = tag{name: b[1:i], length: -1}
	if b[i] == '>' {
		t.end = i + 1
		return t, false
	}
	digits := i + 1
	for i++; i < limit && b[i]-'0' <= 9; i++ {
		t.length = min(max(t.length, 0)*10+int(b[i]-'0'), maxLength)
	}
	if i < limit && b[i] != '>' && (b[i] != ':' || i == digits) {
		t.length = -1 // not a whole number
	}
	if i+1 < limit && b[i] == ':' {
		t.kind = upper(b[i+1])
		if t.kind == '>' {
			t.kind = 0
		}
	}
	for i < limit && b[i] != '>' && b[i] != '<' && b[i] >= ' ' {
		i++
	}
	switch {
	case i == limit:
		return tag{skip: i}, limit < maxTag
	case b[i] != '>':
		return tag{skip: i}, false
	}
	t.end = i + 1
	return t, false
}

// isNameByte reports whether c may stand in a field name: anything but control
// characters and what divides tags (ADIF 3.1.6, "field name").
func isNameByte(c byte) bool {
	return c >= ' ' && c != '<' && c != '>' && c != ':' && c != ',' && c != '{' && c != '}' && c != 0x7F
}

// isName compares a name with an upper-case one, letter case aside.
func isName(name []byte, want string) bool {
	if len(name) != len(want) {
		return false
	}
	for i, c := range name {
		if upper(c) != want[i] {
			return false
		}
	}
	return true
}

// insideTag returns where the tag begins that the text before b[end] ends in:
// a whole tag with a length, or an EOR or EOH, that starts before end and goes
// beyond it. It returns -1 if there is none. incomplete says that b is too
// short to tell.
func insideTag(b []byte, from, end int) (at int, incomplete bool) {
	for at = end - 1; at >= from && at > end-maxTag; at-- {
		switch b[at] {
		case '>':
			return -1, false
		case '<':
			t, incomplete := parseTag(b[at:])
			sound := t.length >= 0 || isName(t.name, "EOR") || isName(t.name, "EOH")
			if t.end > end-at && sound {
				return at, false
			}
			return -1, incomplete
		}
	}
	return -1, false
}
