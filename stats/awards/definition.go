package awards

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Definition is one award as its file has it. docs/awards.md says what each member
// means to a person who writes one.
type Definition struct {
	Version int    `json:"version"` // of the schema: 1
	ID      string `json:"id"`      // a-z, 0-9 and hyphens, begins with either; also in URLs
	Name    Text   `json:"name"`
	Issuer  string `json:"issuer"`
	Rules   Rules  `json:"rules"`

	Key       Key        `json:"key"`
	Filter    Filter     `json:"filter"`
	Satellite string     `json:"satellite"` // separate (default), counts, excluded, only
	Confirm   Confirm    `json:"confirm"`
	Slots     Slots      `json:"slots"`
	Points    *Points    `json:"points"`
	Levels    []Level    `json:"levels"`
	Own       *Own       `json:"own"`
	Credits   []Credit   `json:"credits"`
	NoTotal   bool       `json:"no_total"`    // bands are never added: the total is only information
	CountAny  bool       `json:"any_channel"` // repeaters, links and cross-band count too
	ClassRule []ClassDay `json:"class_rules"`
}

// Text is a text in English and German; German falls back to English.
type Text struct {
	EN string `json:"en"`
	DE string `json:"de"`
}

// In returns the text in a language ("de"; everything else is English).
func (t Text) In(lang string) string {
	if lang == "de" && t.DE != "" {
		return t.DE
	}
	return t.EN
}

// UnmarshalJSON also takes a bare string as the English text.
func (t *Text) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '"' {
		return json.Unmarshal(data, &t.EN)
	}
	type plain Text
	return decodeStrict(data, (*plain)(t))
}

// Rules says what the issuer asks and where that is written.
type Rules struct {
	Text   Text     `json:"text"`
	Source string   `json:"source"`
	Unsure []string `json:"unsure"` // what could not be sourced; shown on the page
}

// Key says what is collected.
type Key struct {
	// Kind is where a QSO's key comes from: entity, wae, cqzone, ituzone,
	// continent, state, county, prefix, grid4, iota, dok, district, pota, sota,
	// wwff, my-pota, my-sota, my-wwff, sig, call.
	Kind string `json:"kind"`
	// From takes the list of keys from a table: entities, wae, cqzones,
	// ituzones, continents, districts.
	From string `json:"from"`
	// List holds the keys themselves. Without List and From any valid key counts.
	List []Item `json:"list"`
	// Codes is a short form of List: keys without names, blanks between.
	Codes string `json:"codes"`
	// Pattern is what a value must look like where keys are not listed; Cut
	// shortens it to so many letters.
	Pattern string `json:"pattern"`
	Cut     int    `json:"cut"`
	// Target is how many keys there are where they are not listed.
	Target int    `json:"target"`
	SIG    string `json:"sig"` // kind sig: the programme's name in SIG
	// Prefixes renames references: the old programme prefix is the new one.
	Prefixes map[string]string `json:"prefixes"`
	// Continents moves entities: entity code -> continent.
	Continents map[string]string `json:"continents"`
	// Deleted says whether deleted keys count in the total: hidden (default) or
	// counted. Both figures are always shown.
	Deleted string `json:"deleted"`
	// Groups splits the keys: dok-kind (regular, special) or continent (of the
	// entity, or the first two letters of an IOTA reference).
	Groups string `json:"groups"`
}

// Item is one key of a list.
type Item struct {
	Key     string   `json:"key"`
	Name    string   `json:"name"`
	Values  []string `json:"values"` // what the log says for it, if not the key itself
	From    string   `json:"from"`   // first day, YYYY-MM-DD
	To      string   `json:"to"`     // first day that no longer counts
	Deleted bool     `json:"deleted"`
	Lat     float64  `json:"lat"`
	Lon     float64  `json:"lon"`
}

// Filter says which QSOs are looked at. Empty members let everything pass.
type Filter struct {
	Entities    []int    `json:"entities"`     // of the other side
	Unknown     bool     `json:"unknown"`      // with entities: a QSO without entity passes too
	Bands       []string `json:"bands"`        // ADIF names
	NotBands    []string `json:"not_bands"`    //
	Classes     []string `json:"classes"`      // CW PHONE DIGITAL
	Modes       []string `json:"modes"`        // parent modes or submodes
	NotModes    []string `json:"not_modes"`    //
	From        string   `json:"from"`         // first day
	To          string   `json:"to"`           // first day that no longer counts
	Satellites  []string `json:"satellites"`   // SAT_NAME
	OwnEntities []int    `json:"own_entities"` // our side
	OwnCalls    []string `json:"own_calls"`    // our side; * and ? as in file names
	Calls       []string `json:"calls"`        // the other side; * and ? as in file names
}

// Confirm says what confirms by default.
type Confirm struct {
	// Sources are lotw, dcl, qsl (a card), eqsl, qrz, clublog; log: the QSO in
	// the log is enough.
	Sources []string `json:"sources"`
	EQSLAG  bool     `json:"eqsl_ag"` // eQSL only with Authenticity Guaranteed
	TwoWay  bool     `json:"two_way"` // LoTW only where both sides logged the same mode (2xQSL)
}

// Slots says by what the award is counted besides its total.
type Slots struct {
	Bands       bool `json:"bands"`
	Classes     bool `json:"classes"`
	BandClasses bool `json:"band_classes"`
	Continents  bool `json:"continents"`  // of the station worked
	BandGroups  bool `json:"band_groups"` // groups of keys on each band
}

// ClassDay narrows the slot of a mode class.
type ClassDay struct {
	Class    string   `json:"class"`
	From     string   `json:"from"`
	NotModes []string `json:"not_modes"`
}

// Points gives a point for each key and band.
type Points struct {
	Per string `json:"per"` // band, or band-year: each calendar year anew
	Cap int    `json:"cap"` // at most so many a key (and year); 0 = no limit
}

// Level is one level, or a ladder of them.
type Level struct {
	Name  string   `json:"name"`  // {n} stands for the number, {slot} for the slot
	Need  int      `json:"need"`  // keys
	Steps []int    `json:"steps"` // a ladder of them instead of need
	Every int      `json:"every"` // go on after the last step by so many
	Lack  *int     `json:"lack"`  // all current keys but so many, instead of need
	Slot  string   `json:"slot"`  // counted in this slot
	Per   []string `json:"per"`   // a ladder in each of these slots; bands = every band
	Each  []string `json:"each"`  // reached in each of these slots
	Sum   []string `json:"sum"`   // counted in these slots together
	// Points needed besides; WithDeleted counts deleted keys for this level.
	Points      int  `json:"points"`
	WithDeleted bool `json:"with_deleted"`
}

// Own says where all contacts must be made from.
type Own struct {
	OneEntity bool     `json:"one_entity"`
	Within    []Within `json:"within"`
}

// Within says that all own locations on some bands lie close together.
type Within struct {
	Km        float64  `json:"km"`
	Bands     []string `json:"bands"` // empty = all
	Satellite bool     `json:"satellite"`
}

// Credit says which word of CREDIT_GRANTED grants what.
type Credit struct {
	Credit string `json:"credit"` // DXCC_BAND
	Slot   string `json:"slot"`   // total (default), band, class, sat
}

// ErrDefinition says that a definition cannot be used. Errors that wrap it are
// [*FileError].
var ErrDefinition = errors.New("faulty award definition")

// FileError is a fault in a definition: where it is, what it is, and what to
// do.
type FileError struct {
	File, Member, Problem, Remedy string
}

// Error names file, member, problem and remedy.
func (e *FileError) Error() string {
	text := e.File
	if e.Member != "" {
		text += ": " + e.Member
	}
	return text + ": " + e.Problem + "; " + e.Remedy
}

// Unwrap returns ErrDefinition.
func (e *FileError) Unwrap() error { return ErrDefinition }

// Parse reads a definition and checks its form; the error is a *FileError.
// Whether bands, entities and the like exist is checked when a [Set] compiles
// it.
func Parse(file string, data []byte) (*Definition, error) {
	d := &Definition{}
	if err := decodeStrict(data, d); err != nil {
		return nil, jsonError(file, data, err)
	}
	if d.Version != 1 {
		return nil, &FileError{file, "version", fmt.Sprintf("%d is not known", d.Version), `write "version": 1`}
	}
	if !validID(d.ID) {
		return nil, &FileError{file, "id", fmt.Sprintf("%q is no id", d.ID), "use a-z, 0-9 and hyphens, at most 40 of them, like club-50"}
	}
	if d.Name.EN == "" {
		return nil, &FileError{file, "name", "is missing", `write "name": "..." or "name": {"en": "...", "de": "..."}`}
	}
	return d, nil
}

func validID(id string) bool {
	for i := range len(id) {
		if c := id[i]; !('a' <= c && c <= 'z' || '0' <= c && c <= '9' || c == '-' && i > 0) {
			return false
		}
	}
	return id != "" && len(id) <= 40
}

// decodeStrict reads one JSON value and refuses unknown members and anything
// behind it.
func decodeStrict(data []byte, to any) error {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(to); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return errors.New("there is more behind the end of the definition")
	}
	return nil
}

// jsonError makes a FileError of what encoding/json says.
func jsonError(file string, data []byte, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch text := err.Error(); {
	case errors.As(err, &syntax):
		line := 1 + bytes.Count(data[:min(int(syntax.Offset), len(data))], []byte("\n"))
		return &FileError{file, fmt.Sprintf("line %d", line), text, "mend the JSON there"}
	case errors.As(err, &kind):
		return &FileError{file, kind.Field, "is a " + kind.Value, "write a " + kind.Type.String()}
	case strings.HasPrefix(text, "json: unknown field "):
		member := strings.Trim(strings.TrimPrefix(text, "json: unknown field "), `"`)
		return &FileError{file, member, "is no member of a definition", "remove it, or see docs/awards.md for its right name"}
	default:
		return &FileError{file, "", text, "see docs/awards.md for the form of a definition"}
	}
}
