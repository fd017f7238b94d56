package dxcc

import "qslbox/qso"

// Prefix returns the WPX prefix of a call: letters and digits up to the number
// of its call area ("DL1", "9A1", "LY1000"). A call without number gets 0 behind
// its second letter; what stands before or after a slash replaces the prefix,
// with 0 behind it if it has no number ("PA/DL1ABC" gives "PA0"); a single digit
// behind the slash replaces the number ("W1AAA/4" gives "W4"). /P, /M, /QRP and
// the like do not count. Stations at sea or in the air have no prefix, nor has
// what cannot be a call: the answer is empty. Source: rules of CQ's WPX award;
// for 9A/ and VP2E/, where programs differ, 9A0 and VP2.
func Prefix(call qso.Call) string {
	clean := string(call)
	if folded, err := qso.ParseCall(clean); err == nil {
		clean = string(folded)
	} else if _, ok := pack(clean); !ok || len(clean) < 3 {
		return ""
	}
	p, nowhere := split(clean)
	switch {
	case nowhere || p.n == 0:
		return ""
	case p.n == 1:
		return homePrefix(p.part[0])
	case p.n == 2 && isDigit(p.part[1]):
		home := homePrefix(p.part[0])
		return home[:len(home)-1] + p.part[1]
	}
	place, _ := p.designator(isArea)
	return placePrefix(place)
}

// isArea takes things like FT5Z and VP2E for places; without a table, a letter
// behind the number makes a place only of a prefix of two letters.
func isArea(s string) bool { return len(s) == 4 && isLetter(s[0]) && isLetter(s[1]) }

// homePrefix returns the prefix of a call without slashes.
func homePrefix(call string) string {
	if i := areaDigit(call); i > 0 {
		return call[:i+1]
	}
	return call[:min(2, len(call))] + "0"
}

// placePrefix returns the prefix that a part before or after a slash stands
// for.
func placePrefix(place string) string {
	if i := areaDigit(place); i > 0 {
		return place[:i+1]
	}
	return place + "0"
}
