package qso

import (
	"errors"
	"fmt"
	"slices"
	"strings"
)

// ErrNoMode says that a text names no mode that could be counted.
var ErrNoMode = errors.New("no mode")

// Mode is an ADIF mode with its submode. Name is the parent mode in upper
// case ("MFSK"), Sub the submode ("FT4") or empty. Unknown modes are kept as
// they are, in upper case.
type Mode struct {
	Name string
	Sub  string
}

// Class is the mode class that awards count by (ARRL DXCC rules; digital
// voice is phone).
type Class uint8

// The mode classes.
const (
	ClassCW Class = iota
	ClassPhone
	ClassDigital
	ClassCount int = iota
)

// String returns CW, PHONE or DIGITAL.
func (c Class) String() string { return [...]string{"CW", "PHONE", "DIGITAL"}[c] }

// Group is the mode group within which LoTW accepts two modes as the same.
type Group uint8

// The mode groups of LoTW.
const (
	GroupCW Group = iota
	GroupPhone
	GroupImage
	GroupData
)

// String returns CW, PHONE, IMAGE or DATA as LoTW writes it.
func (g Group) String() string { return [...]string{"CW", "PHONE", "IMAGE", "DATA"}[g] }

type modeInfo struct {
	mode  Mode
	class Class
	group Group
	lotw  string

	importOnly bool // ADIF: accept, never write
}

type modeNames struct {
	byMode  map[Mode]modeInfo
	parents map[string]string // submode -> parent mode
	aliases map[string]Mode   // written -> meant
	groups  map[string]Group  // DATA, PHONE, IMAGE: no mode can be known
}

var modeTable = lazy(func() *modeNames {
	t := &modeNames{map[Mode]modeInfo{}, map[string]string{}, map[string]Mode{}, map[string]Group{}}
	classes := map[string]Class{"CW": ClassCW, "PHONE": ClassPhone, "DIGITAL": ClassDigital}
	groups := map[string]Group{"CW": GroupCW, "PHONE": GroupPhone, "IMAGE": GroupImage, "DATA": GroupData}
	for _, row := range tableRows("modes") {
		m := Mode{row[0], row[1]}
		t.byMode[m] = modeInfo{m, classes[row[3]], groups[row[5]], row[4], row[2] == "1"}
		if m.Sub != "" && t.parents[m.Sub] == "" {
			t.parents[m.Sub] = m.Name
		}
	}
	for _, row := range tableRows("mode_aliases") {
		if group, ok := strings.CutPrefix(row[3], "group-"); ok {
			t.groups[row[0]] = groups[strings.ToUpper(group)]
			continue
		}
		t.aliases[row[0]] = Mode{row[1], row[2]}
	}
	return t
})

// KnowsMode reports whether ADIF or a program that writes it has a mode, a
// submode, a class or a group of modes with that name, in any letter case.
func KnowsMode(name string) bool {
	name = foldName(name)
	t := modeTable()
	if _, is := t.byMode[Mode{Name: name}]; is || t.parents[name] != "" || isGroupName(t, name) {
		return true
	}
	_, is := t.aliases[name]
	return is || name == ClassPhone.String() || name == ClassDigital.String()
}

// propagation are the values of PROP_MODE in ADIF 3.1.6.
var propagation = strings.Fields("AS AUE AUR BS ECH EME ES F2 FAI GWAVE INTERNET ION IRL LOS MS RPT RS SAT TEP TR")

// KnowsPropagation reports whether ADIF has a value of PROP_MODE, in any letter
// case.
func KnowsPropagation(name string) bool {
	return slices.Contains(propagation, strings.ToUpper(name))
}

// ParseMode makes a Mode of what a record says in MODE and SUBMODE, in any
// letter case: submodes and spellings written as MODE are split by the ADIF
// tables, a submode alone gives its parent, a submode equal to the mode is
// dropped. Unknown names are kept. It returns ErrNoMode if both are blank.
func ParseMode(mode, submode string) (Mode, error) {
	mode, submode = foldName(mode), foldName(submode)
	if mode == "" && submode == "" {
		return Mode{}, fmt.Errorf("%w: MODE and SUBMODE are blank", ErrNoMode)
	}
	t := modeTable()
	if mode == "" {
		return splitMode(t, submode), nil
	}
	m := splitMode(t, mode)
	if submode == "" || submode == mode || submode == m.Name {
		return m, nil
	}
	s := splitMode(t, submode)
	switch {
	case s.Name == m.Name && s.Sub != "":
		return s, nil
	case m.Sub != "" && s.Sub == "": // MODE=FT4 SUBMODE=MFSK: the two were swapped
		return m, nil
	case s.Sub != "" && t.parents[s.Sub] != "" && isGroupName(t, mode):
		return s, nil
	case m.Sub == "":
		m.Sub = submode
	}
	return m, nil
}

func isGroupName(t *modeNames, name string) bool {
	_, ok := t.groups[name]
	return ok
}

// splitMode finds what one written name means.
func splitMode(t *modeNames, name string) Mode {
	info, listed := t.byMode[Mode{Name: name}]
	if listed && !info.importOnly {
		return Mode{Name: name}
	}
	if m, ok := t.aliases[name]; ok {
		return m
	}
	if parent := t.parents[name]; parent != "" {
		return Mode{parent, name}
	}
	return Mode{Name: name}
}

// foldName upper-cases and trims; a name that is clean already is returned as
// it is, without allocation.
func foldName(s string) string { return strings.ToUpper(strings.TrimSpace(s)) }

func (m Mode) info() modeInfo {
	t := modeTable()
	if info, ok := t.byMode[m]; ok {
		return info
	}
	if info, ok := t.byMode[Mode{Name: m.Name}]; ok {
		return info
	}
	info := modeInfo{mode: m, class: ClassDigital, group: GroupData}
	if g, ok := t.groups[m.Name]; ok {
		info.group = g
		if g == GroupPhone {
			info.class = ClassPhone
		}
	}
	return info
}

// Known reports whether ADIF lists the parent mode.
func (m Mode) Known() bool {
	_, ok := modeTable().byMode[Mode{Name: m.Name}]
	return ok
}

// Class returns the class that awards count the mode in. Unknown modes are
// digital: new modes are.
func (m Mode) Class() Class { return m.info().class }

// Group returns the LoTW group of the mode; DATA for unknown modes.
func (m Mode) Group() Group { return m.info().group }

// LoTW returns LoTW's name of the mode, empty if LoTW does not know it.
func (m Mode) LoTW() string { return m.info().lotw }

// String returns the name people use: the submode where there is one ("FT4",
// but "SSB" for its sidebands), else the mode.
func (m Mode) String() string {
	if m.Sub == "" || m.Name == "SSB" {
		return m.Name
	}
	return m.Sub
}
