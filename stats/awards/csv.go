package awards

import (
	"bufio"
	"encoding/csv"
	"io"
)

// WriteCSV writes the table: a line a key, a column a slot, with W for worked,
// C for confirmed, S for submitted and G for granted. Slots without a QSO are left out. A text
// that a spreadsheet would take for a formula gets an apostrophe in front.
func (t *Table) WriteCSV(w io.Writer) error {
	buffered := bufio.NewWriter(w)
	out := csv.NewWriter(buffered)
	head, places := []string{"key", "name", "total"}, []int(nil)
	for i := range t.Slots {
		if t.Slots[i].Worked > 0 {
			head, places = append(head, t.Slots[i].Name), append(places, i)
		}
	}
	out.Write(head)
	line := make([]string, 0, len(head))
	for i := range t.Keys {
		k := &t.Keys[i]
		name := k.Name
		if k.Deleted {
			name += " (deleted)"
		}
		line = append(line[:0], plain(k.Key), plain(name), k.State().Letter())
		for _, at := range places {
			line = append(line, k.In(at).Letter())
		}
		out.Write(line)
	}
	out.Flush()
	if err := out.Error(); err != nil {
		return err
	}
	return buffered.Flush()
}

// plain keeps a spreadsheet from reading a text as a formula.
func plain(s string) string {
	if s != "" {
		switch s[0] {
		case '=', '+', '-', '@', '\t', '\r', '\n':
			return "'" + s
		}
	}
	return s
}
