package main

import (
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"qslbox/syncers"
	"qslbox/syncers/lotw/lotwtest"
)

func TestProgressLine(t *testing.T) {
	now := time.Date(2026, 2, 11, 12, 0, 0, 0, time.UTC)
	for want, p := range map[string]syncers.Progress{
		"": {},
		"waiting confirmations, for 9m30s, 2019 done, 212,000 own QSOs": {Phase: "waiting", Query: "confirmations", Until: now.Add(570 * time.Second), Note: "2019 done, 212,000 own QSOs"},
		"downloading own QSOs, 12.5 MB":                                 {Phase: "downloading", Query: "own QSOs", Bytes: 12_500_000},
		"merging own QSOs, 3000 of 25000 records":                       {Phase: "merging", Query: "own QSOs", Records: 3000, Total: 25000},
	} {
		if got := progressLine(p, now); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestSyncShowsItself watches a sync from a terminal.
func TestSyncShowsItself(t *testing.T) {
	fake := lotwtest.New(lotwtest.Options{Login: "dk9xyz", Password: killPassword, Now: time.Now})
	fake.Add(lotwtest.QSO{Own: "DK9XYZ", Call: "DL1ABC", Start: time.Now().Add(-time.Hour), Band: "20m", Mode: "CW"})
	fake.Always(lotwtest.Stall(100, time.Minute))
	server := httptest.NewServer(fake)
	defer server.Close()
	v := newVictim(t, server.URL, fake.Log())
	_, stop := v.serve()
	api, err := dialService(t.Context(), v.dir, "")
	if err != nil {
		t.Fatal(err)
	}
	out := &buffer{}
	s := &session{ctx: t.Context(), env: v.environment("", out, out)}
	if err := api.call(t.Context(), "POST", "/api/sync/lotw", nil, nil, nil); err != nil {
		t.Fatal(err)
	}
	end := s.showSync(api, "lotw", 5*time.Millisecond)
	for n := 0; !strings.Contains(out.String(), "lotw: downloading own QSOs"); n++ {
		if n == 2000 {
			t.Fatalf("it shows %q", out.String())
		}
		time.Sleep(5 * time.Millisecond)
	}
	end()
	if !strings.HasSuffix(out.String(), clearLine) {
		t.Errorf("the line is not cleared: %q", out.String())
	}
	stop()
}
