package adif

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"qslbox/qso"
)

// Version is the ADIF version that a Writer declares.
const Version = "3.1.6"

// FileHeader is what a Writer puts in front of the records.
type FileHeader struct {
	Text           string    // a line for people; "<" is taken out of it
	ProgramID      string    // PROGRAMID
	ProgramVersion string    // PROGRAMVERSION, left out if empty
	Created        time.Time // CREATED_TIMESTAMP, left out if zero
}

// Writer writes ADIF in a buffered stream. Lengths count bytes; each record is
// one line. The first error sticks and is returned by every later call.
type Writer struct {
	w      *bufio.Writer
	header FileHeader
	begun  bool
	line   []byte
	err    error
}

// NewWriter returns a writer whose header is written with the first record, or
// by Flush if there is none.
func NewWriter(w io.Writer, header FileHeader) *Writer {
	return &Writer{w: bufio.NewWriterSize(w, 64<<10), header: header}
}

// Write writes one record of the fields in their order; empty ones are left
// out, and so is a record without any.
func (w *Writer) Write(fields iter.Seq[qso.Field]) error {
	w.line = w.line[:0]
	for f := range fields {
		w.line = appendField(w.line, f)
	}
	if len(w.line) == 0 {
		return w.err
	}
	w.line = append(w.line, "<EOR>\n"...)
	w.begin()
	w.put(w.line)
	return w.err
}

// Flush writes everything that is buffered, and the header if no record was
// written.
func (w *Writer) Flush() error {
	w.begin()
	if err := w.w.Flush(); w.err == nil && err != nil {
		w.err = fmt.Errorf("adif: write: %w", err)
	}
	return w.err
}

func (w *Writer) put(b []byte) {
	if w.err != nil {
		return
	}
	if _, err := w.w.Write(b); err != nil {
		w.err = fmt.Errorf("adif: write: %w", err)
	}
}

// begin writes the header, once.
func (w *Writer) begin() {
	if w.begun {
		return
	}
	w.begun = true
	h := w.header
	text := strings.ReplaceAll(h.Text, "<", "")
	if text == "" {
		text = "ADIF export"
	}
	b := append([]byte(text), '\n')
	line := func(name, value string) {
		if value != "" {
			b = appendField(b, qso.Field{Name: name, Value: value})
			b[len(b)-1] = '\n'
		}
	}
	line("ADIF_VER", Version)
	if !h.Created.IsZero() {
		line("CREATED_TIMESTAMP", h.Created.UTC().Format("20060102 150405"))
	}
	line("PROGRAMID", h.ProgramID)
	line("PROGRAMVERSION", h.ProgramVersion)
	w.put(append(b, "<EOH>\n"...))
}

// appendField appends one field and a blank, or nothing if its value is empty.
// Text that is no UTF-8 is taken as ISO-8859-1, as the reader does.
func appendField(b []byte, f qso.Field) []byte {
	if f.Value == "" {
		return b
	}
	value := f.Value
	if !utf8.ValidString(value) {
		value = string(appendLatin1(nil, []byte(value)))
	}
	b = append(b, '<')
	if f.ID != qso.NoField {
		b = append(b, f.ID.String()...)
	} else {
		b = appendName(b, f.Name)
	}
	b = strconv.AppendInt(append(b, ':'), int64(len(value)), 10)
	if 'A' <= f.Type && f.Type <= 'Z' {
		b = append(b, ':', f.Type)
	}
	b = append(append(b, '>'), value...)
	return append(b, ' ')
}

// appendName appends a field name with every byte that may not stand in one
// replaced, so that nobody's name can break the file.
func appendName(b []byte, name string) []byte {
	start := len(b)
	name = strings.ToValidUTF8(name[:min(len(name), maxName)], "")
	for i := 0; i < len(name); i++ {
		c := name[i]
		if !isNameByte(c) || c == ' ' && (i == 0 || i == len(name)-1) {
			c = '_'
		}
		b = append(b, upper(c))
	}
	if len(b) == start {
		return append(b, '_')
	}
	if written := b[start:]; isName(written, "EOR") || isName(written, "EOH") {
		b = append(b, '_')
	}
	return b
}
