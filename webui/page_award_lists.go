package webui

import (
	"slices"

	"qslbox/qso"
	"qslbox/stats/awards"
	"qslbox/webui/words"
)

// Bounds of the lists on an award's page.
const (
	maxChase   = 60  // keys
	chaseEach  = 4   // QSOs of each
	maxTrouble = 50  // QSOs that do not count
	maxLacking = 400 // keys
	maxBehind  = 300 // QSOs behind a cell
)

// chaseLine is a key that is worked and not confirmed, with QSOs that could
// confirm it.
type chaseLine struct {
	Key, Name string
	QSOs      []*qso.QSO
	More      int
}

// neededKey is a key that is not confirmed.
type neededKey struct {
	Key, Name string
	Worked    bool
}

// refusedQSO is a QSO that does not count, and why.
type refusedQSO struct {
	*qso.QSO
	Reason string
}

// chase lists what to chase: cards to write, logs to upload.
func (d *awardPage) chase(v *view, a *awards.Award, o awards.Options) error {
	log, err := v.c.book.Columns(v.c.ctx())
	if err != nil {
		return err
	}
	for _, open := range a.Unconfirmed(log, o) {
		if len(d.Chase) == maxChase {
			break
		}
		ids := open.IDs
		slices.Reverse(ids) // the newest first
		qsos, err := v.c.book.GetMany(ids[:min(len(ids), chaseEach)])
		if err != nil {
			return err
		}
		d.Chase = append(d.Chase, chaseLine{open.Key, open.Name, qsos, len(ids) - len(qsos)})
	}
	return nil
}

// list fills in the lists that stand below the table.
func (d *awardPage) list(v *view) error {
	names := map[string]*awardKey{}
	for i := range d.Keys {
		names[d.Keys[i].Key] = &d.Keys[i]
	}
	for _, key := range d.Needed[:min(len(d.Needed), maxLacking)] {
		line := neededKey{Key: key}
		if k := names[key]; k != nil {
			line.Name, line.Worked = k.Name, k.Worked
		}
		d.Lacking = append(d.Lacking, line)
	}
	var ids []uint64
	why := map[uint64]string{}
	for _, q := range d.NotCountable[:min(len(d.NotCountable), maxTrouble)] {
		ids = append(ids, q.ID)
		why[q.ID] = q.Reason
	}
	qsos, err := v.c.book.GetMany(ids)
	if err != nil {
		return err
	}
	for _, q := range qsos {
		d.Refused = append(d.Refused, refusedQSO{q, why[q.ID]})
	}
	d.NoValue, err = v.c.book.GetMany(d.WithoutValue[:min(len(d.WithoutValue), maxTrouble)])
	return err
}

// MoreRefused returns how many QSOs that do not count are not shown.
func (d *awardPage) MoreRefused() int {
	return len(d.NotCountable) + d.NotCountableMore - len(d.Refused)
}

// MoreNoValue returns how many QSOs are not shown that LoTW confirms without
// the value.
func (d *awardPage) MoreNoValue() int { return len(d.WithoutValue) - len(d.NoValue) }

// NoValue says which value LoTW lacks: a grid, a state, a zone.
func (v *view) NoValue(kind string) string {
	if key := "award.without." + kind; v.p.Has(key) {
		return v.T(key)
	}
	return v.T("award.without")
}

// contactsPage lists the QSOs behind a cell of an award's table.
type contactsPage struct {
	Award, Back string
	Key, Name   string
	Slot        string
	QSOs        []contactLine
	Total       int
	Confirmed   int
}

type contactLine struct {
	*qso.QSO
	Confirmed bool // for this award
}

func (d *contactsPage) title(*words.Printer) string { return d.Award }

// More returns how many QSOs are not shown.
func (d *contactsPage) More() int { return d.Total - len(d.QSOs) }

// getContactsPage answers GET /awards/{id}/qsos: the QSOs that count for a key
// in a slot, the newest first.
func getContactsPage(c *call) error { return c.share("", c.contactsPage) }

func (c *call) contactsPage() error {
	a, o, err := c.award()
	if err != nil {
		return err
	}
	log, err := c.book.Columns(c.ctx())
	if err != nil {
		return err
	}
	v := &view{c: c, p: c.words()}
	name := a.Definition().Name
	d := &contactsPage{
		Award: name.In(string(v.p.Language)), Back: c.url("/awards/"+a.ID(), c.termsOf(v)), Key: c.query.Get("key"), Slot: c.query.Get("slot"),
	}
	contacts := a.Contacts(log, o, d.Key, d.Slot)
	slices.Reverse(contacts)
	var ids []uint64
	confirms := map[uint64]bool{}
	for i, one := range contacts {
		if one.Confirmed {
			d.Confirmed++
		}
		if i < maxBehind {
			ids = append(ids, one.ID)
			confirms[one.ID] = one.Confirmed
		}
	}
	qsos, err := c.book.GetMany(ids)
	if err != nil {
		return err
	}
	d.Total = len(contacts)
	for _, q := range qsos {
		d.QSOs = append(d.QSOs, contactLine{q, confirms[q.ID]})
	}
	d.Name = a.KeyName(d.Key)
	return c.render("contacts", d)
}
