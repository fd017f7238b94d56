package store

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"slices"

	"qslbox/qso"
	"qslbox/syncers"
)

// keptRuns is how many entries of the sync history stay, per source.
const keptRuns = 200

func runKey(source qso.Source, n int) []byte {
	return binary.BigEndian.AppendUint64([]byte{byte(source)}, uint64(n))
}

// putRun stores an entry of the history and drops the oldest.
func (l *Logbook) putRun(tx *Tx, source qso.Source, run *syncers.Run) error {
	text, err := encodeRun(run)
	if err != nil {
		return err
	}
	if err := l.put(tx, logRun, runKey(source, run.Run), text); err != nil {
		return err
	}
	b := l.bucket(tx, logRun)
	var old [][]byte
	c := b.Cursor()
	for k, _ := c.Seek([]byte{byte(source)}); len(k) == 9 && k[0] == byte(source) && binary.BigEndian.Uint64(k[1:])+keptRuns <= uint64(run.Run); k, _ = c.Next() {
		old = append(old, slices.Clone(k))
	}
	for _, k := range old {
		if err := b.Delete(k); err != nil {
			return err
		}
	}
	return nil
}

// storedRun keeps the cursors as they are, beside the run as the API shows it.
type storedRun struct {
	Run          json.RawMessage `json:"run"`
	Cursor       syncers.Cursor  `json:"cursor"`
	CursorBefore syncers.Cursor  `json:"cursor_before"`
}

func encodeRun(run *syncers.Run) ([]byte, error) {
	text, err := json.Marshal(run)
	if err != nil {
		return nil, err
	}
	return json.Marshal(storedRun{text, run.Cursor, run.CursorBefore})
}

func decodeRun(payload []byte) (run syncers.Run, err error) {
	var s storedRun
	if err = json.Unmarshal(payload, &s); err == nil {
		err = json.Unmarshal(s.Run, &run)
	}
	if err != nil {
		return run, fmt.Errorf("%w: sync history: %v", ErrDamaged, err)
	}
	run.Cursor, run.CursorBefore = s.Cursor, s.CursorBefore
	return run, nil
}

// LastRun returns the newest entry of the source's history; the zero Run if
// there is none.
func (l *Logbook) LastRun(source qso.Source) (syncers.Run, error) {
	runs, err := l.Runs(source, 1)
	if err != nil || len(runs) == 0 {
		return syncers.Run{}, err
	}
	return runs[0], nil
}

// Runs returns the sync history, newest first, at most limit entries.
func (l *Logbook) Runs(source qso.Source, limit int) ([]syncers.Run, error) {
	var out []syncers.Run
	err := l.view(func(tx *Tx) error {
		b := l.bucket(tx, logRun)
		if b == nil {
			return fmt.Errorf("%w: %q", qso.ErrNoLogbook, l.name)
		}
		c := b.Cursor()
		step := c.Prev
		if k, _ := c.Seek([]byte{byte(source) + 1}); k == nil {
			step = c.Last
		}
		k, v := step()
		for ; len(k) == 9 && k[0] == byte(source) && len(out) < limit; k, v = c.Prev() {
			run, err := readRun(k, v)
			if err != nil {
				return err
			}
			out = append(out, run)
		}
		return nil
	})
	return out, err
}

func readRun(k, v []byte) (syncers.Run, error) {
	_, payload, err := openValue(k, v)
	if err != nil {
		return syncers.Run{}, fmt.Errorf("sync history: %w", err)
	}
	return decodeRun(payload)
}

// Run returns one entry of the history; false if there is none.
func (l *Logbook) Run(source qso.Source, n int) (run syncers.Run, found bool, err error) {
	err = l.view(func(tx *Tx) error {
		b, key := l.bucket(tx, logRun), runKey(source, n)
		var v []byte
		if b != nil {
			v = b.Get(key)
		}
		if v == nil {
			return nil
		}
		found = true
		run, err = readRun(key, v)
		return err
	})
	return run, found && err == nil, err
}
