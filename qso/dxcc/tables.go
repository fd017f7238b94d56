package dxcc

import (
	_ "embed"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"qslbox/qso"
)

//go:embed tables/prefixes.tsv
var prefixFile string

//go:embed tables/entities.tsv
var entityFile string

//go:embed tables/names.tsv
var nameFile string

//go:embed tables/regions.tsv
var regionFile string

//go:embed tables/subdivisions.tsv
var stateFile string

// row is one line of a table.
type row struct {
	cells [12]string
}

// rows yields the lines of an embedded table, its heading left out.
func rows(text string) func(yield func(int, *row) bool) {
	return func(yield func(int, *row) bool) {
		var r row
		n := 0
		for line := range strings.Lines(text) {
			n++
			if line[0] == '#' {
				continue
			}
			rest := strings.TrimSuffix(line, "\n")
			for i := range r.cells {
				r.cells[i], rest, _ = strings.Cut(rest, "\t")
			}
			if !yield(n, &r) {
				return
			}
		}
	}
}

// embeddedCalls reads tables/prefixes.tsv. It is compiled in, so that a fault
// in it is a fault of the build.
func (t *Table) embeddedCalls() *callTable {
	b := t.newBuilder(8192, 16384)
	if err := b.readPrefixes(prefixFile, false); err != nil {
		panic("dxcc: " + err.Error())
	}
	return b.c
}

// builder collects places and keys.
type builder struct {
	t *Table
	c *callTable
}

func (t *Table) newBuilder(prefixes, exact int) *builder {
	return &builder{t, &callTable{
		exact: newIndex(exact), undated: newIndex(prefixes), dated: newIndex(128), long: map[string]uint16{},
		datedEnd: math.MinInt64,
	}}
}

// readPrefixes adds the rows of tables/prefixes.tsv, all or the dated ones
// alone.
func (b *builder) readPrefixes(text string, datedOnly bool) error {
	at, skip := uint16(0), false
	n := 0
	for line := range strings.Lines(text) {
		n++
		line = line[:len(line)-1]
		if line[0] == '#' || line[0] == ' ' && skip {
			continue
		}
		keys := line
		if line[0] != ' ' {
			cut := strings.LastIndexByte(line, '\t')
			keys = line[cut+1:]
			p, err := b.t.readPlace(line[:cut])
			if err != nil {
				return fmt.Errorf("prefixes.tsv line %d: %w", n, err)
			}
			if skip = datedOnly && !p.dated(); skip {
				continue
			}
			at = b.addPlace(p)
		}
		if err := b.addKeys(keys, at); err != nil {
			return fmt.Errorf("prefixes.tsv line %d: %w", n, err)
		}
	}
	return nil
}

// addKeys adds keys with blanks between, exact calls marked by =.
func (b *builder) addKeys(keys string, at uint16) error {
	for keys != "" {
		key := keys
		if i := strings.IndexByte(keys, ' '); i >= 0 {
			key, keys = keys[:i], keys[i+1:]
		} else {
			keys = ""
		}
		if key == "" {
			continue
		}
		if err := b.add(key, at); err != nil {
			return err
		}
	}
	return nil
}

// add adds one key: a prefix, or an exact call marked by =.
func (b *builder) add(key string, at uint16) error {
	key, exact := strings.CutPrefix(key, "=")
	code, ok := pack(key)
	dated := b.c.places[at].dated()
	switch {
	case !ok, !exact && len(key) > maxPacked, exact && dated:
		return fmt.Errorf("%q is no key", key)
	case exact && len(key) > maxPacked:
		b.c.long[key] = at
	case exact:
		b.c.exact.put(code, at)
	case dated:
		b.c.dated.put(code, at)
		b.c.maxLen = max(b.c.maxLen, len(key))
	default:
		b.c.undated.put(code, at)
		b.c.maxLen = max(b.c.maxLen, len(key))
	}
	return nil
}

func (b *builder) addPlace(p place) uint16 {
	if p.dated() {
		b.c.datedEnd = max(b.c.datedEnd, p.to)
	}
	b.c.places = append(b.c.places, p)
	return uint16(len(b.c.places) - 1)
}

func (p *place) dated() bool { return p.from != math.MinInt64 || p.to != math.MaxInt64 }

// readPlace reads the columns of a row before its keys; blanks are filled from
// the entity.
func (t *Table) readPlace(text string) (place, error) {
	var cell [9]string
	for i := range cell {
		cell[i], text, _ = strings.Cut(text, "\t")
	}
	code, err := strconv.ParseUint(cell[0], 10, 16)
	if err != nil {
		return place{}, err
	}
	p := place{Result: t.resultOf(uint16(code)), from: math.MinInt64, to: math.MaxInt64}
	if cell[1] != "" {
		p.CQZone = uint8(number(cell[1]))
	}
	if cell[2] != "" {
		p.ITUZone = uint8(number(cell[2]))
	}
	if cell[3] != "" {
		p.Continent = cell[3]
	}
	if cell[4] != "" {
		p.Lat, p.Lon = decimal(cell[4]), decimal(cell[5])
	}
	p.Region = cell[6]
	if cell[7] != "" {
		p.from = day(cell[7])
	}
	if cell[8] != "" {
		p.to = day(cell[8])
	}
	if code != 0 && p.Entity == 0 || p.from >= p.to {
		return place{}, fmt.Errorf("no entity %d, or a window that never opens", code)
	}
	return p, nil
}

// resultOf returns an entity's defaults.
func (t *Table) resultOf(code uint16) Result {
	e, ok := t.Entity(code)
	if !ok {
		return Result{}
	}
	return Result{Entity: code, CQZone: e.CQZone, ITUZone: e.ITUZone, Continent: e.Continent, Lat: e.Lat, Lon: e.Lon}
}

func number(s string) int {
	n, _ := strconv.Atoi(s)
	return n
}

func decimal(s string) float64 {
	f, _ := strconv.ParseFloat(s, 64)
	return f
}

// day reads YYYY-MM-DD; NoTime for a blank.
func day(s string) qso.Time {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return qso.NoTime
	}
	return qso.TimeOf(t)
}
