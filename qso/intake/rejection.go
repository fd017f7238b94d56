package intake

import (
	"fmt"
	"strings"

	"qslbox/qso/adif"
)

// Reason is a short word for why a record was rejected.
type Reason = adif.Reason

// The reasons. The last three come from package adif.
const (
	NoCall       Reason = "no-call"
	BadCall      Reason = "bad-call"
	BadDate      Reason = "bad-date"
	BadTime      Reason = "bad-time"
	NoBandOrFreq Reason = "no-band-or-freq"
	BadBand      Reason = "bad-band"
	NoMode       Reason = "no-mode"
	BadLength           = adif.BadLength
	Truncated           = adif.Truncated
	TooBig              = adif.TooBig
)

// Rejection is a record that did not become a QSO, and why.
type Rejection struct {
	Record  int    `json:"record"` // number in the file, from 1
	Offset  int64  `json:"offset"` // byte in the file
	Reason  Reason `json:"reason"`
	Message string `json:"message"` // a sentence: what, why, remedy
	Text    string `json:"text"`    // the record as ADIF, at most adif.MaxText bytes
}

// Unreadable makes a rejection of a record that could not be read.
func Unreadable(bad *adif.RecordError) *Rejection {
	r := &Rejection{Record: bad.Record, Offset: bad.Offset, Reason: bad.Reason, Text: bad.Text}
	switch {
	case bad.Reason == Truncated:
		r.Message = "the file ends inside this record; export the log again and import the whole file"
	case bad.Reason == TooBig && bad.Field != "":
		r.Message = fmt.Sprintf("field %s claims %d bytes, more than a QSO can hold; shorten it and import the record again", bad.Field, bad.Length)
	case bad.Reason == TooBig:
		r.Message = "the record is larger than a QSO can be; shorten it and import it again"
	default:
		r.Message = fmt.Sprintf("field %s claims %d bytes, which goes beyond the record; correct the length and import the record again", bad.Field, bad.Length)
	}
	return r
}

// reject makes a rejection of a record that could be read.
func reject(rec *adif.Record, reason Reason, format string, args ...any) *Rejection {
	return &Rejection{rec.Number, rec.Offset, reason, fmt.Sprintf(format, args...), adif.Decode(rec.Raw)}
}

// quote shows a value in a message: its first letters, in quotation marks.
func quote(value []byte) string {
	const shown = 40
	if len(value) > shown {
		return fmt.Sprintf("%q", strings.ToValidUTF8(string(value[:shown]), "")+"…")
	}
	return fmt.Sprintf("%q", value)
}

// cause is what an error of package qso says of the value, without the
// sentinel's own words in front.
func cause(err error) string {
	if _, text, found := strings.Cut(err.Error(), ": "); found {
		return text
	}
	return err.Error()
}
