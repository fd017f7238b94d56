package lotwtest

import "time"

// All returns one of each fault, short ones only: none makes a test wait, and
// none is endless.
func All() []Fault {
	faults := []Fault{
		WrongPassword(), RequestLimit(), Maintenance(), CaptivePortal(), Empty(), Refuse(), Redirect("http://198.51.100.7/elsewhere"),
		Cut(20), Cut(2000), Cut(-3), CutChunk(2000), CutAfter(2), WrongLength(100), WrongLength(-100), Stall(900, 10*time.Millisecond), BadRecords(),
		{Name: "late", Delay: 10 * time.Millisecond},
		{Name: "by length", Framing: ByLength},
		{Name: "gzip", Gzip: true},
		{Name: "Latin-1", Latin1: true},
		{Name: "LF only", LF: true},
		{Name: "garbled", Garble: 7},
		{Name: "no end mark", NoEnd: true},
		{Name: "count off", CountOff: 3},
		{Name: "last in the future", Last: "2099-01-01 00:00:00"},
		{Name: "last is no time", Last: "yesterday"},
		{Name: "no last", NoLast: true},
		{Name: "default since", DefaultSince: true, Tiny: 1},
		{Name: "not confirmed", Unconfirmed: true},
		{Name: "twice", Twice: true},
		{Name: "plain text", Page: "hello"},
	}
	for _, code := range []int{400, 401, 403, 404, 405, 408, 429, 500, 502, 503} {
		faults = append(faults, Status(code, 600))
	}
	return faults
}
