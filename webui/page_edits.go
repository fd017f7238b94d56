package webui

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"

	"qslbox/qso"
)

// manyEditLine is a change of many QSOs as pages show it.
type manyEditLine struct {
	qso.ManyEdit
	Left []qso.LeftOut // the first of those that were left as they are
	More int           // that are not shown
	Back string        // the page to return to, for the form
}

// shownLeft bounds the list of QSOs that were left as they are.
const shownLeft = 50

// Open reports whether the change can be taken back.
func (e manyEditLine) Open() bool { return e.Undone == nil }

// manyEdits returns the changes of many that are remembered, newest first.
func (c *call) manyEdits(back string) ([]manyEditLine, error) {
	edits, err := c.book.ManyEdits()
	if err != nil {
		return nil, err
	}
	lines := make([]manyEditLine, len(edits))
	for i, e := range edits {
		lines[i] = manyEditLine{ManyEdit: e, Back: back}
		if e.Undone != nil {
			lines[i].Left = e.Undone.Left[:min(len(e.Undone.Left), shownLeft)]
			lines[i].More = len(e.Undone.Left) - len(lines[i].Left)
		}
	}
	return lines, nil
}

// editOfQuery returns the change that ?edit= names, for the page that follows
// it; nil if there is none.
func (c *call) editOfQuery(lines []manyEditLine) *manyEditLine {
	for i := range lines {
		if strconv.FormatUint(lines[i].ID, 10) == c.query.Get("edit") {
			return &lines[i]
		}
	}
	return nil
}

// editID reads the number of a change of many from the path.
func (c *call) editID() (uint64, error) {
	text := c.params.ByName("id")
	id, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("%w: %q is not a number", qso.ErrNoEdit, text)
	}
	return id, nil
}

// undoMany takes the change of the path back.
func (c *call) undoMany() (qso.ManyEdit, error) {
	id, err := c.editID()
	if err != nil {
		return qso.ManyEdit{}, err
	}
	e, err := c.book.UndoMany(c.ctx(), id, c.by())
	if err == nil {
		c.audit("change-undone", fmt.Sprintf("%s: %s of %d QSOs", c.name, e.Field, e.Undone.QSOs))
	}
	return e, err
}

// postUndoPage answers POST /log/edits/{id}/undo. Whoever comes second sees
// what came of it, too.
func postUndoPage(c *call) error {
	form, err := c.form()
	if err != nil {
		return err
	}
	e, err := c.undoMany()
	if errors.Is(err, qso.ErrNoEdit) {
		if e.ID, err = c.editID(); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	query := filtersOf(form)
	query.Set("edit", strconv.FormatUint(e.ID, 10))
	if form.Get("back") == "cards" {
		query.Set("show", "queue")
		return c.redirect("/cards", query)
	}
	return c.redirect("/log/bulk", query)
}

// manyEditJSON is a change of many as the API shows it.
type manyEditJSON struct {
	ID     uint64      `json:"id"`
	At     string      `json:"at"`
	By     string      `json:"by"`
	Field  string      `json:"field"`
	Value  string      `json:"value"`
	QSOs   int         `json:"qsos"`
	Until  string      `json:"until"`
	Undone *undoneJSON `json:"undone,omitempty"`
}

type undoneJSON struct {
	At   string     `json:"at"`
	By   string     `json:"by"`
	QSOs int        `json:"qsos"`
	Left []leftJSON `json:"left"`
}

type leftJSON struct {
	ID     uint64         `json:"id"`
	Call   qso.Call       `json:"call"`
	Time   string         `json:"time"`
	Reason qso.LeftReason `json:"reason"`
}

func manyEditOf(e qso.ManyEdit) manyEditJSON {
	out := manyEditJSON{ID: e.ID, At: rfc3339(e.At), By: e.By, Field: e.Field, Value: e.Value, QSOs: e.QSOs, Until: rfc3339(e.Until)}
	if u := e.Undone; u != nil {
		out.Undone = &undoneJSON{At: rfc3339(u.At), By: u.By, QSOs: u.QSOs, Left: []leftJSON{}}
		for _, k := range u.Left {
			out.Undone.Left = append(out.Undone.Left, leftJSON{k.ID, k.Call, rfc3339(k.Start.Std()), k.Why})
		}
	}
	return out
}

// getEdits answers GET /api/edits: changes of many that are remembered.
func getEdits(c *call) error {
	edits, err := c.book.ManyEdits()
	if err != nil {
		return err
	}
	items := make([]manyEditJSON, len(edits))
	for i, e := range edits {
		items[i] = manyEditOf(e)
	}
	return writeList(c, items)
}

// postUndo answers POST /api/edits/{id}/undo with the change and what came of
// taking it back.
func postUndo(c *call) error {
	e, err := c.undoMany()
	if err != nil {
		return err
	}
	return c.writeJSON(http.StatusOK, manyEditOf(e))
}
