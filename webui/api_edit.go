package webui

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/qso/adif"
	"qslbox/qso/intake"
)

// postQSO answers POST /api/qsos: one new QSO, by the rules that a file goes
// through.
func postQSO(c *call) error {
	fields, _, err := c.readFields()
	if err != nil {
		return err
	}
	q := new(qso.QSO)
	if err := judge(c.rules(), fields, q); err != nil {
		return err
	}
	stored, err := c.book.Add(c.ctx(), q, c.by())
	if err != nil {
		return err
	}
	c.w.Header().Set("Location", c.url("/api/qsos/"+strconv.FormatUint(stored.ID, 10), nil))
	return c.writeQSO(http.StatusCreated, stored)
}

// rules returns the rules by which fields become a QSO.
func (c *call) rules() *intake.Intake {
	return intake.New(intake.Config{Now: c.Now, DefaultOwn: c.book.Settings().DefaultOwn, Plain: true, Resolver: c.Table})
}

// judge makes a QSO of fields, or says what is wrong with them.
func judge(in *intake.Intake, fields []qso.Field, into *qso.QSO) error {
	if r := in.QSO(adif.NewRecord(fields), into); r != nil {
		return &problem{ErrorEntry: ErrorEntry{http.StatusUnprocessableEntity, string(r.Reason)}, message: r.Message}
	}
	return nil
}

// readFields reads a QSO object of the body into fields; rev is its revision
// if it names one. What only describes a QSO (see appendQSODetail) is passed
// over, so that a QSO may be sent back as it was read.
func (c *call) readFields() (fields []qso.Field, rev uint32, err error) {
	data, err := io.ReadAll(c.r.Body)
	if err != nil {
		return nil, 0, err
	}
	var members map[string]json.RawMessage
	if err := json.Unmarshal(data, &members); err != nil {
		return nil, 0, readError(err)
	}
	for _, name := range detailMembers {
		delete(members, name)
	}
	if raw, ok := members["rev"]; ok {
		if err := json.Unmarshal(raw, &rev); err != nil {
			return nil, 0, invalid("rev: %s is not a revision", raw)
		}
	}
	if data, err = json.Marshal(members); err != nil {
		return nil, 0, err
	}
	fields, err = qso.FieldsOfJSON(data)
	return fields, rev, err
}

// patchQSO answers PATCH /api/qsos/{id}: the members given are changed, null or
// "" takes one out. If-Match (or rev in the body) says which revision was
// looked at; without either the newest is changed.
func patchQSO(c *call) error {
	id, err := c.qsoID()
	if err != nil {
		return err
	}
	patch, rev, err := c.readFields()
	if err != nil {
		return err
	}
	if match, given, err := c.ifMatch(); err != nil {
		return err
	} else if given {
		rev = match
	}
	stored, err := c.edit(id, rev, patch)
	if err != nil {
		return c.staleAnswer(err, patch)
	}
	return c.writeQSO(http.StatusOK, stored)
}

// edit changes fields of a QSO; those that are empty are taken out. Nothing is
// asked of the logbook while it waits for the change.
func (c *call) edit(id uint64, rev uint32, patch []qso.Field) (*qso.QSO, error) {
	in := c.rules()
	return c.book.Edit(c.ctx(), id, rev, c.by(), func(q *qso.QSO) error { return apply(in, q, patch) })
}

// staleAnswer adds what was to be changed to the answer of a change that came
// too late: with the QSO as it is now, somebody can decide again.
func (c *call) staleAnswer(err error, patch []qso.Field) error {
	var stale *qso.StaleError
	if !errors.As(err, &stale) {
		return err
	}
	yours := map[string]string{}
	for _, f := range patch {
		yours[jsonName(f.ID, f.Key())] = f.Value
	}
	return &problem{
		ErrorEntry: ErrorEntry{http.StatusPreconditionFailed, "stale"}, message: stale.Error(),
		data: map[string]any{"current": stale.Current, "yours": yours},
	}
}

// ifMatch reads the revision of If-Match; * is any.
func (c *call) ifMatch() (rev uint32, given bool, err error) {
	text := strings.TrimSpace(c.r.Header.Get("If-Match"))
	switch text {
	case "":
		return 0, false, nil
	case "*":
		return 0, true, nil
	}
	n, err := strconv.ParseUint(strings.Trim(strings.TrimPrefix(text, "W/"), `"`), 10, 32)
	if err != nil || n == 0 {
		return 0, false, invalid("If-Match: %s is not a revision such as \"3\"", text)
	}
	return uint32(n), true, nil
}

// deleteQSO answers DELETE /api/qsos/{id}: into the trash.
func deleteQSO(c *call) error {
	id, err := c.qsoID()
	if err != nil {
		return err
	}
	rev, _, err := c.ifMatch()
	if err != nil {
		return err
	}
	if err := c.book.Delete(c.ctx(), id, rev, c.by()); err != nil {
		return c.staleAnswer(err, nil)
	}
	c.audit("qso-deleted", fmt.Sprintf("%s QSO %d", c.name, id))
	return c.done()
}

// apply changes a QSO as a patch says. The QSO as it would be is judged by the
// rules of intake; then only what the patch names is taken over, so that
// nothing else changes its form.
func apply(in *intake.Intake, q *qso.QSO, patch []qso.Field) error {
	var judged qso.QSO
	if err := judge(in, patched(q, patch), &judged); err != nil {
		return err
	}
	for _, f := range patch {
		if source, _ := qso.SourceOfField(f.ID); source != qso.NoSource {
			takeConfirmation(q, &judged, source)
			continue
		}
		if f.ID != qso.NoField && f.Value != "" && judged.Text(f.ID) == "" {
			return invalid("%s: %q is not possible there", jsonName(f.ID, f.Key()), f.Value)
		}
		takeField(q, &judged, f)
	}
	return nil
}

// patched returns the fields of a QSO with those of a patch in their place.
// What a changed value contradicts goes: the frequency of another band, the
// band of another frequency, the submode of another mode, and a place that was
// looked up by another call.
func patched(q *qso.QSO, patch []qso.Field) []qso.Field {
	named := func(id qso.FieldID) *qso.Field {
		for i := range patch {
			if patch[i].ID == id {
				return &patch[i]
			}
		}
		return nil
	}
	drop := map[qso.FieldID]bool{}
	band, freq := named(qso.FieldBand), named(qso.FieldFreq)
	switch {
	case band != nil && freq == nil:
		b, _ := qso.ParseBand(band.Value)
		drop[qso.FieldFreq] = qso.BandOf(q.Freq) != b
	case freq != nil && freq.Value != "" && band == nil:
		drop[qso.FieldBand] = true
	}
	drop[qso.FieldSubmode] = named(qso.FieldMode) != nil && named(qso.FieldSubmode) == nil
	var fields []qso.Field
	for f := range q.ADIF() {
		replaced := slices.ContainsFunc(patch, func(p qso.Field) bool { return p.ID == f.ID && (p.ID != qso.NoField || p.Name == f.Name) })
		if !replaced && !(f.ID != qso.NoField && drop[f.ID]) {
			fields = append(fields, f)
		}
	}
	for _, f := range patch {
		if f.Value != "" {
			fields = append(fields, f)
		}
	}
	return fields
}

// takeField takes one field over from the judged QSO.
func takeField(q, judged *qso.QSO, f qso.Field) {
	switch f.ID {
	case qso.NoField:
		q.SetNamed(f.Name, f.Value)
	case qso.FieldCall:
		q.Call = judged.Call
		for _, place := range []qso.FieldID{qso.FieldDXCC, qso.FieldCQZ, qso.FieldITUZ} {
			if q.Origin(place, "") == qso.LookedUp {
				takeTyped(q, judged, place)
			}
		}
	case qso.FieldBand, qso.FieldFreq:
		q.Band, q.Freq = judged.Band, judged.Freq
	case qso.FieldBandRX, qso.FieldFreqRX:
		q.BandRx, q.FreqRx = judged.BandRx, judged.FreqRx
	case qso.FieldMode, qso.FieldSubmode:
		q.Mode = judged.Mode
	case qso.FieldQSODate, qso.FieldTimeOn:
		q.Start, q.End = judged.Start, judged.End
	case qso.FieldQSODateOff, qso.FieldTimeOff:
		q.End = judged.End
		q.Set(f.ID, judged.Get(f.ID))
	case qso.FieldStationCallsign, qso.FieldAppQSLBoxOwnAssumed:
		q.Own, q.OwnAssumed = judged.Own, judged.OwnAssumed
	case qso.FieldDXCC, qso.FieldCQZ, qso.FieldITUZ:
		takeTyped(q, judged, f.ID)
	default:
		q.Set(f.ID, judged.Get(f.ID))
	}
}

// takeTyped takes entity or zone over, with where it came from.
func takeTyped(q, judged *qso.QSO, id qso.FieldID) {
	switch id {
	case qso.FieldDXCC:
		q.DXCC = judged.DXCC
	case qso.FieldCQZ:
		q.CQZ = judged.CQZ
	case qso.FieldITUZ:
		q.ITUZ = judged.ITUZ
	}
	q.SetOrigin(id, "", judged.Origin(id, ""))
}

// takeConfirmation takes state and date of a source over; what the source's
// own record says stays.
func takeConfirmation(q, judged *qso.QSO, source qso.Source) {
	have, want := q.Confirmation(source), judged.Confirmation(source)
	switch {
	case want == nil && have == nil:
	case want == nil && have.Stated:
		have.Status, have.Date = 0, qso.NoTime
	case want == nil:
		q.Confirmations = slices.DeleteFunc(q.Confirmations, func(k qso.Confirmation) bool { return k.Source == source })
	case have == nil:
		q.Confirmations = append(q.Confirmations, *want)
		slices.SortFunc(q.Confirmations, func(a, b qso.Confirmation) int { return int(a.Source) - int(b.Source) })
	default:
		have.Status, have.Date = want.Status, want.Date
	}
}
