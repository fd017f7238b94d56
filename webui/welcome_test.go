package webui_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"qslbox/qso"
	"qslbox/syncers"
)

// TestWelcome greets an empty logbook with three ways in; what is wrong with
// the LoTW account is said there, and how the first sync went.
func TestWelcome(t *testing.T) {
	f := newFixture(t).withPeople()
	cookie := f.cookie("admin")
	page := f.visit(cookie, "/").body
	for _, want := range []string{`action="/welcome/lotw"`, `action="/import"`, `href="/log/new"`} {
		if !strings.Contains(page, want) {
			t.Errorf("no %s in %s", want, page)
		}
	}
	if got := f.send(cookie, "/welcome/lotw", "login", "dk9xyz", "secret", ""); got.status != http.StatusBadRequest || !strings.Contains(got.body, "needs a password") || !strings.Contains(got.body, `value="dk9xyz"`) {
		t.Errorf("without a password: %d", got.status)
	}
	if got := f.send(cookie, "/welcome/lotw", "login", "dk9xyz", "secret", "secret word"); got.status != http.StatusSeeOther || got.header.Get("Location") != "/" {
		t.Fatalf("%d %s", got.status, got.body)
	}
	main := f.books.book("main")
	if a, err := main.Account(qso.LoTW); err != nil || a.Login != "dk9xyz" {
		t.Errorf("the account: %+v, %v", a, err)
	}
	main.runs = append(main.runs, syncers.Run{Run: 1, Source: "lotw", Class: syncers.Auth, Message: "LoTW refused login or password"})
	if page := f.visit(cookie, "/").body; !strings.Contains(page, "LoTW refused login or password") || strings.Contains(page, "secret word") {
		t.Errorf("after a first run: %s", page)
	}
	if got := f.send(f.cookie("owner"), "/welcome/lotw", "login", "x", "secret", "x"); got.status != http.StatusForbidden {
		t.Errorf("an owner: %d", got.status)
	}
}

// TestSinceVisit says what is new since the last visit, once that has ended.
func TestSinceVisit(t *testing.T) {
	f := newFixture(t).withPeople()
	main := f.books.book("main")
	main.add(contact("DL1ABC", "20m", "CW", started))
	cookie := f.cookie("viewer")
	look := func() string {
		got := f.visit(cookie, "/")
		for _, line := range got.header.Values("Set-Cookie") {
			if value, _, _ := strings.Cut(line, ";"); strings.HasPrefix(value, "visit=") {
				cookie = f.cookie("viewer") + "; " + value
			}
		}
		return got.body
	}
	if page := look(); strings.Contains(page, "Since your last visit") {
		t.Error("a first visit has one before it")
	}
	f.clock.advance(10 * time.Hour)
	now := f.clock.now()
	main.add(contact("JA1ZZZ", "20m", "CW", started))
	main.runs = append(main.runs,
		syncers.Run{Run: 1, Source: "lotw", Class: syncers.OK, Updated: 700, Ended: started.Add(-time.Hour), New: syncers.New{Entities: []string{"1"}}},
		syncers.Run{Run: 2, Source: "lotw", Class: syncers.OK, Updated: 7, Ended: now, New: syncers.New{Entities: []string{"339"}, Slots: []string{"339/20m", "230/6m"}, DOKs: []string{"B36"}}})
	for _, when := range []string{"at once", "a minute later"} {
		page := look()
		rest := page[strings.Index(page, "<main"):]
		for _, want := range []string{"Since your last visit", `<a class="stamp new" href="/log?entity=339">Japan</a>`, "1 new band slot", `<a class="tag" href="/log?band=6m&amp;entity=230">Federal Republic of Germany 6m</a>`,
			`<a class="tag" href="/awards/dld/qsos?key=B36">B36</a>`, `<a href="/log?id_above=1">1 more QSO in the log</a>`, `<a href="/sync">7 QSOs confirmed`} {
			_, behind, found := strings.Cut(rest, want)
			if !found {
				t.Errorf("%s: no %q, or not in this order, in %s", when, want, page[strings.Index(page, "<main"):])
				continue
			}
			rest = behind
		}
		if strings.Contains(page, "Canada") || strings.Contains(page, "Japan 20m") {
			t.Errorf("%s: old news, or the same twice", when)
		}
		f.clock.advance(time.Minute)
	}
	f.clock.advance(time.Hour)
	if page := look(); strings.Contains(page, "Since your last visit") {
		t.Error("the next visit tells the same again")
	}
	for _, bad := range []string{"visit=x", "visit=-1.0.0.0", "visit=1.2.99999999999.4", "visit="} {
		if got := f.visit(f.cookie("viewer")+"; "+bad, "/"); got.status != http.StatusOK {
			t.Errorf("%s: %d", bad, got.status)
		}
	}
}
