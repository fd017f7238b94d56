package store_test

import (
	"context"
	"errors"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"qslbox/qso"
	"qslbox/store"
	"qslbox/syncers"
)

func TestAccountSecrets(t *testing.T) {
	s, l, a := synced(t)
	ctx := context.Background()
	if a.Secret.Reveal() != "canary-secret" {
		t.Errorf("secret %q", a.Secret.Reveal())
	}
	a.Secret, a.Schedule = qso.Secret{}, "@daily"
	if err := l.SetAccount(ctx, a); err != nil {
		t.Fatal(err)
	}
	b, err := l.Account(qso.LoTW)
	if err != nil || b.Secret.Reveal() != "canary-secret" || b.Revision != a.Revision || b.Schedule != "@daily" {
		t.Errorf("an empty secret: %+v, %v", b, err)
	}
	dir := s.Dir()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	checkNotIn(t, dir, "canary-secret")
	checkOtherKey(t, dir, b)
}

// checkOtherKey puts another sealing key in place: the account refuses, loses
// nothing, and works again with the old key.
func checkOtherKey(t *testing.T, dir string, want syncers.Account) {
	t.Helper()
	path := dir + "/seal.key"
	key, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o400 {
		t.Errorf("%v, %v", info.Mode(), err)
	}
	replace := func(text []byte) *store.Logbook {
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, text, 0o400); err != nil {
			t.Fatal(err)
		}
		return book(t, open(t, dir), store.MainLogbook)
	}
	s := open(t, dir)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	l := replace(make([]byte, 32))
	a, err := l.Account(qso.LoTW)
	if !errors.Is(err, store.ErrSealingKey) || a.Secret.Reveal() != "" || a.Login != want.Login {
		t.Errorf("another key: %+v, %v", a, err)
	}
	if err := l.SetAccount(context.Background(), a); !errors.Is(err, store.ErrSealingKey) {
		t.Errorf("set without a secret: %v", err)
	}
	cursor := syncers.Cursor{QSL: "2026-01-01 00:00:00"}
	if _, err := l.MergeSync(context.Background(), syncers.Batch{Source: qso.LoTW, Revision: a.Revision, Run: 1, Cursor: &cursor}); err != nil {
		t.Error(err)
	}
	if list, err := l.Accounts(); err != nil || len(list) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	closeOf(t, l)
	l = replace(key)
	want.Cursor = cursor
	got, err := l.Account(qso.LoTW)
	if diff := cmp.Diff(want, got, cmp.AllowUnexported(qso.Secret{}), cmpopts.EquateEmpty()); diff != "" || err != nil {
		t.Errorf("%v (-want +got):\n%s", err, diff)
	}
}
