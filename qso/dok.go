package qso

import "strings"

// DOKKind tells regular DOKs from special ones.
type DOKKind uint8

// Kinds of DOK.
const (
	NoDOK      DOKKind = iota // empty, or NM: no member of DARC or VFDB
	RegularDOK                // district letter and two digits (Z: VFDB)
	SpecialDOK                // Sonder-DOK: everything else
)

// String returns none, regular or special.
func (k DOKKind) String() string { return [...]string{"none", "regular", "special"}[k] }

// maxDOK is longer than any special DOK there was: what is longer is a remark.
const maxDOK = 20

// FoldDOK brings a DOK as people type it into its one spelling (upper case, Ø
// as zero, blanks and stray signs out) and tells its kind. Source: DARC's
// pages on DOK and special DOK.
func FoldDOK(s string) (string, DOKKind) {
	folded := strings.Map(func(r rune) rune {
		switch {
		case r == 'Ø' || r == 'ø':
			return '0'
		case 'a' <= r && r <= 'z':
			return r - 'a' + 'A'
		case r == 'ä' || r == 'ö' || r == 'ü':
			return r - 'ä' + 'Ä'
		case 'A' <= r && r <= 'Z', '0' <= r && r <= '9', r == 'Ä', r == 'Ö', r == 'Ü':
			return r
		}
		return -1
	}, s)
	switch {
	case folded == "" || folded == "NM" || len(folded) > maxDOK:
		return folded, NoDOK
	case isRegularDOK(folded):
		return folded, RegularDOK
	}
	return folded, SpecialDOK
}

func isRegularDOK(s string) bool {
	return len(s) == 3 && 'A' <= s[0] && s[0] <= 'Z' && s[0] != 'J' && allDigits(s[1:]) && s[1:] != "00"
}

var districtTable = lazy(func() map[byte]string {
	names := map[byte]string{}
	for _, row := range tableRows("dok_districts") {
		names[row[0][0]] = row[1]
	}
	return names
})

// DOKDistrict returns the district letter of a regular DOK and its name;
// empty for others. A special DOK stands for no district.
func DOKDistrict(dok string) (letter, name string) {
	if !isRegularDOK(dok) {
		return "", ""
	}
	return dok[:1], districtTable()[dok[0]]
}

// DOKDistricts returns all district letters in order with their names.
func DOKDistricts() (letters, names []string) {
	for _, row := range tableRows("dok_districts") {
		letters, names = append(letters, row[0]), append(names, row[1])
	}
	return letters, names
}
