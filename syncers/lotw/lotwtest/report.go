package lotwtest

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"strconv"
	"strings"
	"time"
)

// report is one answer to write.
type report struct {
	query   query
	login   string
	now     time.Time
	records iter.Seq[QSO]
	total   int // how many of the records are sent
	first   QSO
	fault   Fault
}

// write writes the report. Errors of w stop it.
func (r *report) write(w io.Writer) error {
	b := &lines{w: bufio.NewWriterSize(w, 16<<10), eol: "\r\n"}
	if r.fault.LF {
		b.eol = "\n"
	}
	r.header(b)
	n := 0
	for rec := range r.records {
		if n == r.total || b.err != nil {
			break
		}
		if cut := r.fault.CutAfter; cut > 0 && n == cut {
			return b.flush()
		}
		r.record(b, &rec)
		n++
		if r.fault.Twice {
			r.record(b, &rec)
		}
	}
	if r.fault.Extra != "" {
		b.text(r.fault.Extra)
	}
	for r.fault.Endless && b.err == nil {
		r.record(b, &r.first)
	}
	if !r.fault.NoEnd {
		b.line("<APP_LoTW_EOF>")
	}
	return b.flush()
}

func (r *report) header(b *lines) {
	b.line("ARRL Logbook of the World Status Report")
	b.line("Generated at " + stamp(r.now))
	b.line("for " + r.login)
	b.line("Query:")
	name, last := "QSO RX SINCE", "APP_LoTW_LASTQSORX"
	if r.query.confirmed {
		name, last = "QSL RX SINCE", "APP_LoTW_LASTQSL"
		b.line("    QSL ONLY: YES")
	} else {
		b.line("    QSL ONLY: NO")
	}
	if r.query.own != "" {
		b.line("    OWN CALL: " + r.query.own)
	}
	since := stamp(r.query.since)
	if r.query.defaulted || r.fault.DefaultSince {
		since += " (system supplied default)"
	}
	b.line(name + ": " + since)
	b.line("")
	b.field("PROGRAMID", "LoTW")
	switch {
	case r.fault.NoLast || r.total == 0 && r.fault.Last == "":
	case r.fault.Last != "":
		b.field(last, r.fault.Last)
	default:
		b.field(last, stamp(r.query.stamp(&r.first)))
	}
	b.line("")
	b.field("APP_LoTW_NUMREC", strconv.Itoa(r.count()))
	b.line("")
	b.line("<eoh>")
	b.line("")
}

// count is what NUMREC says.
func (r *report) count() int {
	n := r.total
	if r.fault.Twice {
		n *= 2
	}
	if r.fault.Extra != "" {
		n += strings.Count(strings.ToLower(r.fault.Extra), "<eor>")
	}
	return n + r.fault.CountOff
}

func (r *report) record(b *lines, q *QSO) {
	if r.query.withown {
		b.field("APP_LoTW_OWNCALL", q.Own)
		b.field("STATION_CALLSIGN", q.Own)
	}
	if r.query.mydetail {
		r.myDetail(b, q)
	}
	b.field("CALL", q.Call)
	b.field("BAND", strings.ToUpper(q.Band))
	b.field("FREQ", q.Freq)
	b.field("MODE", q.Mode)
	b.field("APP_LoTW_MODEGROUP", q.Group())
	b.field("QSO_DATE", q.Start.UTC().Format("20060102"))
	b.remark("APP_LoTW_RXQSO", stamp(q.Received), "QSO record inserted/modified at LoTW")
	b.field("TIME_ON", q.Start.UTC().Format("150405"))
	b.remark("APP_LoTW_QSO_TIMESTAMP", q.Start.UTC().Format("2006-01-02T15:04:05Z"), "QSO Date & Time; ISO-8601")
	b.field("PROP_MODE", q.PropMode)
	b.field("SAT_NAME", q.SatName)
	if q.Confirmed.IsZero() || r.fault.Unconfirmed {
		b.field("QSL_RCVD", "N")
	} else {
		b.field("QSL_RCVD", "Y")
		b.field("QSLRDATE", q.Confirmed.UTC().Format("20060102"))
		b.remark("APP_LoTW_RXQSL", stamp(q.Confirmed), "QSL record matched/modified at LoTW")
		if r.query.qsldetail {
			r.qslDetail(b, q)
		}
	}
	b.line("<eor>")
	b.line("")
}

func (r *report) myDetail(b *lines, q *QSO) {
	b.number("MY_DXCC", q.My.DXCC, "%d")
	b.field("MY_COUNTRY", q.My.Country)
	if q.My.DXCC != 0 {
		b.field("APP_LoTW_MY_DXCC_ENTITY_STATUS", "Current")
	}
	b.field("MY_GRIDSQUARE", q.My.Grid)
	b.number("MY_CQ_ZONE", q.My.CQZ, "%02d")
	b.number("MY_ITU_ZONE", q.My.ITUZ, "%02d")
}

func (r *report) qslDetail(b *lines, q *QSO) {
	p := &q.Partner
	b.number("DXCC", p.DXCC, "%d")
	b.field("COUNTRY", p.Country)
	if p.DXCC != 0 {
		status := "Current"
		if p.Deleted {
			status = "Deleted"
		}
		b.field("APP_LoTW_DXCC_ENTITY_STATUS", status)
	}
	b.field("PFX", p.PFX)
	twoWay := "Y"
	if p.QSLMode != "" {
		twoWay = "N"
	}
	b.field("APP_LoTW_2xQSL", twoWay)
	b.field("APP_LoTW_QSLMODE", p.QSLMode)
	b.field("GRIDSQUARE", p.Grid)
	if p.GridsquareInvalid {
		b.field("APP_LoTW_GRIDSQUARE_Invalid", p.Grid)
	}
	b.field("VUCC_GRIDS", p.VUCC)
	b.remark("STATE", p.State, p.StateName)
	b.remark("CNTY", p.County, p.CountyOf)
	b.number("CQZ", p.CQZ, "%02d")
	b.number("ITUZ", p.ITUZ, "%02d")
	if p.ZonesAreInferred {
		b.field("APP_LoTW_CQZ_Inferred", "Y")
		b.field("APP_LoTW_ITUZ_Inferred", "Y")
	}
	b.field("IOTA", p.IOTA)
	b.field("CREDIT_GRANTED", p.CreditGranted)
	b.field("APP_LoTW_CREDIT_SUBMITTED", p.CreditSubmitted)
}

// stamp writes a time as LoTW does.
func stamp(t time.Time) string { return t.UTC().Format(time.DateTime) }

// lines writes a report line by line; the first error sticks.
type lines struct {
	w   *bufio.Writer
	eol string
	err error
}

func (b *lines) text(s string) {
	if b.err == nil {
		_, b.err = b.w.WriteString(s)
	}
}

func (b *lines) line(s string) { b.text(s + b.eol) }

func (b *lines) field(name, value string) {
	if value != "" {
		b.line(fmt.Sprintf("<%s:%d>%s", name, len(value), value))
	}
}

func (b *lines) remark(name, value, remark string) {
	if value == "" || remark == "" {
		b.field(name, value)
		return
	}
	b.line(fmt.Sprintf("<%s:%d>%s // %s", name, len(value), value, remark))
}

func (b *lines) number(name string, n int, format string) {
	if n != 0 {
		b.field(name, fmt.Sprintf(format, n))
	}
}

func (b *lines) flush() error {
	if b.err == nil {
		b.err = b.w.Flush()
	}
	return b.err
}
