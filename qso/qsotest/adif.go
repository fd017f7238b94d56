package qsotest

import (
	"bytes"
	"io"
	"strconv"
	"time"
)

// Write writes a log as one ADIF file, UTF-8, ascending in time: about 340
// bytes a QSO. It streams, so any size is fine.
func Write(w io.Writer, o Options) error {
	o = o.withDefaults()
	f := file{known: o.KnownUntil, buf: make([]byte, 0, 1<<16)}
	f.header(o.End)
	for e := range Each(o) {
		f.entry(&e)
		if len(f.buf) > 1<<16-4096 {
			if _, err := w.Write(f.buf); err != nil {
				return err
			}
			f.buf = f.buf[:0]
		}
	}
	_, err := w.Write(f.buf)
	return err
}

// ADIF returns what Write writes.
func ADIF(o Options) []byte {
	var b bytes.Buffer
	_ = Write(&b, o) // a bytes.Buffer takes everything
	return b.Bytes()
}

// file is an ADIF file under way.
type file struct {
	buf   []byte
	known time.Time // confirmations after it are left out; zero: none
}

func (f *file) header(created time.Time) {
	f.buf = append(f.buf, "A made-up log for tests. Any likeness to a licensed station is chance.\n"...)
	f.text("ADIF_VER", "3.1.6")
	f.text("PROGRAMID", "qsotest")
	f.text("CREATED_TIMESTAMP", created.Format("20060102 150405"))
	f.buf = append(f.buf, "<USERDEF1:7:S>WEATHER\n<EOH>\n\n"...)
}

func (f *file) entry(e *Entry) {
	w, l := &e.Worked, &e.Logged
	f.text("CALL", w.Call)
	f.date("QSO_DATE", e.Start)
	f.clock("TIME_ON", e.Start, l.Short)
	if !e.End.IsZero() {
		if e.End.YearDay() != e.Start.YearDay() {
			f.date("QSO_DATE_OFF", e.End)
		}
		f.clock("TIME_OFF", e.End, l.Short)
	}
	f.text("BAND", e.Band)
	f.mhz("FREQ", e.MHz)
	f.text("MODE", e.Mode)
	f.text("SUBMODE", e.Submode)
	f.text("RST_SENT", e.RSTSent)
	f.text("RST_RCVD", e.RSTRcvd)
	f.text("STATION_CALLSIGN", e.OwnCall)
	f.text("OPERATOR", e.Operator)
	f.text("MY_GRIDSQUARE", e.MyGrid)
	f.number("TX_PWR", e.PowerWatts)
	f.worked(e)
	f.special(e)
	f.confirmations(&e.Confirmed)
	for _, o := range e.Odd {
		f.text(o.Name, o.Value)
	}
	f.buf = append(f.buf, "<EOR>\n"...)
}

// worked writes what the log knows of the other side.
func (f *file) worked(e *Entry) {
	w, l := &e.Worked, &e.Logged
	if l.Entity {
		f.text("COUNTRY", w.Country)
		f.number("DXCC", w.DXCC)
		f.text("CONT", w.Continent)
		f.number("CQZ", w.CQZone)
		f.number("ITUZ", w.ITUZone)
	}
	if l.Lines != "" {
		f.text("VUCC_GRIDS", l.Lines)
	} else {
		f.text("GRIDSQUARE", w.Grid[:l.Grid])
	}
	f.textIf(l.State, "STATE", w.State)
	f.textIf(l.County, "CNTY", w.County)
	f.textIf(l.IOTA, "IOTA", w.IOTA)
	f.textIf(l.DOK, "DARC_DOK", w.DOK)
	f.textIf(l.Name, "NAME", w.Name)
	f.textIf(l.QTH, "QTH", w.QTH)
	f.text("POTA_REF", e.POTA)
	f.text("SOTA_REF", e.SOTA)
	f.text("WWFF_REF", e.WWFF)
	f.text("COMMENT", e.Comment)
}

// special writes contest, satellite and activation.
func (f *file) special(e *Entry) {
	f.text("PROP_MODE", e.PropMode)
	f.text("SAT_NAME", e.SatName)
	f.text("SAT_MODE", e.SatMode)
	f.text("BAND_RX", e.BandRX)
	f.mhz("FREQ_RX", e.MHzRX)
	f.text("MY_POTA_REF", e.MyPOTA)
	f.text("MY_SOTA_REF", e.MySOTA)
	f.text("CONTEST_ID", e.Contest)
	f.number("STX", e.Sent)
	f.number("SRX", e.Rcvd)
	f.text("SRX_STRING", e.Exchange)
}

func (f *file) confirmations(c *Confirmed) {
	f.text("LOTW_QSL_SENT", "Y")
	f.confirmed("LOTW_QSL_RCVD", "LOTW_QSLRDATE", c.LoTW)
	f.confirmed("DCL_QSL_RCVD", "DCL_QSLRDATE", c.DCL)
	f.confirmed("EQSL_QSL_RCVD", "EQSL_QSLRDATE", c.EQSL)
	f.confirmed("QSL_RCVD", "QSLRDATE", c.Card)
}

func (f *file) confirmed(flag, date string, at time.Time) {
	if at.IsZero() || !f.known.IsZero() && at.After(f.known) {
		return
	}
	f.text(flag, "Y")
	f.date(date, at)
}

func (f *file) textIf(known bool, name, value string) {
	if known {
		f.text(name, value)
	}
}

// text writes one field; none if the value is empty. The length counts bytes.
func (f *file) text(name, value string) {
	if value == "" {
		return
	}
	f.tag(name, len(value))
	f.buf = append(append(f.buf, value...), ' ')
}

func (f *file) tag(name string, length int) {
	f.buf = append(append(append(f.buf, '<'), name...), ':')
	f.buf = append(strconv.AppendInt(f.buf, int64(length), 10), '>')
}

// number writes a field unless it is 0.
func (f *file) number(name string, n int) {
	if n != 0 {
		f.text(name, strconv.Itoa(n))
	}
}

// mhz writes a frequency with four decimals unless it is 0.
func (f *file) mhz(name string, v float64) {
	if v != 0 {
		var b [16]byte
		f.text(name, string(strconv.AppendFloat(b[:0], v, 'f', 4, 64)))
	}
}

func (f *file) date(name string, t time.Time) {
	year, month, day := t.Date()
	f.tag(name, 8)
	f.buf = append(f.buf, '0'+byte(year/1000), '0'+byte(year/100%10), '0'+byte(year/10%10), '0'+byte(year%10),
		'0'+byte(month/10), '0'+byte(month%10), '0'+byte(day/10), '0'+byte(day%10), ' ')
}

// clock writes HHMMSS, or HHMM where the log has no seconds.
func (f *file) clock(name string, t time.Time, short bool) {
	h, m, s := t.Clock()
	if short {
		f.tag(name, 4)
	} else {
		f.tag(name, 6)
	}
	f.buf = append(f.buf, '0'+byte(h/10), '0'+byte(h%10), '0'+byte(m/10), '0'+byte(m%10))
	if !short {
		f.buf = append(f.buf, '0'+byte(s/10), '0'+byte(s%10))
	}
	f.buf = append(f.buf, ' ')
}
