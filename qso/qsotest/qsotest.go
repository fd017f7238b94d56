package qsotest

import (
	"iter"
	"time"
)

// The own calls of a generated log: two of one person, and one of a club.
const (
	OwnCall      = "DK9XYZ"
	PortableCall = "DK9XYZ/P"
	ClubCall     = "DL0XYZ"
)

// defaultYears is how far a log reaches back when Options.Start is not set.
const defaultYears = 15

// Options says which log to make. The same Options always make the same log.
type Options struct {
	// N is the number of QSOs.
	N int
	// Seed tells one log from another of the same size.
	Seed uint64
	// End is the time of the last QSO; zero is 2026-01-01T00:00:00Z less one
	// minute. With the current time, some QSOs are of today.
	End time.Time
	// Start is the first day; zero is fifteen years before End.
	Start time.Time
	// KnownUntil leaves the confirmations that arrived later out of the file
	// that Write makes (they stay in the entries): the log before a download.
	// Zero leaves none out; any time before Start leaves all out.
	KnownUntil time.Time
}

// withDefaults fills the blanks and cuts times to whole UTC seconds.
func (o Options) withDefaults() Options {
	if o.End.IsZero() {
		o.End = time.Date(2025, 12, 31, 23, 59, 0, 0, time.UTC)
	}
	o.End = o.End.UTC().Truncate(time.Second)
	if o.Start.IsZero() {
		o.Start = o.End.AddDate(-defaultYears, 0, 0)
	}
	o.Start = o.Start.UTC().Truncate(24 * time.Hour)
	return o
}

// An Entry is one QSO of a generated log.
type Entry struct {
	// Own call, and who operated where that is not the holder of the call.
	OwnCall, Operator string
	// Own locator, park and summit; empty where not logged.
	MyGrid, MyPOTA, MySOTA string

	Start, End time.Time // UTC, whole seconds; End is zero where not noted
	Band       string    // ADIF spelling, lower case
	BandRX     string    // satellites only
	MHz, MHzRX float64   // MHzRX: 0 where not given
	Mode       string    // ADIF parent mode
	Submode    string
	PropMode   string
	SatName    string
	SatMode    string
	RSTSent    string
	RSTRcvd    string
	PowerWatts int // 0: not logged

	Contest  string // ADIF contest id
	Sent     int    // serial number sent; 0: none
	Rcvd     int    // serial number received; 0: none
	Exchange string // exchange received where it is no number

	// Worked is the other side as it would describe itself; the log knows a
	// part of it, see Logged.
	Worked Station
	Logged Logged

	POTA, SOTA, WWFF string // references of the other side
	Comment          string
	Odd              []Field // fields no program has to understand

	// Confirmed holds when each issuer confirmed, by arrival at our side.
	Confirmed Confirmed
}

// A Station is what the other side of a QSO says about itself.
type Station struct {
	Call      string
	DXCC      int
	Country   string // ADIF spelling
	Continent string
	CQZone    int
	ITUZone   int
	Grid      string // 6 characters, capitals
	State     string
	County    string // ADIF spelling: "MA,Middlesex"
	IOTA      string
	DOK       string // German stations; NM where not a member
	Name      string
	QTH       string
}

// Logged says which of the other side's facts our log has.
type Logged struct {
	Entity bool // country, DXCC, zones and continent
	Grid   int  // characters of the locator: 0, 4 or 6
	Lines  string
	State  bool
	County bool
	IOTA   bool
	DOK    bool
	Name   bool
	QTH    bool
	Short  bool // the time without seconds, as typed in from paper
}

// Confirmed holds the time of each confirmation; zero means none up to the end
// of the log.
type Confirmed struct {
	LoTW, DCL, EQSL, Card time.Time
}

// A Field is one ADIF field by name.
type Field struct{ Name, Value string }

// Each yields the QSOs of a log one after the other, ascending in time, in
// constant memory but for the plan of the days.
func Each(o Options) iter.Seq[Entry] {
	return func(yield func(Entry) bool) {
		if o.N <= 0 {
			return
		}
		newGenerator(o.withDefaults()).run(yield)
	}
}

// Log returns all QSOs of a log, ascending in time.
func Log(o Options) []Entry {
	list := make([]Entry, 0, max(o.N, 0))
	for e := range Each(o) {
		list = append(list, e)
	}
	return list
}
