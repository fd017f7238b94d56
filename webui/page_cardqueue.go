package webui

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/qso/columns"
)

// cardsFilter reads the filter of the page and makes its bar. The call of a
// card that came in is typed into a field of its own; in the queue it is a
// filter as others are.
func (c *call) cardsFilter(d *cardsPage) (columns.Filter, error) {
	f, err := c.filter()
	if err != nil {
		return f, err
	}
	all, err := c.statistics(columns.Filter{})
	if err != nil {
		return f, err
	}
	c.query.Del("undo") // what has happened is no part of a link
	c.query.Del("edit")
	if d.Show == "queue" {
		d.Form = c.newFilterForm("/cards", all, "show")
		return f, nil
	}
	d.Call, d.Owns = f.Call, len(all.ByOwn) > 1
	d.Form = c.newFilterForm("/cards", all, "call")
	d.Form.Active = slices.DeleteFunc(d.Form.Active, func(set chip) bool { return set.Param == "call" })
	return f, nil
}

// filtersOf returns the filter that a form sends along, for the page that
// follows.
func filtersOf(form url.Values) url.Values {
	query := url.Values{}
	for _, name := range filterParams {
		if list := form[name]; len(list) > 0 {
			query[name] = list
		}
	}
	return query
}

// CardsAt returns the address of another page about cards, with the same
// filter but for the call.
func (v *view) CardsAt(path string, pairs ...string) string {
	query := v.filters()
	query.Del("call")
	for i := 0; i+1 < len(pairs); i += 2 {
		query.Set(pairs[i], pairs[i+1])
	}
	return v.c.url(path, query)
}

// Wider returns a pattern that finds a call with anything before or behind it,
// as cards of portable stations need; "" if the call is a pattern already.
func (v *view) Wider(call string) string {
	if strings.ContainsAny(call, "*?") {
		return ""
	}
	return "*" + call + "*"
}

// HiddenBut is Hidden without one parameter, for a form that has a field for it.
func (v *view) HiddenBut(name string) []pair {
	return slices.DeleteFunc(v.Hidden(), func(p pair) bool { return p.Name == name })
}

// queued returns the ids of the QSOs of a filter whose card waits to be sent,
// ascending.
func queued(log *columns.Log, f columns.Filter) (ids []uint64) {
	log.View(func(v *columns.View) {
		waits := make([]bool, len(v.Places))
		some := false
		for i := range v.Places {
			waits[i] = v.Places[i].CardWaits != 0
			some = some || waits[i]
		}
		if !some {
			return
		}
		eachRow(v, f, func(row uint32) {
			if waits[v.Place[row]] {
				ids = append(ids, v.ID(int(row)))
			}
		})
	})
	return ids
}

// showQueue lists the cards to send that pass the filter, by call.
func (c *call) showQueue(d *cardsPage, log *columns.Log, f columns.Filter) error {
	ids := queued(log, f)
	if d.More = len(ids) > shownQueue; d.More {
		ids = ids[:shownQueue]
	}
	qsos, err := c.book.GetMany(ids)
	if err != nil {
		return err
	}
	slices.SortStableFunc(qsos, func(a, b *qso.QSO) int { return strings.Compare(string(a.Call), string(b.Call)) })
	for _, q := range qsos {
		if q.Get(qso.FieldRSTSent) == "" {
			d.Lacking = append(d.Lacking, q)
			continue
		}
		d.Queue = append(d.Queue, q)
	}
	return nil
}

// stepOfMany carries a step out for the ticked cards of the queue.
func (c *call) stepOfMany(form url.Values, step string, patch []qso.Field) error {
	refs := make([]qso.Ref, 0, len(form["id"]))
	for _, text := range form["id"] {
		id, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			return fmt.Errorf("%w: %q is not an id", qso.ErrNoQSO, text)
		}
		refs = append(refs, qso.Ref{ID: id})
	}
	if len(refs) == 0 {
		return &problem{ErrorEntry: ErrorEntry{http.StatusBadRequest, "invalid"}, message: c.words().Text("cards.none")}
	}
	in := c.rules()
	field, value := patch[0].ID.JSONName(), patch[0].Value
	id, err := c.book.EditMany(c.ctx(), refs, c.by(), field, value, func(q *qso.QSO) error { return apply(in, q, patch) })
	if err != nil {
		return err
	}
	c.audit("cards-"+step, fmt.Sprintf("%s: %d", c.name, len(refs)))
	query := filtersOf(form)
	query.Set("show", "queue")
	query.Set("edit", strconv.FormatUint(id, 10))
	return c.redirect("/cards", query)
}
