package dcltest

import "time"

// All returns one of each fault, short ones only: none makes a test wait.
func All() []Fault {
	faults := []Fault{
		BadKey(401), BadKey(403), ErrorInside(), HTML(), Empty(), Changed(), WrongType(), Null(), Refuse(),
		Cut(20), Cut(700), CutRecord(2), WrongLength(5), WrongLength(-5),
		{Name: "late", Delay: 10 * time.Millisecond},
		{Name: "stalled for a moment", StallAt: 300, StallFor: 10 * time.Millisecond},
		{Name: "more members", Members: `, "next": null`},
		{Name: "bad records", Extra: "<CALL:5>F5AAA<QSO_DATE:8>20250230<EOR><CALL:999999>x<EOR>"},
		{Name: "sign-in page", Body: "<html><body>Please sign in</body></html>"},
		{Name: "plain text", Body: "hello"},
		{Name: "no status", Body: `{"adif":""}`},
		{Name: "bad escape", Body: `{"status":"ok","adif":"\q"}`},
		{Name: "no ADIF inside", Body: `{"status":"ok","adif":"nothing for you"}`},
	}
	for _, code := range []int{302, 400, 404, 405, 410, 429, 500, 503} {
		faults = append(faults, Status(code, 600))
	}
	return faults
}
