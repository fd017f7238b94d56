package access_test

import (
	"fmt"
	"testing"
	"time"

	"qslbox/webui/access"
)

// TestRecognisedWithoutReading asks a thousand times with a key and a session:
// the table is read for the first time only, and what ends either is noticed at
// once.
func TestRecognisedWithoutReading(t *testing.T) {
	g, table, c := newGate(t)
	_, key, err := g.AddKey("logger", "main", []string{"read"}, c.now().Add(30*time.Minute))
	if err != nil {
		t.Fatal(err)
	}
	session, err := g.SignIn(t.Context(), "guest", goodPassword, "192.0.2.1", "", false)
	if err != nil {
		t.Fatal(err)
	}
	byKey := func() access.Kind { id, _ := g.ByKeyText(key, "192.0.2.1", false); return id.Kind }
	bySession := func() access.Kind { id, _ := g.BySessionToken(session); return id.Kind }
	for range 3 { // a first use is written, which has everybody looked up again
		_, _ = byKey(), bySession()
	}
	before := table.reads
	for range 1000 {
		if byKey() != access.ByKey || bySession() != access.BySession {
			t.Fatal("not recognised")
		}
	}
	if n := table.reads - before; n != 0 {
		t.Errorf("2000 requests read %d records", n)
	}
	c.advance(31 * time.Minute)
	if byKey() != access.Stranger {
		t.Error("an expired key is still recognised")
	}
	if err := g.RemoveUser("guest"); err != nil {
		t.Fatal(err)
	}
	if bySession() != access.Stranger {
		t.Error("the session of somebody who was removed is still recognised")
	}
}

// TestManyKeysAreRecognised uses more keys than are remembered.
func TestManyKeysAreRecognised(t *testing.T) {
	g, _, _ := newGate(t)
	for i := range 600 {
		_, key, err := g.AddKey(fmt.Sprint("k", i), "main", []string{"read"}, time.Time{})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if id, err := g.ByKeyText(key, "192.0.2.1", false); id.Kind != access.ByKey || err != nil {
				t.Fatalf("key %d: %v, %v", i, id.Kind, err)
			}
		}
	}
}

func BenchmarkByKeyText(b *testing.B) {
	g, _, _ := newGate(b)
	_, key, err := g.AddKey("logger", "main", []string{"read"}, time.Time{})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if id, _ := g.ByKeyText(key, "192.0.2.1", false); id.Kind != access.ByKey {
				b.Error("not recognised")
			}
		}
	})
}
