package webui_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
)

// TestAdd stores one QSO by the rules that a file goes through.
func TestAdd(t *testing.T) {
	f := newFixture(t)
	const good = `{"time":"2025-01-20T10:15:00Z","call":"dl1abc","station_callsign":"DK9XYZ","band":"20m","mode":"FT4","extra":{"APP_X":"y"}}`
	for _, tt := range []struct {
		name, body string
		status     int
		want       string
	}{
		{"good", good, 201, `"call":"DL1ABC","station_callsign":"DK9XYZ","band":"20m","mode":"MFSK","submode":"FT4"`},
		{"again", good, 409, `"id":1`},
		{"no call", `{"time":"2025-01-20T10:15:00Z","band":"20m","mode":"CW"}`, 422, `"code":"no-call"`},
		{"the future", `{"time":"2026-01-20T10:15:00Z","call":"DL1ABC","band":"20m","mode":"CW"}`, 422, `"code":"bad-date"`},
		{"no band", `{"time":"2025-01-20T10:15:00Z","call":"DL1ABC","mode":"CW"}`, 422, `"code":"no-band-or-freq"`},
		{"no object", `{"time":`, 400, `"code":"invalid"`},
		{"a list in it", `{"call":["DL1ABC"]}`, 400, `"code":"invalid"`},
		{"too large", `{"comment":"` + strings.Repeat("x", 1<<20) + `"}`, 413, `"code":"too_large"`},
	} {
		got := f.do(ask{method: http.MethodPost, path: "/api/qsos", body: tt.body, full: true})
		if got.status != tt.status || !strings.Contains(got.body, tt.want) {
			t.Errorf("%s: %d %s\nwant %d %s", tt.name, got.status, got.body, tt.status, tt.want)
		}
		if tt.status == 201 && (got.header.Get("Location") != "/api/qsos/1" || got.header.Get("Etag") != `"1"`) {
			t.Errorf("%s: headers %v", tt.name, got.header)
		}
	}
}

// TestEdit changes single fields; everything else stays as it is.
func TestEdit(t *testing.T) {
	stored := func() *qso.QSO {
		q := contact("DL1ABC", "20m", "CW", started)
		q.Freq = 14_025_000_000
		q.Mode = qso.Mode{Name: "MFSK", Sub: "FT4"}
		q.Fields = []qso.Field{{ID: qso.FieldGridsquare, Value: "JO31"}, {Name: "APP_X_Y", Type: 'S', Value: "kept"}, {ID: qso.FieldRSTSent, Value: "599"}}
		q.Confirmations = []qso.Confirmation{{Source: qso.LoTW, Status: 'Y', Date: qso.TimeOf(started), Stated: true, Record: []qso.Field{{ID: qso.FieldState, Value: "NW"}}}}
		for _, id := range []qso.FieldID{qso.FieldDXCC, qso.FieldCQZ, qso.FieldITUZ} {
			q.SetOrigin(id, "", qso.LookedUp)
		}
		return q
	}
	for _, tt := range []struct {
		name, patch string
		change      func(*qso.QSO)
		code        string
	}{
		{"a text", `{"comment":"first contact"}`, func(q *qso.QSO) { q.Set(qso.FieldComment, "first contact") }, ""},
		{"a locator", `{"gridsquare":"jo32aa"}`, func(q *qso.QSO) { q.Set(qso.FieldGridsquare, "JO32AA") }, ""},
		{"taken out", `{"rst_sent":null}`, func(q *qso.QSO) { q.Set(qso.FieldRSTSent, "") }, ""},
		{"an unknown field", `{"extra":{"APP_X_Z":"1"}}`, func(q *qso.QSO) { q.SetNamed("APP_X_Z", "1") }, ""},
		{"mode", `{"mode":"CW"}`, func(q *qso.QSO) { q.Mode = qso.Mode{Name: "CW"} }, ""},
		{"band", `{"band":"40m"}`, func(q *qso.QSO) { q.Band, _ = qso.ParseBand("40m"); q.Freq = 0 }, ""},
		{"frequency", `{"freq_mhz":7.025}`, func(q *qso.QSO) { q.Band, _ = qso.ParseBand("40m"); q.Freq = 7_025_000_000 }, ""},
		{"time", `{"time":"2025-01-20T10:15:00Z"}`, func(q *qso.QSO) { q.Start, _ = qso.ParseTime("2025-01-20T10:15:00Z") }, ""},
		{"call, looked up anew", `{"call":"W1AAA"}`, func(q *qso.QSO) { q.Call, q.DXCC, q.CQZ, q.ITUZ = "W1AAA", 291, 5, 8 }, ""},
		{"a card", `{"qsl_rcvd":"Y","qslrdate":"20250121"}`, func(q *qso.QSO) {
			d, _ := qso.ParseDate("20250121", q.Start+1e6)
			q.Confirmations = append(q.Confirmations, qso.Confirmation{Source: qso.Card, Status: 'Y', Date: d})
		}, ""},
		{"LoTW's date", `{"lotw_qslrdate":"20250120"}`, func(q *qso.QSO) { q.Confirmations[0].Date, _ = qso.ParseDate("20250120", q.Start) }, ""},
		{"as it was read", `{"id":1,"rev":1,"confirmed":["lotw"],"confirmations":[],"origins":{},"differences":[],"rst_sent":"599"}`, func(*qso.QSO) {}, ""},
		{"a bad call", `{"call":"no"}`, nil, "bad-call"},
		{"no call", `{"call":""}`, nil, "no-call"},
		{"a bad band", `{"band":"21m"}`, nil, "bad-band"},
		{"a list", `{"comment":[1]}`, nil, "invalid"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			f := newFixture(t)
			f.books.book("main").add(stored())
			got := f.do(ask{method: http.MethodPatch, path: "/api/qsos/1", body: tt.patch, full: true})
			if tt.code != "" {
				if code(got.body) != tt.code {
					t.Errorf("%d %s, want %s", got.status, got.body, tt.code)
				}
				return
			}
			if got.status != 200 || got.header.Get("Etag") != `"2"` {
				t.Fatalf("%d %s", got.status, got.body)
			}
			want := stored()
			tt.change(want)
			want.ID, want.Rev = 1, 2
			have, _ := f.books.book("main").Get(1)
			if diff := cmp.Diff(want, have); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// TestRevision shows that nobody overwrites what he has not seen.
func TestRevision(t *testing.T) {
	f := newFixture(t)
	f.books.book("main").add(contact("DL1ABC", "20m", "CW", started))
	patch := func(match, body string) answer {
		a := ask{method: http.MethodPatch, path: "/api/qsos/1", body: body, full: true}
		if match != "" {
			a.header = map[string]string{"If-Match": match}
		}
		return f.do(a)
	}
	if got := patch(`"1"`, `{"name":"Anna"}`); got.status != 200 {
		t.Fatalf("current revision: %d %s", got.status, got.body)
	}
	for match, body := range map[string]string{`"1"`: `{"name":"Bert","notes":null}`, "": `{"rev":1,"name":"Bert","notes":null}`} {
		got := patch(match, body)
		doc := decode[struct {
			Error   struct{ Code string }
			Current struct {
				Rev  int
				Name string
			}
			Yours map[string]string
		}](t, got.body)
		if got.status != http.StatusPreconditionFailed || doc.Error.Code != "stale" || doc.Current.Rev != 2 || doc.Current.Name != "Anna" {
			t.Errorf("old revision: %d %s", got.status, got.body)
		}
		if diff := cmp.Diff(map[string]string{"name": "Bert", "notes": ""}, doc.Yours); diff != "" {
			t.Errorf("yours (-want +got):\n%s", diff)
		}
	}
	if got := patch("*", `{"name":"Carla"}`); got.status != 200 {
		t.Errorf("any revision: %d %s", got.status, got.body)
	}
	if got := patch("x", `{"name":"Dora"}`); got.status != 400 {
		t.Errorf("no revision: %d", got.status)
	}
	if got := f.do(ask{method: http.MethodDelete, path: "/api/qsos/1", header: map[string]string{"If-Match": `"1"`}, full: true}); got.status != 412 {
		t.Errorf("delete of an old revision: %d", got.status)
	}
}

// TestDelete sends a QSO into the trash and brings it back.
func TestDelete(t *testing.T) {
	f := newFixture(t)
	f.books.book("main").add(contact("DL1ABC", "20m", "CW", started))
	f.command(http.MethodDelete, "/api/qsos/1", "")
	for _, path := range []string{"/api/qsos/1", "/api/qsos/1/history", "/api/qsos/one"} {
		if got := f.do(ask{path: path, full: true}); got.status != 404 || code(got.body) != "no_qso" {
			t.Errorf("%s: %d %s", path, got.status, got.body)
		}
	}
	if got := f.command(http.MethodGet, "/api/trash", "").body; !strings.Contains(got, `"by":"command"`) || !strings.Contains(got, `"until":"2025-02-20T06:37:55Z"`) {
		t.Errorf("trash: %s", got)
	}
	f.command(http.MethodPost, "/api/qsos/1/restore", "")
	got := f.command(http.MethodGet, "/api/qsos/1", "")
	if got.header.Get("Etag") != `"1"` || !strings.Contains(got.body, `"call":"DL1ABC"`) {
		t.Errorf("restored: %s", got.body)
	}
	if got := f.do(ask{path: "/api/qsos/1", header: map[string]string{"If-None-Match": `"1"`}, full: true}); got.status != 304 {
		t.Errorf("If-None-Match: %d", got.status)
	}
	if got := f.command(http.MethodGet, "/api/audit", "").body; !strings.Contains(got, "qso-deleted") || !strings.Contains(got, "qso-restored") {
		t.Errorf("audit: %s", got)
	}
}

// TestOwnCallIsThere: the form of a new QSO has the own call of the settings, else
// the one with the most QSOs.
func TestOwnCallIsThere(t *testing.T) {
	f := newFixture(t).withPeople()
	main := f.books.book("main")
	for i, own := range []qso.Call{"DK9XYZ/P", "DL0XYZ", "DL0XYZ"} {
		q := contact("W1AAA", "20m", "CW", started.AddDate(0, 0, -i))
		q.Own = own
		main.add(q)
	}
	for _, want := range []qso.Call{"DL0XYZ", "DK9XYZ"} {
		if page := f.visit(f.cookie("owner"), "/log/new").body; !strings.Contains(page, `name="station_callsign" value="`+string(want)+`"`) {
			t.Errorf("the form has not the own call %s", want)
		}
		main.settings.DefaultOwn = "DK9XYZ"
	}
}
