package lotwtest

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"time"
)

// Generate yields n QSOs of the given own call, the latest first, the same for
// the same seed. About confirmed of a hundred are confirmed. LoTW received and
// matched them in the order of the QSOs, the last of them at the time last.
func Generate(n int, own string, seed uint64, confirmed int, last time.Time) iter.Seq[QSO] {
	return func(yield func(QSO) bool) {
		r := rand.New(rand.NewPCG(seed, 7))
		at := last.UTC().Truncate(time.Second)
		for i := range n {
			at = at.Add(-time.Duration(5+r.IntN(40)) * time.Minute)
			q := generated(r, i, own, at)
			if r.IntN(100) < confirmed {
				q.Confirmed = q.Received.Add(time.Second)
			}
			if !yield(q) {
				return
			}
		}
	}
}

var (
	bands = [][2]string{{"160m", "1.840"}, {"80m", "3.573"}, {"40m", "7.074"}, {"30m", "10.136"}, {"20m", "14.074"}, {"17m", "18.100"}, {"15m", "21.074"}, {"10m", "28.074"}}
	modes = []string{"FT8", "FT8", "FT8", "CW", "CW", "SSB", "FT4", "RTTY", "DATA"}
	ends  = []struct {
		prefix  string
		partner Partner
	}{
		{"W1", Partner{DXCC: 291, Country: "UNITED STATES OF AMERICA", Grid: "FN42", State: "MA", StateName: "Massachusetts", County: "MA,SUFFOLK", CountyOf: "Suffolk", CQZ: 5, ITUZ: 8}},
		{"K5", Partner{DXCC: 291, Country: "UNITED STATES OF AMERICA", Grid: "EM10DH", State: "TX", StateName: "Texas", County: "TX,TRAVIS", CountyOf: "Travis", CQZ: 4, ITUZ: 7}},
		{"JA1", Partner{DXCC: 339, Country: "JAPAN", Grid: "PM95", CQZ: 25, ITUZ: 45, IOTA: "AS-007"}},
		{"G4", Partner{DXCC: 223, Country: "ENGLAND", Grid: "IO91", CQZ: 14, ITUZ: 27, IOTA: "EU-005"}},
		{"F5", Partner{DXCC: 227, Country: "FRANCE", Grid: "JN18", CQZ: 14, ITUZ: 27}},
		{"VK2", Partner{DXCC: 150, Country: "AUSTRALIA", Grid: "QF56", CQZ: 30, ITUZ: 59, IOTA: "OC-001"}},
		{"DL1", Partner{DXCC: 230, Country: "FEDERAL REPUBLIC OF GERMANY", Grid: "JO31", CQZ: 14, ITUZ: 28}},
	}
)

// generated makes the i-th QSO.
func generated(r *rand.Rand, i int, own string, at time.Time) QSO {
	band, end := bands[r.IntN(len(bands))], ends[r.IntN(len(ends))]
	suffix := fmt.Sprintf("%c%c%c", 'A'+i%26, 'A'+i/26%26, 'A'+r.IntN(26))
	p := end.partner
	p.PFX = end.prefix
	return QSO{
		Own: own, Call: end.prefix + suffix, Start: at, Band: band[0], Mode: modes[r.IntN(len(modes))], Freq: band[1],
		Received: at.Add(2 * time.Minute), Partner: p,
		My: My{DXCC: 230, Country: "FEDERAL REPUBLIC OF GERMANY", Grid: "JO30AB", CQZ: 14, ITUZ: 28},
	}
}

// Many makes the server's log n generated QSOs that are never held in memory,
// for tests of size. Confirm and ConfirmNext do not know them.
func (s *Server) Many(n int, own string, seed uint64, confirmed int, last time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.many = Generate(n, own, seed, confirmed, last)
}
