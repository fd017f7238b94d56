package syncers

import (
	"bytes"

	"qslbox/qso/adif"
)

// Whole reports whether a record's text goes up to its <eor>: a reader also
// takes a last record without one, which in an answer of a service may have
// been cut between two fields. Of a very long record only the beginning is
// known, and believed.
func Whole(rec *adif.Record) bool {
	if len(rec.Raw) >= adif.MaxText {
		return true
	}
	tail := bytes.ToLower(rec.Raw[max(0, len(rec.Raw)-16):])
	i := bytes.LastIndexByte(tail, '<')
	return i >= 0 && bytes.HasPrefix(tail[i:], []byte("<eor")) && bytes.HasSuffix(tail, []byte(">"))
}
