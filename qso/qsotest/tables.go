package qsotest

import (
	"embed"
	"fmt"
	"math/rand/v2"
	"sort"
	"strconv"
	"strings"
	"time"
)

//go:embed tables/*.tsv
var files embed.FS

// tables are the facts a log is made from, read once a log.
type tables struct {
	entities []entity
	byWeight weights
	states   []state
	stateW   weights
	places   map[int]place
	bands    []band
	vhf      []vhf
	sats     []sat
	contests []contest
	comments []string
	doks     []string // special ones
}

// entity is a DXCC entity and how often a log from central Europe has it.
type entity struct {
	Station
	lat, lon float64
	prefixes []prefix
}

// prefix is the front part of a call; with digit, the call area is still to be
// chosen. Zones are those of the area, where they are not the entity's.
type prefix struct {
	text    string
	digit   bool
	cq, itu int
}

type state struct {
	code, area, grid string
	cq, itu          int
	counties         []string
}

// place holds names and towns of an entity; the one of entity 0 is for all others.
type place struct{ names, towns []string }

type band struct {
	name                 string
	low, high            float64
	day, night, sunspots float64
	ft8, ft4             float64
	phone, contest       bool
}

type vhf struct {
	band, mode, submode, prop string
	mhz, weight               float64
	from                      time.Time
}

type sat struct {
	name, letters, band, bandRX, mode string
	mhz, mhzRX, weight                float64
	from, to                          time.Time
}

type contest struct {
	id, mode string
	month    time.Month
	weekend  int // of the month by its Saturday; 5 is the last
}

// weights is a cumulated distribution.
type weights []float64

func (w weights) pick(r *rand.Rand) int {
	return min(sort.SearchFloat64s(w, r.Float64()*w[len(w)-1]), len(w)-1)
}

func cumulate(n int, weight func(int) float64) weights {
	w, sum := make(weights, n), 0.0
	for i := range w {
		sum += weight(i)
		w[i] = sum
	}
	return w
}

func loadTables() *tables {
	t := &tables{places: map[int]place{}}
	var entityW, stateW []float64
	for _, c := range rows("entities") {
		e := entity{lat: number(c[5]), lon: number(c[6])}
		e.DXCC, e.Country, e.Continent, e.CQZone, e.ITUZone = integer(c[0]), c[1], c[2], integer(c[3]), integer(c[4])
		e.IOTA = c[8]
		for _, p := range strings.Fields(c[9]) {
			e.prefixes = append(e.prefixes, parsePrefix(p, e.CQZone, e.ITUZone))
		}
		t.entities, entityW = append(t.entities, e), append(entityW, number(c[7]))
	}
	for _, c := range rows("states") {
		t.states = append(t.states, state{c[0], c[1], c[4], integer(c[2]), integer(c[3]), strings.Split(c[6], ",")})
		stateW = append(stateW, number(c[5]))
	}
	for _, c := range rows("places") {
		t.places[integer(c[0])] = place{list(c[1]), list(c[2])}
	}
	for _, c := range rows("bands") {
		t.bands = append(t.bands, band{c[0], number(c[1]), number(c[2]), number(c[3]), number(c[4]), number(c[5]), number(c[6]), number(c[7]), c[8] == "1", c[9] == "1"})
	}
	for _, c := range rows("vhf") {
		t.vhf = append(t.vhf, vhf{c[0], c[1], c[2], c[4], number(c[3]), number(c[5]), date(c[6])})
	}
	for _, c := range rows("satellites") {
		t.sats = append(t.sats, sat{c[0], c[1], c[2], c[4], c[6], number(c[3]), number(c[5]), number(c[9]), date(c[7]), date(c[8])})
	}
	for _, c := range rows("contests") {
		t.contests = append(t.contests, contest{c[0], c[3], time.Month(integer(c[1])), integer(c[2])})
	}
	for _, c := range rows("comments") {
		t.comments = append(t.comments, c[0])
	}
	for _, c := range rows("doks") {
		t.doks = append(t.doks, c[0])
	}
	t.byWeight = cumulate(len(entityW), func(i int) float64 { return entityW[i] })
	t.stateW = cumulate(len(stateW), func(i int) float64 { return stateW[i] })
	return t
}

// parsePrefix reads "DL#" (any call area), "EA5", "VE7=3/2" (with zones).
func parsePrefix(s string, cq, itu int) prefix {
	text, zones, own := strings.Cut(s, "=")
	p := prefix{text: text, cq: cq, itu: itu}
	if own {
		a, b, _ := strings.Cut(zones, "/")
		p.cq, p.itu = integer(a), integer(b)
	}
	p.text, p.digit = strings.CutSuffix(text, "#")
	return p
}

// rows returns the lines of an embedded table, split at tabs and filled up to
// the number of its columns.
func rows(name string) [][]string {
	b, err := files.ReadFile("tables/" + name + ".tsv")
	must(err)
	lines := strings.Split(strings.TrimRight(string(b), "\n"), "\n")
	columns := strings.Count(lines[0], "\t") + 1
	var out [][]string
	for _, line := range lines[1:] {
		cells := strings.Split(line, "\t")
		for len(cells) < columns {
			cells = append(cells, "")
		}
		out = append(out, cells)
	}
	return out
}

func list(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

func integer(s string) int {
	n, err := strconv.Atoi(s)
	must(err)
	return n
}

func number(s string) float64 {
	f, err := strconv.ParseFloat(s, 64)
	must(err)
	return f
}

// date reads a day; empty is the zero time.
func date(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.DateOnly, s)
	must(err)
	return t
}

// must stops on a broken table: they are compiled in.
func must(err error) {
	if err != nil {
		panic(fmt.Sprintf("qsotest: table: %v", err))
	}
}
