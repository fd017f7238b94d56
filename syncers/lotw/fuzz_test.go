package lotw_test

import (
	"strings"
	"testing"
	"time"

	"qslbox/syncers"
	"qslbox/syncers/lotw"
)

// FuzzClassify: whatever comes, it has a class and a sentence, and only what
// begins as a report is taken for one.
func FuzzClassify(f *testing.F) {
	f.Add(200, "ARRL Logbook of the World Status Report\r\nGenerated at 2026-02-11 06:00:12\r\n<eoh>")
	f.Add(200, "\xEF\xBB\xBF\n<html><body>Username/password incorrect")
	f.Add(200, "<B>Page Request Limit!</B>")
	f.Add(503, "")
	f.Add(200, "ARRL Logbook of")
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, status int, body string) {
		spool, err := syncers.NewSpool(dir)
		if err != nil {
			t.Fatal(err)
		}
		defer spool.Close()
		if _, err := spool.Write([]byte(body)); err != nil {
			t.Fatal(err)
		}
		e := lotw.Classify(&syncers.Reply{Status: status, Body: spool})
		begins := strings.HasPrefix(strings.TrimLeft(strings.TrimPrefix(body, "\xEF\xBB\xBF"), " \t\r\n"), "ARRL Logbook of the World Status Report")
		switch {
		case e == nil && (!begins || status >= 300):
			t.Errorf("taken for a report: %d %q", status, body)
		case e == nil:
		case begins && status < 300:
			t.Errorf("not taken for a report: %d %q", status, body)
		case e.Class == syncers.OK || e.Class == "" || e.Code == "" || !strings.HasSuffix(e.Message, "."):
			t.Errorf("%+v", e)
		}
	})
}

// FuzzCursor: a cursor only moves forward, never into the future, and what is
// asked for with it lies before it and, where the clock let it move, before now.
func FuzzCursor(f *testing.F) {
	f.Add("2026-02-01 00:00:00", "2026-02-10 21:14:09", `{"stage":"confirmations","next":2019,"windows":true}`)
	f.Add("", "2026-02-10", "")
	f.Add("2026-02-01 00:00:00", "2099-01-01 00:00:00", "{}")
	f.Add("0000-01-01 00:00:00", "", "")
	f.Add("x", "0000-00-00 00:00:00", `{"stage":"x"}`)
	f.Fuzz(func(t *testing.T, cursor, word, note string) {
		got := lotw.Forward(cursor, word, noon)
		if got != cursor {
			to, err := time.Parse(time.DateTime, got)
			if err != nil || to.After(noon.Add(24*time.Hour)) {
				t.Errorf("forward from %q by %q: %q", cursor, word, got)
			}
			if from, err := time.Parse(time.DateTime, cursor); err == nil && !to.After(from) {
				t.Errorf("from %q back to %q", cursor, got)
			}
		}
		if again := lotw.Forward(got, word, noon); again != got {
			t.Errorf("the same word moves %q on to %q", got, again)
		}
		since := lotw.Since(got)
		if at, err := time.Parse(time.DateTime, since); err == nil && got != cursor && at.After(noon) || err != nil && since != "1945-01-01" {
			t.Errorf("with cursor %q it asks since %q", got, since)
		}
		if once := lotw.Resumed(note); lotw.Resumed(once) != once {
			t.Errorf("note %q becomes %q, then %q", note, once, lotw.Resumed(once))
		}
	})
}
