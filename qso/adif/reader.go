package adif

import (
	"bytes"
	"fmt"
	"io"
	"iter"

	"qslbox/qso"
)

// Defaults of the reader's options, and its fixed caps.
const (
	DefaultMaxField  = 1 << 20
	DefaultMaxRecord = 4 << 20
	defaultBuffer    = 128 << 10

	// maxFields caps the fields of one record; more are TooBig.
	maxFields = 2000
	// maxNames caps the table of names that package qso does not know.
	maxNames = 4096
	// slack is how many bytes behind the data the scanner may look at.
	slack = 64
)

// Option changes a reader's limits.
type Option func(*Reader)

// MaxField sets the largest value, in bytes, that is read (DefaultMaxField).
func MaxField(n int) Option { return func(r *Reader) { r.maxField = max(n, 1) } }

// MaxRecord sets the largest text of one record, in bytes, that is read
// (DefaultMaxRecord).
func MaxRecord(n int) Option { return func(r *Reader) { r.maxRecord = max(n, 1) } }

// BufferSize sets how many bytes are read at a time, at least 256. The result
// does not depend on it; tests lay records across its edges.
func BufferSize(n int) Option { return func(r *Reader) { r.size = max(n, 256) } }

// Reader reads the records of an ADIF input. It is not safe for concurrent
// use.
type Reader struct {
	src                 io.Reader
	maxField, maxRecord int
	size                int // read at a time

	buf    []byte // size+slack or more; data up to end
	end    int    // end of the data in buf
	base   int64  // input offset of buf[0]
	start  int    // where the current record's text, comments included, begins
	pos    int    // next byte to look at
	eof    bool   // end is the end of the input
	begun  bool
	failed error // of src
	done   error

	names   *nameTable
	follows []*nameEntry      // by field: which one came next the last time
	unknown map[string]string // names as written -> upper case
	fields  []Field
	first   int // the current record's first tag
	stray   mark
	rest    []Field // QSOs that were joined to the one before, not yet returned
	restEnd int     // where their text ends
	need    int     // bytes behind pos that the scanner waits for
	fault   fault   // why the current record is bad

	rec     Record
	count   int // records so far
	header  *Header
	headers int
	endMark bool
	binary  bool   // looks binary, unless a record or header turns up
	scratch []byte // values of the current record that were converted
}

// mark is where an EOH stood inside a record that was complete before it.
type mark struct{ fields, pos int }

// fault is what the scanner found wrong.
type fault struct {
	reason Reason
	field  string
	length int
	from   int // where to look for the next EOR
}

// NewReader returns a reader of the records in src. It reads ahead.
func NewReader(src io.Reader, opts ...Option) *Reader {
	r := &Reader{src: src, maxField: DefaultMaxField, maxRecord: DefaultMaxRecord, size: defaultBuffer, names: knownNames()}
	for _, opt := range opts {
		opt(r)
	}
	r.buf = make([]byte, r.size+slack)
	r.follows = make([]*nameEntry, qso.FieldCount())
	return r
}

// Header returns the last header read so far; nil if there was none.
func (r *Reader) Header() *Header { return r.header }

// EndMark reports whether LoTW's end mark (<APP_LoTW_EOF>) stood behind the
// last record read so far.
func (r *Reader) EndMark() bool { return r.endMark }

// Records yields the records one after the other, in constant memory. A record
// that cannot be read is yielded as a *RecordError, without a Record, and the
// loop goes on. Any other error ends it: a *RefusedError if the input is no
// ADIF, else what the source answered.
func (r *Reader) Records() iter.Seq2[*Record, error] {
	return func(yield func(*Record, error) bool) {
		for {
			rec, err := r.Next()
			if err == io.EOF || !yield(rec, err) || r.done != nil {
				return
			}
		}
	}
}

// Next returns the next record, io.EOF at the end, or an error as Records
// yields it.
func (r *Reader) Next() (*Record, error) {
	if r.done != nil {
		return nil, r.done
	}
	if !r.begun {
		if err := r.begin(); err != nil {
			return nil, r.finish(err)
		}
	}
	rec, err := r.next()
	if err == nil {
		return rec, nil
	}
	if _, bad := err.(*RecordError); !bad {
		return nil, r.finish(err)
	}
	return nil, err
}

func (r *Reader) finish(err error) error {
	r.done = err
	return err
}

// begin looks at the first bytes and refuses what cannot be ADIF.
func (r *Reader) begin() error {
	r.begun = true
	head := make([]byte, sniffed)
	n := r.readInto(head)
	head = head[:n]
	r.binary = isBinary(head)
	if kind := sniff(head); kind != "" && r.failed == nil {
		return &RefusedError{Kind: kind}
	}
	if r.eof {
		r.eof, r.src = false, bytes.NewReader(head)
	} else {
		r.src = io.MultiReader(bytes.NewReader(head), r.src)
	}
	return nil
}

func (r *Reader) next() (*Record, error) {
	if len(r.rest) > 0 {
		return r.split(r.rest, r.restEnd), nil
	}
	r.fields, r.scratch, r.stray = r.fields[:0], r.scratch[:0], mark{}
	r.start = r.pos
	for {
		switch r.scan() {
		case atEOR:
			if rec, err := r.endRecord(); rec != nil || err != nil {
				return rec, err
			}
		case atEOH:
			if rec := r.endHeader(); rec != nil {
				return rec, nil
			}
		case atFault:
			if rec := r.cutJoined(); rec != nil {
				return rec, nil
			}
			return nil, r.skip()
		case atMore:
			if len(r.fields) > 0 && r.pos-r.first > r.maxRecord {
				r.fault = fault{reason: TooBig, from: r.pos}
				return nil, r.skip()
			}
			r.fill()
		case atEnd:
			return r.last()
		}
	}
}

// endRecord makes a record of the fields before an EOR; nil if there are none.
func (r *Reader) endRecord() (*Record, error) {
	if len(r.fields) == 0 {
		r.start = r.pos
		return nil, nil
	}
	if r.pos-r.first > r.maxRecord {
		bad := &RecordError{Offset: r.base + int64(r.first), Reason: TooBig, Length: r.pos - r.first}
		return nil, r.numbered(bad, r.buf[r.first:r.pos])
	}
	if k := r.stray.fields; k > 0 && hasCall(r.fields[k:]) {
		r.pos = r.stray.pos // two records with only a bare EOH between them
		return r.record(r.fields[:k], r.pos), nil
	}
	return r.split(r.fields, r.pos), nil
}

func hasCall(fields []Field) bool {
	for i := range fields {
		if fields[i].ID == qso.FieldCall {
			return true
		}
	}
	return false
}

// record returns the fields as a record whose text ends at end.
func (r *Reader) record(fields []Field, end int) *Record {
	r.count++
	r.endMark = false
	r.rec.Number = r.count
	r.rec.Offset = r.base + int64(r.first)
	r.rec.Fields = fields
	r.rec.Raw = r.buf[r.first:min(end, r.first+MaxText)]
	r.rec.Header = r.header
	r.rec.skipped = r.first - r.start
	return &r.rec
}

// endHeader takes the fields before an EOH as header. If a QSO was complete
// before it, nothing of it is lost: either the header of a second file follows
// a record without EOR (then that record is returned), or the EOH is a stray
// one and is ignored.
func (r *Reader) endHeader() *Record {
	k := completeAt(r.fields)
	if k == 0 {
		r.setHeader(r.fields, r.start)
		r.fields = r.fields[:0]
		r.start = r.pos
		return nil
	}
	for k < len(r.fields) && !isHeaderName(r.fields[k].Name) {
		k++
	}
	if k == len(r.fields) {
		r.stray = mark{k, r.pos}
		return nil
	}
	end := r.start + int(r.fields[k-1].end)
	rec := r.record(r.fields[:k], end)
	r.setHeader(r.fields[k:], end)
	return rec
}

func (r *Reader) setHeader(fields []Field, from int) {
	r.header = newHeader(fields, r.buf[from:r.pos])
	r.headers++
}

// last deals with what stands behind the last EOR.
func (r *Reader) last() (*Record, error) {
	switch {
	case r.failed != nil: // what is pending may be cut
		return nil, fmt.Errorf("adif: read at byte %d: %w", r.base+int64(r.end), r.failed)
	case len(r.fields) > 0:
		if r.cutTag() {
			bad := &RecordError{Offset: r.base + int64(r.first), Reason: Truncated}
			return nil, r.numbered(bad, r.buf[r.first:r.end])
		}
		if r.stray.fields > 0 && hasCall(r.fields[r.stray.fields:]) {
			r.pos = r.stray.pos
			return r.record(r.fields[:r.stray.fields], r.pos), nil
		}
		return r.split(r.fields, r.end), nil
	case r.count == 0 && r.headers == 0 && !r.endMark:
		return nil, &RefusedError{Kind: r.kindOfRest()}
	}
	return nil, io.EOF
}

// fill reads until the buffer is full or the input ends. The current record
// moves to the front; the buffer grows if that leaves less than half of it.
func (r *Reader) fill() {
	if len(r.fields) == 0 {
		r.start = r.pos
	}
	keep := r.end - r.start
	room := len(r.buf) - slack
	target := r.buf
	if want := r.pos - r.start + r.need; keep > room/2 || want > room {
		target = make([]byte, max(2*room, want)+slack)
	}
	copy(target, r.buf[r.start:r.end])
	r.move(target, r.start)
	r.end += r.readInto(r.buf[r.end : len(r.buf)-slack])
	if r.eof {
		clear(r.buf[r.end : r.end+slack])
	}
}

// move makes target the buffer, in which what was at from now stands at 0.
func (r *Reader) move(target []byte, from int) {
	for i := range r.fields {
		f := &r.fields[i]
		if f.at >= 0 {
			f.Value = target[f.at : int(f.at)+len(f.Value)]
		}
	}
	r.buf = target
	r.base += int64(from)
	r.pos -= from
	r.first -= from
	r.end -= from
	r.stray.pos -= from
	r.start = 0
}

// readInto reads until b is full or the source ends; it notes that, and why.
func (r *Reader) readInto(b []byte) (n int) {
	for idle := 0; n < len(b); {
		m, err := r.src.Read(b[n:])
		n += m
		if idle++; m > 0 {
			idle = 0
		} else if err == nil && idle > 100 {
			err = io.ErrNoProgress
		}
		if err != nil {
			r.eof = true
			if err != io.EOF {
				r.failed = err
			}
			return n
		}
	}
	return n
}
