package lotwtest

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"time"
)

// QSO is one contact as LoTW holds it: what we uploaded, and what the other
// side said if it confirmed.
type QSO struct {
	Own, Call string
	Start     time.Time
	Band      string // any letter case; LoTW writes upper case
	Mode      string // LoTW's name: FT8, SSB, DATA ...
	Freq      string // MHz, may be empty
	PropMode  string
	SatName   string

	Received  time.Time // when LoTW received our record (RXQSO)
	Confirmed time.Time // when it matched the partner's (RXQSL); zero = not yet

	Partner Partner
	My      My
}

// Partner is what the other side's record says. Empty values are left out of
// the report.
type Partner struct {
	DXCC              int
	Country, PFX      string
	Deleted           bool
	Grid, VUCC        string
	State, StateName  string
	County, CountyOf  string // "TX,TRAVIS" and the remark behind it
	CQZ, ITUZ         int
	IOTA              string
	CreditGranted     string
	CreditSubmitted   string
	QSLMode           string // the partner's mode if it is another one
	ZonesAreInferred  bool
	GridsquareInvalid bool
}

// My is our own station location as uploaded.
type My struct {
	DXCC      int
	Country   string
	Grid      string
	CQZ, ITUZ int
}

// Group returns LoTW's mode group of the QSO.
func (q *QSO) Group() string {
	switch q.Mode {
	case "CW":
		return "CW"
	case "SSB", "AM", "FM", "PHONE", "DIGITALVOICE", "C4FM", "DSTAR":
		return "PHONE"
	case "SSTV", "IMAGE", "FAX", "ATV":
		return "IMAGE"
	}
	return "DATA"
}

// Key tells one record from another: own call, call, band, mode and time.
func (q *QSO) Key() string {
	return fmt.Sprintf("%s %s %s %s %s", q.Own, q.Call, q.Band, q.Mode, q.Start.UTC().Format(time.RFC3339))
}

// Add puts QSOs into the log.
func (s *Server) Add(qsos ...QSO) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, qsos...)
}

// Log returns a copy of the log.
func (s *Server) Log() []QSO {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.log)
}

// Confirm lets the partner of the QSO with the given key confirm now, and says
// whether there is such a QSO. A QSO confirmed before is changed: it gets the
// partner's new values and a new time.
func (s *Server) Confirm(key string, partner Partner) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.log {
		if q := &s.log[i]; q.Key() == key {
			q.Confirmed, q.Partner = s.now(), partner
			return true
		}
	}
	return false
}

// ConfirmNext lets the partners of up to n QSOs that nobody confirmed yet do
// so now, the latest QSOs first, and returns them. The demo calls it so that
// each press of the sync button brings something new.
func (s *Server) ConfirmNext(n int) []QSO {
	s.mu.Lock()
	defer s.mu.Unlock()
	var open []*QSO
	for i := range s.log {
		if s.log[i].Confirmed.IsZero() {
			open = append(open, &s.log[i])
		}
	}
	slices.SortFunc(open, func(a, b *QSO) int { return b.Start.Compare(a.Start) })
	var done []QSO
	for i, q := range open[:min(n, len(open))] {
		q.Confirmed = s.now().Add(-time.Duration(i) * time.Second)
		done = append(done, *q)
	}
	return done
}

// matching returns what a query asks for, newest first by the time that the
// query's since compares, with the number of records and the first of them.
func (s *Server) matching(q query) (records iter.Seq[QSO], total int, first QSO) {
	if !q.records {
		return slices.Values([]QSO(nil)), 0, QSO{}
	}
	if s.many != nil {
		records = func(yield func(QSO) bool) {
			for rec := range s.many {
				if q.wants(&rec) && !yield(rec) {
					return
				}
			}
		}
		for rec := range records {
			if total == 0 {
				first = rec
			}
			total++
		}
		return records, total, first
	}
	var list []QSO
	for i := range s.log {
		if q.wants(&s.log[i]) {
			list = append(list, s.log[i])
		}
	}
	slices.SortStableFunc(list, func(a, b QSO) int {
		return cmp.Or(q.stamp(&b).Compare(q.stamp(&a)), b.Start.Compare(a.Start), cmp.Compare(a.Key(), b.Key()))
	})
	if len(list) > 0 {
		first = list[0]
	}
	return slices.Values(list), len(list), first
}
