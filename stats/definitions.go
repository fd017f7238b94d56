package stats

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/stats/awards"
)

// The names of snapshots that are always there.
const (
	Dashboard = "stats"  // Statistics
	Overview  = "awards" // all awards with their progress
	oneAward  = "award/"
)

// AwardName returns the name of an award's snapshot, seen with the options; the
// filter among them is left out, since Keeper.Get takes it apart.
func AwardName(id string, o awards.Options) string {
	q := url.Values{}
	if o.Sources != 0 {
		q.Set("sources", strings.Join(o.Sources.Names(), ","))
	}
	if o.TwoWay != nil {
		q.Set("two_way", strconv.FormatBool(*o.TwoWay))
	}
	if o.Deleted {
		q.Set("deleted", "true")
	}
	if o.OwnEntity != 0 {
		q.Set("my_dxcc", strconv.Itoa(int(o.OwnEntity)))
	}
	if o.AsOf.Given() {
		q.Set("as_of", o.AsOf.String())
	}
	if len(q) == 0 {
		return oneAward + id
	}
	return oneAward + id + "?" + q.Encode()
}

// Definitions defines the dashboard, the overview of awards, and each award of
// the set, with any options: see AwardName. The set is asked for each time, so
// that a user's own awards may come and go; whoever changes it also has to
// move the generation of the logs.
func Definitions(board *Board, set func() *awards.Set) func(name string) (Definition, bool) {
	return func(name string) (Definition, bool) {
		switch name {
		case Dashboard:
			return Definition{Name: name, Compute: board.compute, Resume: board.resume}, true
		case Overview:
			return Definition{Name: name, Award: true, Compute: overview(set), Resume: resumeOverview(set)}, true
		}
		id, ok := strings.CutPrefix(name, oneAward)
		if !ok {
			return Definition{}, false
		}
		id, query, options := strings.Cut(id, "?")
		o, err := awardOptions(query)
		if _, found := set().Get(id); !found || err != nil || options && query == "" {
			return Definition{}, false
		}
		def := Definition{Name: oneAward + id, Award: true, Variant: options, Compute: award(set, id, o)}
		if !options {
			def.Resume = resumeAward(set, id)
		}
		return def, true
	}
}

// awardOptions reads what AwardName wrote.
func awardOptions(query string) (o awards.Options, err error) {
	q, err := url.ParseQuery(query)
	if err != nil {
		return o, err
	}
	for name := range q {
		switch value := q.Get(name); name {
		case "sources":
			for text := range strings.SplitSeq(value, ",") {
				source, err := qso.ParseSource(text)
				if err != nil {
					return o, err
				}
				o.Sources |= qso.SourceSet(source)
			}
		case "two_way":
			yes, err := strconv.ParseBool(value)
			if err != nil {
				return o, err
			}
			o.TwoWay = &yes
		case "deleted":
			if o.Deleted = value == "true"; !o.Deleted {
				return o, fmt.Errorf("deleted=%s", value)
			}
		case "my_dxcc":
			n, err := strconv.ParseUint(value, 10, 16)
			if err != nil {
				return o, err
			}
			o.OwnEntity = uint16(n)
		case "as_of":
			if o.AsOf, err = qso.ParseTime(value); err != nil {
				return o, err
			}
		default:
			return o, fmt.Errorf("option %q", name)
		}
	}
	return o, nil
}

func (b *Board) compute(_ context.Context, log *columns.Log, f columns.Filter, now time.Time) (body []byte, err error) {
	log.View(func(v *columns.View) { body = b.Statistics(v, f, now).AppendJSON(nil) })
	return body, nil
}

func (b *Board) resume(_ context.Context, log *columns.Log, now time.Time, _ Resumed) (r Resumed, err error) {
	log.View(func(v *columns.View) { r.Body = b.Resume(v, now).AppendJSON(nil) })
	return r, nil
}

func award(set func() *awards.Set, id string, o awards.Options) func(context.Context, *columns.Log, columns.Filter, time.Time) ([]byte, error) {
	return func(_ context.Context, log *columns.Log, f columns.Filter, _ time.Time) ([]byte, error) {
		a, ok := set().Get(id)
		if !ok {
			return nil, fmt.Errorf("%w: award %q", ErrUnknown, id)
		}
		o := o
		o.Filter = f
		return a.Table(log, o).AppendJSON(nil), nil
	}
}

// resumeAward is award for the whole log without options: as long as nothing that
// the table shows has changed, the body stands.
func resumeAward(set func() *awards.Set, id string) func(context.Context, *columns.Log, time.Time, Resumed) (Resumed, error) {
	return func(_ context.Context, log *columns.Log, _ time.Time, last Resumed) (Resumed, error) {
		a, ok := set().Get(id)
		if !ok {
			return last, fmt.Errorf("%w: award %q", ErrUnknown, id)
		}
		log.View(func(v *columns.View) {
			if t, edition := a.Resume(v, last.Edition); t != nil {
				last = Resumed{t.AppendJSON(nil), edition}
			}
		})
		return last, nil
	}
}

// overview lists all awards, each with its counts and the next level.
func overview(set func() *awards.Set) func(context.Context, *columns.Log, columns.Filter, time.Time) ([]byte, error) {
	return func(_ context.Context, log *columns.Log, f columns.Filter, _ time.Time) ([]byte, error) {
		var tables []*awards.Table
		all := set()
		log.View(func(v *columns.View) { tables = awards.Progress(v, all.All(), awards.Options{Filter: f}) })
		return appendOverview(nil, tables, all.Faults()), nil
	}
}

func resumeOverview(set func() *awards.Set) func(context.Context, *columns.Log, time.Time, Resumed) (Resumed, error) {
	return func(_ context.Context, log *columns.Log, _ time.Time, _ Resumed) (r Resumed, err error) {
		var tables []*awards.Table
		all := set()
		log.View(func(v *columns.View) { tables = awards.Resume(v, all.All()) })
		r.Body = appendOverview(nil, tables, all.Faults())
		return r, nil
	}
}

func appendOverview(b []byte, tables []*awards.Table, faults []error) []byte {
	b = append(b, `{"items":[`...)
	for i, t := range tables {
		if i > 0 {
			b = append(b, ',')
		}
		b = appendProgress(b, t)
	}
	return appendFaults(append(b, ']'), faults)
}

// appendFaults ends the overview with the definitions that cannot be used.
func appendFaults(b []byte, faults []error) []byte {
	if len(faults) == 0 {
		return append(b, '}')
	}
	b = append(b, `,"faults":[`...)
	for _, err := range faults {
		var at *awards.FileError
		if !errors.As(err, &at) {
			at = &awards.FileError{Problem: err.Error()}
		}
		b = append(b, '{')
		for _, m := range [...]struct{ name, text string }{
			{"file", at.File}, {"member", at.Member}, {"problem", at.Problem}, {"remedy", at.Remedy}, {"message", err.Error()},
		} {
			if m.text != "" {
				b = append(appendText(appendName(b, m.name), m.text), ',')
			}
		}
		b = append(closing(b, '}'), ',')
	}
	return append(closing(b, ']'), '}')
}

// appendProgress appends one line of the overview.
func appendProgress(b []byte, t *awards.Table) []byte {
	d := t.Award.Definition()
	b = append(appendText(appendName(append(b, '{'), "id"), d.ID), ',')
	b = append(appendText(appendName(b, "name"), d.Name.EN), ',')
	if d.Name.DE != "" {
		b = append(appendText(appendName(b, "name_de"), d.Name.DE), ',')
	}
	if d.Issuer != "" {
		b = append(appendText(appendName(b, "issuer"), d.Issuer), ',')
	}
	if t.Award.Custom() {
		b = append(appendName(b, "custom"), "true,"...)
	}
	b = appendNumber(appendNumber(appendNumber(b, "worked", t.Count.Worked), "confirmed", t.Count.Confirmed), "granted", t.Count.Granted)
	if t.Count.Submitted > 0 {
		b = appendNumber(b, "submitted", t.Count.Submitted)
	}
	b = appendGroupCounts(b, t.Groups())
	for _, l := range t.Levels {
		if !l.Reached {
			b = append(appendText(appendName(append(appendName(b, "next"), '{'), "name"), l.Name), ',')
			b = append(closing(appendNumber(appendNumber(b, "need", l.Need), "have", l.Have), '}'), ',')
			break
		}
	}
	return closing(b, '}')
}

// appendGroupCounts appends how an award stands in each group of its keys, such as
// continents.
func appendGroupCounts(b []byte, groups []awards.SlotCount) []byte {
	if len(groups) == 0 {
		return b
	}
	b = append(appendName(b, "groups"), '[')
	for _, g := range groups {
		b = append(appendText(appendName(append(b, '{'), "key"), g.Name), ',')
		b = appendNumber(appendNumber(b, "worked", g.Worked), "confirmed", g.Confirmed)
		if g.Target > 0 {
			b = appendNumber(b, "target", g.Target)
		}
		b = append(closing(b, '}'), ',')
	}
	return append(closing(b, ']'), ',')
}
