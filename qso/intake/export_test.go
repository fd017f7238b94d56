package intake

import (
	"qslbox/qso"
	"qslbox/qso/adif"
)

// The quick forms of what package qso reads, for a test that both agree.
var (
	ParseDay    = parseDay
	ParseClock  = parseClock
	IsPlainGrid = isPlainGrid
	IsCleanCall = isCleanCall
)

// ParseMHz reads a frequency in MHz as the intake does; zero is no frequency.
func ParseMHz(s string) qso.Freq {
	n, ok := parseNumber(&adif.Field{Value: []byte(s)})
	if !ok {
		return 0
	}
	return n.mhz()
}
