package access

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// auditKept is how many entries the audit trail keeps.
const auditKept = 2000

// Entry is one line of the audit trail.
type Entry struct {
	At     time.Time `json:"at"`
	Who    string    `json:"who"`
	Source string    `json:"source,omitempty"`
	What   string    `json:"what"`   // a fixed word: sign-in, sign-in-failed, key-added ...
	Detail string    `json:"detail"` // control characters taken out
}

func (g *Gate) loadAudit() error {
	return g.table.EachRecord(kindAudit, func(id string, _ []byte) error {
		if n, err := strconv.ParseUint(id, 10, 64); err == nil && n > g.auditSeq {
			g.auditSeq = n
		}
		return nil
	})
}

// Audit notes what somebody did. Old entries make room.
func (g *Gate) Audit(id Identity, source, what, detail string) error {
	who := id.Name
	switch id.Kind {
	case BySocket:
		who = "command line"
	case ByKey:
		who = "key " + id.Name
	}
	g.mu.Lock()
	g.auditSeq++
	seq := g.auditSeq
	g.mu.Unlock()
	e := Entry{At: g.now().UTC(), Who: plain(who), Source: plain(source), What: what, Detail: plain(detail)}
	if err := g.save(kindAudit, auditID(seq), &e); err != nil {
		return err
	}
	if seq > auditKept {
		return g.put(kindAudit, auditID(seq-auditKept), nil)
	}
	return nil
}

func auditID(seq uint64) string { return fmt.Sprintf("%020d", seq) }

// plain takes out what could forge a line.
func plain(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r == 0x7f || r >= 0x2028 && r <= 0x202e || r >= 0x2066 && r <= 0x2069 {
			return ' '
		}
		return r
	}, clip(s, 300))
}

// Trail returns the audit trail, newest first.
func (g *Gate) Trail() ([]Entry, error) {
	var list []Entry
	err := each(g, kindAudit, func(_ string, e Entry) error {
		list = append(list, e)
		return nil
	})
	for i, j := 0, len(list)-1; i < j; i, j = i+1, j-1 {
		list[i], list[j] = list[j], list[i]
	}
	return list, err
}
