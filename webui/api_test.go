package webui_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"qslbox/qso"
	"qslbox/qso/columns"
	"qslbox/webui"
)

// TestStats checks that a snapshot is answered as it is, and only once.
func TestStats(t *testing.T) {
	f := newFixture(t)
	main := f.books.book("main")
	main.add(contact("DL1ABC", "20m", "CW", started), contact("W1AAA", "40m", "SSB", started.Add(time.Hour)))
	got := f.command(http.MethodGet, "/api/stats", "")
	doc := decode[struct {
		AsOf   string `json:"as_of"`
		Total  int
		ByBand []struct {
			Key    string
			Worked int
		} `json:"by_band"`
	}](t, got.body)
	if doc.Total != 2 || doc.AsOf != "2025-01-21T06:37:55Z" || len(doc.ByBand) == 0 || !strings.HasPrefix(got.body, `{"as_of":`) {
		t.Errorf("stats: %s", got.body)
	}
	etag := got.header.Get("Etag")
	for header, want := range map[string]int{etag: 304, `"x", ` + strings.TrimPrefix(etag, "W/"): 304, "*": 304, `"x"`: 200} {
		if got := f.do(ask{path: "/api/stats", header: map[string]string{"If-None-Match": header}, full: true}); got.status != want || (want == 304) != (got.body == "") {
			t.Errorf("If-None-Match %s: %d %q, want %d", header, got.status, got.body, want)
		}
	}
	filtered := decode[struct{ Total int }](t, f.command(http.MethodGet, "/api/stats?band=40m&mode=PHONE", "").body)
	if filtered.Total != 1 {
		t.Errorf("stats of 40m PHONE: %d QSOs", filtered.Total)
	}
	main.add(contact("JA1ZZZ", "20m", "CW", started))
	if got := f.do(ask{path: "/api/stats", header: map[string]string{"If-None-Match": etag}, full: true}); got.status != 200 || !strings.Contains(got.body, `"total":3`) {
		t.Errorf("after a new QSO: %d %s", got.status, got.body)
	}
	f.command(http.MethodDelete, "/api/cache", "")
	if g := main.generation.Load(); g != 4 {
		t.Errorf("generation %d after three QSOs and a cleared cache, want 4", g)
	}
}

// TestAwards reads the list and one award with what lies behind it.
func TestAwards(t *testing.T) {
	f := newFixture(t)
	confirmed := contact("DL1ABC", "20m", "CW", started)
	confirmed.Confirmations = []qso.Confirmation{{Source: qso.LoTW, Status: 'Y', Date: qso.TimeOf(started)}}
	other := contact("W1AAA", "40m", "SSB", started)
	other.DXCC = 291
	f.books.book("main").add(confirmed, other)
	list := decode[struct {
		Items []struct {
			ID                string
			Worked, Confirmed int
		}
	}](t, f.command(http.MethodGet, "/api/awards", "").body)
	found := false
	for _, a := range list.Items {
		if a.ID == "dxcc" {
			found = true
			if a.Worked != 2 || a.Confirmed != 1 {
				t.Errorf("dxcc in the list: %+v", a)
			}
		}
	}
	if !found {
		t.Error("the list has no dxcc")
	}
	for path, want := range map[string]string{
		"/api/awards/dxcc":                              `"worked":2,"confirmed":1`,
		"/api/awards/dxcc?band=40m":                     `"worked":1,"confirmed":0`,
		"/api/awards/dxcc?sources=qsl":                  `"worked":2,"confirmed":0`,
		"/api/awards/dxcc/qsos?key=230":                 `{"items":[{"id":1,"confirmed":true}]}`,
		"/api/awards/dxcc/unconfirmed":                  `{"items":[{"key":"291","name":"United States of America","ids":[2]}]}`,
		"/api/awards/dxcc/timeline":                     `{"day":"2025-01-21","worked":2,"confirmed":1}`,
		"/api/awards/dxcc/table.csv":                    "230,",
		"/api/awards/dxcc?as_of=2024-12-31&deleted=yes": `"worked":0`,
	} {
		if got := f.do(ask{path: path, full: true}); got.status != 200 || !strings.Contains(got.body, want) {
			t.Errorf("%s: %d %.300s\nwant %s", path, got.status, got.body, want)
		}
	}
}

// TestFilter reads every parameter.
func TestFilter(t *testing.T) {
	yes := true
	day := func(y, m, d int) qso.Time { return qso.TimeOf(time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC)) }
	band := func(name string) qso.Band { b, _ := qso.ParseBand(name); return b }
	settings := &qso.Settings{Holders: []qso.Holder{{Name: "me", Calls: []qso.Call{"DK9XYZ", "DK9XYZ/P"}}}}
	for _, tt := range []struct {
		name, query string
		want        columns.Filter
		err         string
	}{
		{"nothing", "", columns.Filter{}, ""},
		{"others' parameters", "logbook=main&sort=-time", columns.Filter{}, ""},
		{"own", "own=dk9xyz,DL0XYZ&own=DK9XYZ/P", columns.Filter{Own: []qso.Call{"DK9XYZ", "DL0XYZ", "DK9XYZ/P"}}, ""},
		{"holder", "holder=me", columns.Filter{Holder: "me", Own: []qso.Call{"DK9XYZ", "DK9XYZ/P"}}, ""},
		{"holder and own", "holder=me&own=DK9XYZ,DL0XYZ", columns.Filter{Holder: "me", Own: []qso.Call{"DK9XYZ"}}, ""},
		{"holder and none of his", "holder=me&own=DL0XYZ", columns.Filter{Holder: "me"}, ""},
		{"unknown holder", "holder=you", columns.Filter{}, "holder"},
		{"days", "from=2025-01-01&to=20250131", columns.Filter{From: day(2025, 1, 1), To: day(2025, 2, 1)}, ""},
		{"instants", "from=2025-01-01T10:00:00Z&to=2025-01-01T11:00:00Z", columns.Filter{From: day(2025, 1, 1) + 36000, To: day(2025, 1, 1) + 39600}, ""},
		{"bad day", "from=2025-02-30", columns.Filter{}, "from"},
		{"turned round", "from=2025-02-01&to=2025-01-01", columns.Filter{}, "not before"},
		{"band", "band=20M,70cm", columns.Filter{Bands: []qso.Band{band("20m"), band("70cm")}}, ""},
		{"bad band", "band=21m", columns.Filter{}, "band"},
		{"texts", "mode=FT8,CW&sat=QO-100&operator=dl1abc&contest=X&grid=JO&call=dl*&square=jo31",
			columns.Filter{Modes: []string{"FT8", "CW"}, Sat: "QO-100", Operator: "dl1abc", Contest: "X", Grid: "JO", Call: "DL*", Square: "JO31"}, ""},
		{"confirmed", "confirmed_by=lotw,card&confirmed=yes", columns.Filter{ConfirmedBy: qso.SourceSet(qso.LoTW, qso.Card), Confirmed: &yes}, ""},
		{"bad source", "confirmed_by=me", columns.Filter{}, "confirmed_by"},
		{"neither yes nor no", "confirmed=perhaps", columns.Filter{}, "confirmed"},
		{"entity", "entity=230", columns.Filter{Entity: 230}, ""},
		{"bad entity", "entity=DL", columns.Filter{}, "entity"},
		{"slashed zero", "call=dl%C3%B8abc", columns.Filter{Call: "DL0ABC"}, ""},
		{"propagation", "prop=sat", columns.Filter{Prop: "sat"}, ""},
		{"continent", "continent=eu", columns.Filter{Continent: "EU"}, ""},
		{"bad continent", "continent=XX", columns.Filter{}, "continent"},
		{"week", "hour=23,0&weekday=7&id_above=12", columns.Filter{Hours: 1<<23 | 1, Weekdays: 1 << 6, Above: 12}, ""},
		{"bad hour", "hour=24", columns.Filter{}, "hour"},
		{"bad weekday", "weekday=0", columns.Filter{}, "weekday"},
		{"bad id", "id_above=-1", columns.Filter{}, "id_above"},
		{"bad square", "square=ZZ99", columns.Filter{}, "square"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			req, _ := http.NewRequest(http.MethodGet, "http://localhost/?"+tt.query, nil)
			got, err := webui.ParseFilter(req.URL.Query(), settings)
			switch {
			case tt.err != "":
				if err == nil || !strings.Contains(err.Error(), tt.err) {
					t.Errorf("error %v, want one that names %s", err, tt.err)
				}
			case err != nil:
				t.Error(err)
			default:
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}
		})
	}
	f := newFixture(t)
	for path, want := range map[string]string{
		"/api/stats?band=21m": "bad_filter", "/api/qsos?from=2025-02-01&to=2025-01-01": "bad_filter", "/api/qsos?sort=up": "bad_sort",
		"/api/qsos?prop=SKIP": "bad_filter", "/api/qsos?mode=MORSE": "bad_filter", "/api/qsos?after=nowhere": "bad_cursor", "/api/qsos?limit=0": "invalid", "/api/export.adi?not_at=me": "bad_filter",
	} {
		if got := f.do(ask{path: path, full: true}); got.status != 400 || code(got.body) != want {
			t.Errorf("%s: %d %s, want %s", path, got.status, got.body, want)
		}
	}
}

// TestPaging walks the log in pages while QSOs come and go.
func TestPaging(t *testing.T) {
	f := newFixture(t)
	main := f.books.book("main")
	for i := range 7 {
		main.add(contact("DL1ABC", "20m", "CW", started.Add(time.Duration(i)*time.Hour)))
	}
	type page struct {
		Items []struct{ ID int }
		Next  string
		Total *int
	}
	var ids []int
	after := ""
	for n := range 20 {
		p := decode[page](t, f.command(http.MethodGet, "/api/qsos?limit=3&count=1&after="+url.QueryEscape(after), "").body)
		for _, q := range p.Items {
			ids = append(ids, q.ID)
		}
		if p.Total == nil {
			t.Fatal("no total")
		}
		if after = p.Next; after == "" {
			break
		}
		main.add(contact("W1AAA", "20m", "CW", started.Add(time.Duration(10+n)*time.Hour)))
	}
	if diff := cmp.Diff([]int{7, 6, 5, 4, 3, 2, 1}, ids); diff != "" {
		t.Errorf("newest first, each once (-want +got):\n%s", diff)
	}
	if got := f.command(http.MethodGet, "/api/qsos?call=JA*", "").body; got != `{"items":[]}`+"\n" {
		t.Errorf("no QSO: %s", got)
	}
}

// TestEmptyLists shows that a list without entries is a list.
func TestEmptyLists(t *testing.T) {
	f := newFixture(t)
	for _, path := range []string{"/api/qsos", "/api/trash", "/api/accounts", "/api/keys", "/api/users", "/api/sync/lotw/unmatched", "/api/users/none/sessions"} {
		if got := f.command(http.MethodGet, path, ""); !strings.HasPrefix(got.body, `{"items":[]`) {
			t.Errorf("%s: %s", path, got.body)
		}
	}
	if got := f.command(http.MethodGet, "/api/sync", ""); got.body != `{"items":[],"jobs":[]}`+"\n" {
		t.Errorf("sync: %s", got.body)
	}
}
