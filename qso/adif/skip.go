package adif

import "bytes"

// maxEOR is the longest EOR tag that is recognised while skipping.
const maxEOR = 16

// skip leaves a record that cannot be read behind: it goes on behind the next
// EOR, wherever that stands, and returns what was wrong.
func (r *Reader) skip() error {
	f := r.fault
	text := append([]byte(nil), r.buf[r.first:min(f.from, r.first+MaxText)]...)
	bad := &RecordError{Offset: r.base + int64(r.first), Reason: f.reason, Field: f.field, Length: f.length}
	r.fields, r.pos = r.fields[:0], f.from
	seen := 0
	take := func(to int) {
		text = append(text, r.buf[r.pos:min(to, r.pos+max(0, MaxText-len(text)))]...)
		seen += to - r.pos
		r.pos = to
	}
	for {
		if end := findEOR(r.buf[r.pos:r.end]); end > 0 {
			take(r.pos + end)
			if bad.Reason == BadLength && seen > r.maxField {
				bad.Reason = TooBig
			}
			break
		}
		if r.eof {
			take(r.end)
			switch {
			case seen > r.maxField:
				bad.Reason = TooBig
			case bad.Reason == BadLength:
				bad.Reason = Truncated
			}
			break
		}
		take(max(r.pos, r.end-maxEOR))
		r.need = slack
		r.fill()
	}
	return r.numbered(bad, text)
}

// numbered counts the record that could not be read.
func (r *Reader) numbered(bad *RecordError, text []byte) error {
	r.count++
	r.endMark = false
	bad.Record = r.count
	bad.Text = string(decode(text[:min(len(text), MaxText)]))
	return bad
}

// findEOR returns the offset behind the first EOR tag in b; 0 if there is none.
func findEOR(b []byte) int {
	for at := 0; ; {
		i := bytes.IndexByte(b[at:], '<')
		if i < 0 {
			return 0
		}
		at += i + 1
		if len(b)-at < 4 || !isName(b[at:at+3], "EOR") {
			continue
		}
		end := at + 3
		if b[end] == ':' {
			for end++; end < len(b) && b[end]-'0' <= 9; end++ {
			}
		}
		if end < len(b) && b[end] == '>' {
			return end + 1
		}
	}
}

// cutTag reports whether the input ends inside a tag behind the last field,
// other than an EOR.
func (r *Reader) cutTag() bool {
	from := r.start + int(r.fields[len(r.fields)-1].end)
	rest := r.buf[max(from, r.end-maxTag):r.end]
	i := bytes.LastIndexByte(rest, '<')
	if i < 0 {
		return false
	}
	_, cut := parseTag(rest[i:])
	name := rest[i+1:]
	return cut && !isName(name, "EO") && !isName(name, "EOR")
}
