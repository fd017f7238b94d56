package columns

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"

	"qslbox/qso"
)

// ErrBadCursor says that a text is no place in a list.
var ErrBadCursor = errors.New("not a place in the list")

// ErrBadSort says that a text names no order of the log.
var ErrBadSort = errors.New("not an order of the log")

// SortKey is what a list is sorted by. QSOs alike in it stand in order of time,
// then id.
type SortKey uint8

// What a list may be sorted by.
const (
	ByTime SortKey = iota
	ByCall
	ByBand // by frequency
	ByMode
	ByEntity
	ByID
	sortKeys int = iota
)

var sortNames = [sortKeys]string{"time", "call", "band", "mode", "dxcc", "id"}

// Sort is an order of the log; the zero value is by time, oldest first.
type Sort struct {
	By         SortKey
	Descending bool
}

// String returns the order as URLs have it: "time", "-time" for the newest
// first, and so on.
func (s Sort) String() string {
	if s.Descending {
		return "-" + sortNames[s.By]
	}
	return sortNames[s.By]
}

// ParseSort reads what String returns; the empty text is newest first. It
// returns ErrBadSort for other texts.
func ParseSort(text string) (Sort, error) {
	if text == "" {
		return Sort{ByTime, true}, nil
	}
	name, descending := strings.CutPrefix(text, "-")
	if i := slices.Index(sortNames[:], name); i >= 0 {
		return Sort{SortKey(i), descending}, nil
	}
	return Sort{}, fmt.Errorf("%w: %q; know %s, each also with - in front", ErrBadSort, text, strings.Join(sortNames[:], ", "))
}

// Page is a part of a list.
type Page struct {
	IDs  []uint64
	Next string // where the next page begins: hand it to View.Page; "" at the end
}

// place is where a QSO stands in a list: it outlives the QSO.
type place struct {
	key    string // call or mode
	number uint64 // band or entity
	time   uint32
	id     uint64
}

// Page returns the first QSOs of a list after a place, at most limit of them.
// An empty place is the beginning. Paging by these places shows each QSO once
// however many are added or deleted in between. It returns ErrBadCursor for a
// place that is none of this order.
func (v *View) Page(f Filter, s Sort, after string, limit int) (Page, error) {
	l := lister{v: v, m: v.Match(f), sort: s, limit: limit}
	if after != "" {
		from, err := parsePlace(after, s.By)
		if err != nil {
			return Page{}, err
		}
		l.after = &from
	}
	switch {
	case limit <= 0:
		return Page{}, nil
	case l.m.few == nil && s.By == ByID:
		l.walk(v.Rows(), func(i int) uint32 { return uint32(i) })
	case l.m.few == nil && s.By == ByTime:
		order := v.Order()
		l.walk(order.Len(), order.At)
	default:
		l.choose()
	}
	page := Page{IDs: make([]uint64, len(l.rows))}
	for i, row := range l.rows {
		page.IDs[i] = v.ID(int(row))
	}
	if l.more {
		page.Next = l.place(l.rows[len(l.rows)-1]).text()
	}
	return page, nil
}

// lister collects the rows of one page.
type lister struct {
	v     *View
	m     *Matches
	sort  Sort
	after *place
	limit int
	rows  []uint32
	more  bool
}

func (l *lister) place(row uint32) place {
	p := place{time: l.v.Time[row], id: l.v.ID(int(row))}
	switch l.sort.By {
	case ByCall:
		p.key = l.v.CallText(l.v.Call[row])
	case ByMode:
		p.key = l.v.Modes[l.v.Mode[row]].String()
	case ByBand:
		p.number = uint64(l.v.Band[row])
	case ByEntity:
		p.number = uint64(l.v.DXCC[row])
	case ByID:
		p.time = 0
	}
	return p
}

// compare orders two places, without regard to Descending.
func (p *place) compare(q *place) int {
	return cmp.Or(strings.Compare(p.key, q.key), cmp.Compare(p.number, q.number), cmp.Compare(p.time, q.time), cmp.Compare(p.id, q.id))
}

// compareRows orders two rows, without regard to Descending.
func (l *lister) compareRows(a, b uint32) int {
	v, c := l.v, 0
	switch l.sort.By {
	case ByCall:
		if v.Call[a] != v.Call[b] {
			c = bytes.Compare(v.log.calls.text(v.Call[a]), v.log.calls.text(v.Call[b]))
		}
	case ByMode:
		if v.Mode[a] != v.Mode[b] {
			c = strings.Compare(v.Modes[v.Mode[a]].String(), v.Modes[v.Mode[b]].String())
		}
	case ByBand:
		c = cmp.Compare(v.Band[a], v.Band[b])
	case ByEntity:
		c = cmp.Compare(v.DXCC[a], v.DXCC[b])
	}
	if c == 0 && l.sort.By != ByID {
		c = cmp.Compare(v.Time[a], v.Time[b])
	}
	if c == 0 {
		c = cmp.Compare(a, b)
	}
	return c
}

// comes reports whether a stands before b in the list.
func (l *lister) comes(a, b uint32) bool {
	return l.compareRows(a, b) < 0 != l.sort.Descending && a != b
}

// isAfter reports whether a row stands behind the place where the page begins.
func (l *lister) isAfter(row uint32) bool {
	if l.after == nil {
		return true
	}
	p := l.place(row)
	c := p.compare(l.after)
	return c > 0 != l.sort.Descending && c != 0
}

// walk goes through n rows that are in the list's order already.
func (l *lister) walk(n int, at func(int) uint32) {
	start := 0
	if l.after != nil {
		if l.sort.Descending {
			start = n - sort.Search(n, func(i int) bool { p := l.place(at(i)); return p.compare(l.after) >= 0 })
		} else {
			start = sort.Search(n, func(i int) bool { p := l.place(at(i)); return p.compare(l.after) > 0 })
		}
	}
	for i := start; i < n; i++ {
		row := at(i)
		if l.sort.Descending {
			row = at(n - 1 - i)
		}
		if !l.m.Has(row) {
			continue
		}
		if len(l.rows) == l.limit {
			l.more = true
			return
		}
		l.rows = append(l.rows, row)
	}
}

// choose keeps the first rows of all that pass, in a heap with the last of them
// on top.
func (l *lister) choose() {
	var rows [256]uint32
	walk := l.m.Rows(0, l.v.Rows())
	for n := walk.Next(rows[:]); n > 0; n = walk.Next(rows[:]) {
		for _, row := range rows[:n] {
			switch {
			case len(l.rows) == l.limit && !l.comes(row, l.rows[0]):
				l.more = l.more || l.isAfter(row)
			case !l.isAfter(row):
			case len(l.rows) < l.limit:
				l.rows = append(l.rows, row)
				l.up(len(l.rows) - 1)
			default:
				l.rows[0], l.more = row, true
				l.down()
			}
		}
	}
	slices.SortFunc(l.rows, func(a, b uint32) int {
		if l.comes(a, b) {
			return -1
		}
		return 1
	})
}

func (l *lister) up(i int) {
	for h := l.rows; i > 0 && l.comes(h[(i-1)/2], h[i]); i = (i - 1) / 2 {
		h[(i-1)/2], h[i] = h[i], h[(i-1)/2]
	}
}

func (l *lister) down() {
	for i, h := 0, l.rows; ; {
		child := 2*i + 1
		if child >= len(h) {
			return
		}
		if child+1 < len(h) && l.comes(h[child], h[child+1]) {
			child++
		}
		if !l.comes(h[i], h[child]) {
			return
		}
		h[i], h[child] = h[child], h[i]
		i = child
	}
}

// text returns a place as it travels in URLs: time.id.key
func (p place) text() string {
	key := p.key
	if p.number != 0 {
		key = strconv.FormatUint(p.number, 10)
	}
	return fmt.Sprintf("%d.%d.%s", p.time, p.id, key)
}

func parsePlace(text string, by SortKey) (place, error) {
	bad := fmt.Errorf("%w: %q", ErrBadCursor, text[:min(len(text), 60)])
	parts := strings.SplitN(text, ".", 3)
	if len(parts) != 3 {
		return place{}, bad
	}
	t, err1 := strconv.ParseUint(parts[0], 10, 32)
	id, err2 := strconv.ParseUint(parts[1], 10, 64)
	p := place{time: uint32(t), id: id}
	var err3 error
	switch by {
	case ByCall:
		_, err3 = qso.ParseCall(parts[2])
		p.key = parts[2]
	case ByMode:
		p.key = parts[2]
	case ByBand, ByEntity:
		if parts[2] != "" {
			p.number, err3 = strconv.ParseUint(parts[2], 10, 16)
		}
	default:
		if parts[2] != "" {
			return place{}, bad
		}
	}
	if err1 != nil || err2 != nil || err3 != nil {
		return place{}, bad
	}
	return p, nil
}
