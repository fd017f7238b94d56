package dxcc

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
)

// ErrCountryFile says that a user's country file cannot be used.
var ErrCountryFile = errors.New("unusable country file")

const (
	ctyRemedy      = "download cty.dat again from https://www.country-files.com, or remove the file to use the built-in prefixes"
	ctyMaxBytes    = 16 << 20
	ctyMinEntities = 300 // the list has had more since 1980
)

// Load reads a country file in the cty.dat format (west-positive longitudes)
// and returns a table with its prefixes and exact calls instead of the embedded
// ones. Entities with their names and continents, dated prefixes, regions and
// subdivisions stay ours. An entity of the file that the DXCC list of this
// version lacks is left out and named by Skipped. Errors wrap ErrCountryFile
// and name the line and the remedy.
func Load(r io.Reader) (*Table, error) {
	t, err := newTable()
	if err != nil {
		return nil, err
	}
	c := &ctyReader{t: t, builder: t.newBuilder(8192, 32768), seen: map[place]uint16{}}
	if err := c.read(io.LimitReader(r, ctyMaxBytes)); err != nil {
		return nil, fmt.Errorf("dxcc: %w, line %d: %w; %s", ErrCountryFile, c.line, err, ctyRemedy)
	}
	if err := c.builder.readPrefixes(prefixFile, true); err != nil {
		return nil, fmt.Errorf("dxcc: %w", err)
	}
	calls := c.builder.c
	t.calls = func() *callTable { return calls }
	return t, nil
}

// Skipped names the entities of a loaded country file that were left out.
func (t *Table) Skipped() []string { return t.skipped }

// ctyReader reads one country file.
type ctyReader struct {
	t        *Table
	builder  *builder
	seen     map[place]uint16 // places are shared by their keys
	line     int
	entities int
	keys     int
}

// read takes the file apart into records: a head of eight fields ending in
// colons, then keys with commas between, ended by a semicolon.
func (c *ctyReader) read(r io.Reader) error {
	lines := bufio.NewScanner(r)
	lines.Buffer(make([]byte, 0, 64<<10), 1<<20)
	var base place
	open, known := false, false
	for lines.Scan() {
		c.line++
		text := strings.TrimSpace(strings.TrimPrefix(lines.Text(), "\ufeff"))
		if text == "" {
			continue
		}
		if !open {
			var err error
			if base, known, err = c.head(text); err != nil {
				return err
			}
			open = true
			continue
		}
		list, ended := strings.CutSuffix(text, ";")
		if err := c.addList(list, base, known); err != nil {
			return err
		}
		open = !ended
	}
	switch {
	case lines.Err() != nil:
		return lines.Err()
	case open:
		return errors.New("the file ends in the middle of an entity")
	case c.entities < ctyMinEntities:
		return fmt.Errorf("only %d known entities, a country file has more than %d", c.entities, ctyMinEntities)
	}
	return nil
}

// head reads the head of a record:
// name: CQ zone: ITU zone: continent: latitude: longitude: UTC offset: prefix:
func (c *ctyReader) head(text string) (p place, known bool, err error) {
	f := strings.Split(text, ":")
	if len(f) != 9 {
		return p, false, fmt.Errorf("%q is not the head of an entity (eight fields, each ended by a colon)", clip(text))
	}
	for i := range f {
		f[i] = strings.TrimSpace(f[i])
	}
	prefix, part := strings.CutPrefix(f[7], "*")
	code, region := c.entityOf(f[0], prefix, part)
	p, _ = c.t.readPlace(strconv.Itoa(int(code)))
	p.Region = region
	if err := setPlace(&p, '(', f[1]); err != nil {
		return p, false, err
	}
	if err := setPlace(&p, '[', f[2]); err != nil {
		return p, false, err
	}
	if err := setPlace(&p, '<', f[4]+"/"+f[5]); err != nil {
		return p, false, err
	}
	if part || code == 0 {
		if err := setPlace(&p, '{', f[3]); err != nil {
			return p, false, err
		}
	}
	if code == 0 {
		c.t.skipped = append(c.t.skipped, fmt.Sprintf("%s (%s)", f[0], f[7]))
		return p, false, nil
	}
	if !part {
		c.entities++
	}
	return p, true, nil
}

// entityOf finds the entity of a record, and its region if it is a part that
// only WAE and CQ count.
func (c *ctyReader) entityOf(name, prefix string, part bool) (code uint16, region string) {
	if part {
		for _, r := range Regions() {
			if prefix == regionPrefix(r.Code) {
				return r.DXCC, r.Code
			}
		}
		return 0, ""
	}
	for i := range c.t.entities {
		if e := &c.t.entities[i]; !e.Deleted && e.Prefix == prefix {
			return e.Code, ""
		}
	}
	code, _ = c.t.ByName(name)
	return code, ""
}

// regionPrefix returns the main prefix that country files give a region.
func regionPrefix(code string) string {
	for _, r := range rows(regionFile) {
		if r.cells[0] == code {
			return r.cells[3]
		}
	}
	return ""
}

// addList adds the keys of one line. Those of an unknown entity are only
// checked.
func (c *ctyReader) addList(list string, base place, known bool) error {
	for item := range strings.SplitSeq(list, ",") {
		item = strings.TrimSpace(item)
		if item == "" {
			continue
		}
		key, p, err := splitItem(item, base)
		if err != nil {
			return err
		}
		if c.keys++; c.keys > 200_000 {
			return errors.New("more than 200,000 keys")
		}
		if !known || strings.HasPrefix(key, "=VER") {
			continue
		}
		at, ok := c.seen[p]
		if !ok {
			if len(c.seen) > 30_000 {
				return errors.New("more than 30,000 different places")
			}
			at = c.builder.addPlace(p)
			c.seen[p] = at
		}
		if err := c.builder.add(key, at); err != nil {
			return err
		}
	}
	return nil
}

// splitItem takes the overrides (zone) [zone] <lat/lon> {continent} ~offset~
// off a key.
func splitItem(item string, base place) (string, place, error) {
	i := strings.IndexAny(item, "([<{~")
	if i < 0 {
		return item, base, nil
	}
	key, rest := item[:i], item[i:]
	for rest != "" {
		kind := strings.IndexByte("([<{~", rest[0])
		if kind < 0 {
			return "", base, fmt.Errorf("%q is no key with overrides", clip(item))
		}
		value, after, closed := strings.Cut(rest[1:], ")]>}~"[kind:kind+1])
		if !closed {
			return "", base, fmt.Errorf("%q has an override without end", clip(item))
		}
		if err := setPlace(&base, rest[0], value); err != nil {
			return "", base, err
		}
		rest = after
	}
	return key, base, nil
}

// setPlace sets what an override of that kind says.
func setPlace(p *place, kind byte, value string) error {
	bad := func(what string) error { return fmt.Errorf("%q is not %s", clip(value), what) }
	switch kind {
	case '(', '[':
		n, err := strconv.ParseUint(value, 10, 8)
		if kind == '(' && (err != nil || n < 1 || n > 40) {
			return bad("a CQ zone from 1 to 40")
		}
		if kind == '[' && (err != nil || n < 1 || n > 90) {
			return bad("an ITU zone from 1 to 90")
		}
		if kind == '(' {
			p.CQZone = uint8(n)
		} else {
			p.ITUZone = uint8(n)
		}
	case '<':
		north, west, _ := strings.Cut(value, "/")
		lat, err1 := strconv.ParseFloat(north, 64)
		lon, err2 := strconv.ParseFloat(west, 64)
		if err1 != nil || err2 != nil || !(-90 <= lat && lat <= 90) || !(-180 <= lon && lon <= 180) {
			return bad("latitude/longitude in degrees")
		}
		p.Lat, p.Lon = lat, 0-lon
	case '{':
		if !strings.Contains(" AF AN AS EU NA OC SA ", " "+value+" ") || len(value) != 2 {
			return bad("a continent (AF AN AS EU NA OC SA)")
		}
		p.Continent = strings.Clone(value)
	}
	return nil
}

// clip shortens a text of the file for an error.
func clip(s string) string {
	if len(s) > 60 {
		return strings.ToValidUTF8(s[:60], "") + "…"
	}
	return s
}
