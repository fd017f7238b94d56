package webui

import (
	"bufio"
	"encoding/csv"
	"errors"
	"io"
	"mime"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/qso/adif"
	"qslbox/qso/columns"
)

// exportBuffer is how much of an export is collected before it is sent.
const exportBuffer = 64 << 10

// download says that the answer is a file to be saved.
func (c *call) download(kind, name string) {
	h := c.w.Header()
	h.Set("Content-Type", kind)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": name}))
	h["Cache-Control"] = headerNoStore
}

// exporter writes QSOs in one format.
type exporter interface {
	write(q *qso.QSO) error
	end() error
}

// getExport returns the handler of an export: GET /api/export.adi, .csv and
// .json. The filter of the query chooses QSOs; not_at=lotw (dcl, eqsl,
// clublog, qrz) leaves those that the service lacks.
func getExport(kind, extension string, format func(c *call, w io.Writer) exporter) handlerFunc {
	return func(c *call) error {
		keep, err := c.exported()
		if err != nil {
			return err
		}
		c.download(kind, "qslbox-"+c.name+"-"+c.time().Format("20060102")+extension)
		if c.r.Method == http.MethodHead {
			return nil
		}
		buffered := bufio.NewWriterSize(c.w, exportBuffer)
		out := format(c, buffered)
		err = c.book.Scan(c.ctx(), 0, func(q *qso.QSO) bool {
			if keep(q) {
				err = out.write(q)
			}
			return err == nil
		})
		if err != nil {
			return err
		}
		if err := out.end(); err != nil {
			return err
		}
		return buffered.Flush()
	}
}

// exported returns which QSOs the query asks for; to be asked in ascending
// order of ids.
func (c *call) exported() (keep func(*qso.QSO) bool, err error) {
	f, err := c.filter()
	if err != nil {
		return nil, err
	}
	absent, err := c.absentAt(c.query.Get("not_at"))
	if err != nil {
		return nil, err
	}
	if f.Empty() {
		return absent, nil
	}
	log, err := c.book.Columns(c.ctx())
	if err != nil {
		return nil, err
	}
	var ids []uint64
	log.View(func(v *columns.View) {
		walk := v.Match(f).Rows(0, v.Rows())
		var rows [256]uint32
		for n := walk.Next(rows[:]); n > 0; n = walk.Next(rows[:]) {
			for _, row := range rows[:n] {
				ids = append(ids, v.ID(int(row)))
			}
		}
	})
	return func(q *qso.QSO) bool {
		for len(ids) > 0 && ids[0] < q.ID {
			ids = ids[1:]
		}
		return len(ids) > 0 && ids[0] == q.ID && absent(q)
	}, nil
}

// sentFields say whether a QSO was sent to a service.
var sentFields = map[qso.Source]qso.FieldID{
	qso.LoTW: qso.FieldLoTWQSLSent, qso.DCL: qso.FieldDCLQSLSent, qso.EQSL: qso.FieldEQSLQSLSent,
	qso.ClubLog: qso.FieldClubLogQSOUploadStatus, qso.QRZ: qso.FieldQRZComQSOUploadStatus, qso.Card: qso.FieldQSLSent,
}

// absentAt returns which QSOs a service lacks. Once LoTW was read, its own-QSO
// report says so, not what a logger noted when it sent them.
func (c *call) absentAt(name string) (func(*qso.QSO) bool, error) {
	if name == "" {
		return func(*qso.QSO) bool { return true }, nil
	}
	source, err := qso.ParseSource(strings.ToLower(name))
	if err != nil {
		return nil, badFilter("not_at: %q is not one of clublog, dcl, eqsl, lotw, qrz, qsl (card)", name)
	}
	sent := sentFields[source]
	known := false
	if source == qso.LoTW {
		last, err := c.book.LastRun(source)
		if err != nil {
			return nil, err
		}
		known = !last.LastOK.IsZero()
	}
	return func(q *qso.QSO) bool {
		if q.Confirmed().Has(source) || source == qso.LoTW && q.AtLoTW.Given() {
			return false
		}
		return known || !strings.EqualFold(q.Get(sent), "Y")
	}, nil
}

type adifExport struct{ w *adif.Writer }

func exportADIF(c *call, w io.Writer) exporter {
	return adifExport{adif.NewWriter(w, adif.FileHeader{
		Text: "log " + c.name + " written by qslbox", ProgramID: "qslbox", ProgramVersion: c.Version, Created: c.time(),
	})}
}

func (e adifExport) write(q *qso.QSO) error { return e.w.Write(q.ADIF()) }
func (e adifExport) end() error             { return e.w.Flush() }

type jsonExport struct {
	w    io.Writer
	line []byte
}

func exportJSON(_ *call, w io.Writer) exporter { return &jsonExport{w: w} }

func (e *jsonExport) write(q *qso.QSO) error {
	e.line = append(q.AppendJSON(e.line[:0]), '\n')
	_, err := e.w.Write(e.line)
	return err
}

func (e *jsonExport) end() error { return nil }

// csvFields are the columns of a CSV file between time and confirmed.
var csvFields = []qso.FieldID{
	qso.FieldCall, qso.FieldStationCallsign, qso.FieldBand, qso.FieldMode, qso.FieldSubmode, qso.FieldFreq,
	qso.FieldRSTSent, qso.FieldRSTRcvd, qso.FieldGridsquare, qso.FieldDXCC, qso.FieldCQZ, qso.FieldITUZ,
	qso.FieldCont, qso.FieldState, qso.FieldCnty, qso.FieldIOTA, qso.FieldDARCDOK, qso.FieldName, qso.FieldQTH,
	qso.FieldPropMode, qso.FieldSatName, qso.FieldContestID, qso.FieldSTX, qso.FieldSRX, qso.FieldOperator,
	qso.FieldMyGridsquare, qso.FieldPOTARef, qso.FieldSOTARef, qso.FieldWWFFRef, qso.FieldComment,
}

type csvExport struct {
	w     *csv.Writer
	cells []string
	err   error
}

func exportCSV(_ *call, w io.Writer) exporter {
	e := &csvExport{w: csv.NewWriter(w), cells: []string{"id", "time"}}
	for _, id := range csvFields {
		e.cells = append(e.cells, id.JSONName())
	}
	e.err = e.w.Write(append(e.cells, "confirmed"))
	return e
}

func (e *csvExport) write(q *qso.QSO) error {
	if e.err != nil {
		return e.err
	}
	e.cells = append(e.cells[:0], strconv.FormatUint(q.ID, 10), q.Start.Std().Format("2006-01-02T15:04:05Z"))
	for _, id := range csvFields {
		e.cells = append(e.cells, csvText(q.Text(id)))
	}
	return e.w.Write(append(e.cells, strings.Join(q.Confirmed().Names(), " ")))
}

func (e *csvExport) end() error {
	e.w.Flush()
	return errors.Join(e.err, e.w.Error())
}

// csvText puts an apostrophe before what a spreadsheet would take for a
// formula. Reports such as -15 are numbers, and stay.
func csvText(s string) string {
	if s == "" || !slices.Contains([]byte("=+-@\t\r"), s[0]) {
		return s
	}
	if (s[0] == '-' || s[0] == '+') && strings.Trim(s[1:], "0123456789.") == "" {
		return s
	}
	return "'" + s
}
