package columns

import (
	"slices"
	"strings"
)

// fewRows is up to how many rows a pattern of a call is answered by the call
// index alone.
const fewRows = 20_000

// call adds a pattern of calls, in upper case. The dictionary of calls answers
// it; if it finds few QSOs, no other row is looked at.
func (m *Matches) call(pattern string) {
	log := m.v.log
	calls := log.calls.like(pattern)
	m.few = []uint32{}
	for _, call := range calls {
		for row := log.calls.newestOf(call); row != noRow; row = log.next[row] {
			m.few = append(m.few, row)
		}
		if len(m.few) > fewRows && len(calls) > 1 {
			m.few = nil
			break
		}
	}
	if m.few != nil {
		slices.Sort(m.few)
		return
	}
	allowed := make([]bool, log.calls.len())
	for _, call := range calls {
		allowed[call] = true
	}
	m.tests = append(m.tests, among(m.v.Call, allowed))
}

// like returns the numbers of the calls that a pattern fits, ascending.
func (t *callTable) like(pattern string) []uint32 {
	if !strings.ContainsAny(pattern, "*?") {
		if row := t.newest(pattern); row != noRow {
			return []uint32{(*t.of)[row]}
		}
		return nil
	}
	var list []uint32
	for id := range t.len() {
		if fits(pattern, t.text(uint32(id))) {
			list = append(list, uint32(id))
		}
	}
	return list
}

// fits reports whether a pattern fits a text as a whole: * stands for any
// text, ? for one character. It takes at most pattern times text steps.
func fits(pattern string, text []byte) bool {
	p, t := 0, 0
	star, from := -1, 0 // the last star, and where its text may go on
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p, t = p+1, t+1
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
