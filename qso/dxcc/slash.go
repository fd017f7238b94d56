package dxcc

import "strings"

// maxParts is how many parts between slashes are looked at; more do not occur.
const maxParts = 4

// parts are the parts of a call between its slashes.
type parts struct {
	part [maxParts]string
	n    int
}

// split takes a call apart at its slashes and drops the endings that say
// nothing about the place (/P, /QRP ...). nowhere means that the station was at
// sea or in the air.
func split(call string) (p parts, nowhere bool) {
	for rest := call; p.n < maxParts; {
		part, after, more := strings.Cut(rest, "/")
		if part != "" {
			p.part[p.n] = part
			p.n++
		}
		if !more {
			break
		}
		rest = after
	}
	for p.n > 1 {
		last := p.part[p.n-1]
		if last == "MM" || last == "AM" {
			return p, true
		}
		if !saysNothing(last) && !(p.n > 2 && isDigit(last)) {
			break
		}
		p.n--
	}
	return p, false
}

// saysNothing reports whether an ending of a call leaves its place open: a
// single letter, a number of two or more digits, and words.
func saysNothing(s string) bool {
	letters, digits := 0, 0
	for i := 0; i < len(s); i++ {
		if isLetter(s[i]) {
			letters++
		} else {
			digits++
		}
	}
	switch {
	case digits == 0:
		return letters == 1 || letters > 2 || s == "LH"
	case letters == 0:
		return digits > 1
	}
	return false
}

// designator tells the part that says where the station was from the call it
// has at home: what does not end in letters after a digit (KH6, 9A, DL; FT5Z if
// it is a known prefix), else the shorter one, else the first.
func (p *parts) designator(known func(string) bool) (place, home string) {
	a, b := p.part[0], p.part[1]
	for _, further := range p.part[2:p.n] {
		if len(further) > len(b) {
			b = further
		}
	}
	first, second := looksLikePlace(a, known), looksLikePlace(b, known)
	if first != second && second || first == second && len(b) < len(a) {
		return b, a
	}
	return a, b
}

func looksLikePlace(s string, known func(string) bool) bool {
	i := areaDigit(s)
	switch {
	case i <= 0, i == len(s)-1:
		return true
	case i == len(s)-2:
		return known(s)
	}
	return false
}
