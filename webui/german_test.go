package webui_test

import (
	"html"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"qslbox/monitor"
	"qslbox/qso"
	"qslbox/qso/dxcc"
	"qslbox/qso/intake"
	"qslbox/stats/awards"
	"qslbox/syncers"
	"qslbox/webui/words"
)

// withTrouble is a filled server where much went wrong: what is said about it
// is on the pages.
func withTrouble(t *testing.T) *fixture {
	t.Helper()
	f := filled(t, 400).withPeople()
	main := f.books.book("main")
	main.listed = append(main.listed, syncers.Listed{ID: "a3", Source: qso.LoTW, Run: 1, Record: contact("JA1ZZZ", "20m", "CW", started), Reason: syncers.ByOwnCall})
	main.mu.Lock()
	run := &main.runs[1]
	run.Message = "LoTW refused login or password (HTTP 401). Enter them again under Settings."
	run.Warnings = []syncers.Warning{{Code: "default-since", Message: "LoTW chose the period of the own QSOs itself, so older records are missing; the cursor stays and the next run asks again."}}
	run.Answers[0].Message = "LoTW's report announced 12 records and held 7; those are kept, and the next run asks again."
	run.Rejects = []intake.Rejection{{Reason: intake.BadDate, Message: `QSO_DATE "20241399" is not YYYYMMDD; correct the date and import the record again`, Text: "<CALL:6>W1AAA"}}
	main.runs[0].Message = "870 records: 12 added to the log, 850 updated, 2 not in your log, 1 new entities."
	main.history = []qso.HistoryEntry{{Rev: 2, At: started, By: "anna", Action: "edit", Fields: []qso.FieldChange{{Name: "NAME", From: "Otto", To: "Eva"}}}, {Rev: 3, At: started, By: "anna", Action: "undo"}}
	main.mu.Unlock()
	for _, message := range []string{
		"disk: 12 MiB free in /data, 64 MiB are needed: make room, or move the data to a larger disk",
		"LOTW (logbook main): LoTW is offline for maintenance. The sync is tried again by itself.",
		"verified backup: the last was never: run qslbox db backup FILE, and see the log for what keeps the scheduled ones from being made",
		`awards: club.json: key.kind: "dogs" is not known; write one of: call dok (and 2 more)`,
	} {
		f.health.Add(message[:4], func() monitor.Check { return monitor.Check{Severity: monitor.Degraded, Message: message} })
	}
	cookie := f.cookie("admin")
	f.send(cookie, "/settings/users", "name", "eva", "password", password, "role", "viewer", "logbook_of", "main")
	f.send(cookie, "/settings/cache")
	return f
}

// badForms are forms that come back with what is wrong with them.
var badForms = []struct {
	path  string
	pairs []string
}{
	{"/log/new", []string{"call", "?", "qso_date", "2024-01-01", "time_on", "10:00", "band", "20m", "mode", "CW"}},
	{"/log/new", []string{"call", "W1AAA", "qso_date", "2024-13-99", "time_on", "10:00", "band", "20m", "mode", "CW"}},
	{"/log/new", []string{"call", "W1AAA", "qso_date", "2024-01-01", "time_on", "10:00", "band", "13parsec", "mode", "CW"}},
	{"/log/new", []string{"call", "W1AAA", "qso_date", "2024-01-01", "time_on", "10:00", "band", "20m"}},
	{"/qso/12/edit", []string{"rev", "99", "call", "W1AAA"}},
	{"/stations/locations", []string{"name", "", "grid", "JO31"}},
	{"/stations/locations", []string{"name", "home", "grid", "here"}},
	{"/stations/locations", []string{"name", "home", "grid", "JO31", "from", "2025-01-01", "to", "2024-01-01"}},
	{"/settings/logbook", []string{"default_own", "nothing"}},
	{"/settings/logbook", []string{"holders", "no colon"}},
	{"/settings/account/lotw", []string{"login", "", "secret", ""}},
	{"/settings/account/dcl", []string{"secret", ""}},
	{"/settings/account/lotw", []string{"login", "x", "secret", "x", "schedule", "@every 1s"}},
	{"/settings/keys", []string{"name", ""}},
	{"/settings/users", []string{"name", "?", "password", password, "role", "viewer", "logbook_of", "main"}},
	{"/settings/users", []string{"name", "otto", "password", "short", "role", "viewer", "logbook_of", "main"}},
	{"/settings/users", []string{"name", "owner", "password", password, "role", "viewer", "logbook_of", "main"}},
	{"/settings/users/admin/remove", nil},
	{"/settings/logbooks", []string{"name", "Not A Name"}},
	{"/settings/logbooks", []string{"name", "main"}},
	{"/settings/backup", []string{"password", "wrong"}},
	{"/account/password", []string{"old_password", "wrong", "password", password}},
	{"/cards/12", []string{"step", "eat"}},
	{"/cards/999999", []string{"step", "received B"}},
	{"/qso/999999/delete", nil},
	{"/qso/999999/restore", nil},
	{"/log/edits/99/undo", nil},
	{"/sync/lotw/resolve", []string{"id", "a1", "action", "attach"}},
	{"/sync/lotw/resolve", []string{"id", "none", "action", "ignore"}},
	{"/sync/dcl", nil},
	{"/welcome/lotw", []string{"login", "", "secret", ""}},
	{"/signin", []string{"name", "nobody", "password", "wrong"}},
}

// TestGermanPages reads every page, every award and what comes of bad input in
// German: no text of the English catalogue, no sentence that the program says
// in English, and none of the words that English cannot do without.
func TestGermanPages(t *testing.T) {
	f := withTrouble(t)
	english := newEnglish(t)
	cookie := f.cookie("admin") + "; lang=de"
	pages := slices.Concat(everyPage, []string{
		"/setup", "/signin?problem=denied", "/signin?problem=too_many&wait=30", "/sync/lotw/runs/1", "/sync/lotw/runs/99", "/qso/999999", "/awards/none", "/nothing",
		"/log/trash", "/map?view=nowhere", "/log?after=nonsense", "/awards/dxcc?sources=dogs", "/awards/dxcc?as_of=never", "/log?mode=",
	})
	for _, id := range awardIDs(t) {
		pages = append(pages, "/awards/"+id, "/awards/"+id+"?view=growth")
	}
	for _, path := range pages {
		english.look(path, f.visit(cookie, path).body)
	}
	for _, form := range badForms {
		got := f.send(cookie, form.path, form.pairs...)
		name := form.path + " " + strings.Join(form.pairs, " ")
		if got.status == http.StatusSeeOther {
			got = f.visit(cookie, got.header.Get("Location"))
		}
		english.look(name, got.body)
	}
	bad := "<eoh>\n" + adif("CALL", "?", "QSO_DATE", "20240301", "TIME_ON", "1015", "BAND", "20m", "MODE", "CW") + adif("CALL", "W1AAA", "QSO_DATE", "20241399", "TIME_ON", "1200", "BAND", "40m", "MODE", "SSB") +
		adif("CALL", "W1AAA", "QSO_DATE", "20240101", "TIME_ON", "9900", "BAND", "40m", "MODE", "SSB") + adif("CALL", "W1AAA", "QSO_DATE", "20240101", "TIME_ON", "1200", "MODE", "SSB") + "<CALL:999>W1AAA"
	for _, text := range []string{bad, "", "<html><body>sign in</body></html>", "PK\x03\x04", "nothing of the kind"} {
		english.look("import of "+text[:min(len(text), 10)], f.upload(cookie, text).body)
	}
}

// awardIDs are all awards there are.
func awardIDs(t *testing.T) (ids []string) {
	t.Helper()
	table, err := dxcc.New()
	if err != nil {
		t.Fatal(err)
	}
	set, err := awards.NewSet(table)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range set.All() {
		ids = append(ids, a.ID())
	}
	return ids
}

// english finds what is English on a German page.
type english struct {
	t      *testing.T
	pieces map[string]string // a text that must not be there, and which it is of
	names  *strings.Replacer // of entities, provinces and awards, which are English everywhere
	told   map[string]bool
}

// tooShort is how many letters a piece of text needs to say where it is from.
const tooShort = 12

func newEnglish(t *testing.T) *english {
	e := &english{t: t, pieces: map[string]string{}, told: map[string]bool{}}
	german := words.For(words.German).Keys()
	all := ""
	for _, text := range german {
		all += text + "\n"
	}
	for _, text := range words.Said() {
		all += text + "\n"
	}
	add := func(from, text string) {
		for _, piece := range place.Split(text, -1) {
			if piece = strings.Trim(piece, " :;,."); len(piece) >= tooShort && strings.Contains(piece, " ") && !strings.Contains(all, piece) {
				e.pieces[piece] = from
			}
		}
	}
	for key, text := range words.For(words.English).Keys() {
		add(key, text)
	}
	for text := range words.Said() {
		add("said", text)
	}
	table, err := dxcc.New()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entity := range table.Entities() {
		names = append(names, entity.Name, "")
	}
	for _, name := range []string{"Islands on the Air", "Parks on the Air", "Summits on the Air", "Newfoundland and Labrador"} {
		names = append(names, name, "")
	}
	e.names = strings.NewReplacer(names...)
	return e
}

var (
	notRead    = regexp.MustCompile(`(?s)<(script|style|pre|code|template)[ >].*?</(script|style|pre|code|template)>|<table class="fields-table">.*?</table>`)
	webAddress = regexp.MustCompile(`https?://\S+`)
	tag        = regexp.MustCompile(`<[^>]*>`)
	spoken     = regexp.MustCompile(`(?:aria-label|title|placeholder|alt)="([^"]*)"`)
	function   = regexp.MustCompile(`(?:\S+ ){0,3}\b(?:[Tt]he|[Ii]s|[Aa]re|were|[Tt]his|[Tt]hat|[Ww]ith|which|and|has|have|cannot|does|been|again|[Ff]rom)\b(?: \S+){0,3}`)
)

// look reads a page as somebody does, also what is read out.
func (e *english) look(name, page string) {
	e.t.Helper()
	page = notRead.ReplaceAllString(page, " ")
	text := tag.ReplaceAllString(page, " ")
	for _, m := range spoken.FindAllStringSubmatch(page, -1) {
		text += " \n" + m[1]
	}
	text = e.names.Replace(webAddress.ReplaceAllString(html.UnescapeString(text), ""))
	for piece, from := range e.pieces {
		if strings.Contains(text, piece) {
			e.tell(name, from+": "+piece)
		}
	}
	for _, found := range function.FindAllString(text, -1) {
		e.tell(name, strings.Join(strings.Fields(found), " "))
	}
}

func (e *english) tell(name, what string) {
	e.t.Helper()
	if !e.told[what] {
		e.t.Errorf("%s says in English: %s", name, what)
	}
	e.told[what] = true
}

// upload sends a file by the form of the page Import.
func (f *fixture) upload(cookie, text string) answer {
	f.t.Helper()
	const boundary = "x7x7x"
	body := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"log.adi\"\r\nContent-Type: text/plain\r\n\r\n" + text + "\r\n--" + boundary + "--\r\n"
	return f.do(ask{method: http.MethodPost, path: "/import", body: body, header: map[string]string{
		"Cookie": cookie, "Content-Type": "multipart/form-data; boundary=" + boundary, "Origin": "http://localhost", "Sec-Fetch-Site": "same-origin",
	}})
}
