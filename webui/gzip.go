package webui

import (
	"bytes"
	"compress/gzip"
	"strings"
	"sync"

	"qslbox/stats"
)

// packMin is the size from which an answer is worth packing; packMinHere the
// size from which a page is, on this machine, where a small one is there sooner
// as it is.
const (
	packMin     = 4 << 10
	packMinHere = 40 << 10
)

// maxPacked bounds how many packed snapshots are kept.
const maxPacked = 128

// packer compresses. It keeps what does so: a new one costs as much memory as a
// hundred pages.
type packer struct{ writers sync.Pool }

// pack returns the data in gzip form.
func (p *packer) pack(data []byte) []byte {
	var b bytes.Buffer
	w, ok := p.writers.Get().(*gzip.Writer)
	if !ok {
		w, _ = gzip.NewWriterLevel(nil, gzip.BestSpeed) // the level is right
	}
	defer p.writers.Put(w)
	w.Reset(&b)
	_, _ = w.Write(data)
	_ = w.Close() // a buffer takes everything
	return b.Bytes()
}

// packedSnapshots keeps snapshots in gzip form, each packed once. On this
// machine no snapshot is packed: there it costs more than it saves.
type packedSnapshots struct {
	mu   sync.Mutex
	list map[*stats.Snapshot][]byte
	packer
}

// get returns a snapshot's JSON in gzip form.
func (p *packedSnapshots) get(s *stats.Snapshot) []byte {
	p.mu.Lock()
	packed, ok := p.list[s]
	p.mu.Unlock()
	if ok {
		return packed
	}
	packed = p.pack(s.JSON())
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.list == nil || len(p.list) >= maxPacked {
		p.list = map[*stats.Snapshot][]byte{} // snapshots end after minutes: few are lost
	}
	p.list[s] = packed
	return packed
}

// takesGzip reports whether the client takes gzip and is not on this machine.
func (c *call) takesGzip() bool { return !c.local && c.acceptsGzip() }

// acceptsGzip reports whether the client takes gzip.
func (c *call) acceptsGzip() bool {
	for item := range strings.SplitSeq(c.r.Header.Get("Accept-Encoding"), ",") {
		name, weight, _ := strings.Cut(strings.TrimSpace(item), ";")
		if strings.EqualFold(strings.TrimSpace(name), "gzip") {
			weight = strings.ReplaceAll(weight, " ", "")
			return strings.Trim(strings.TrimPrefix(weight, "q="), "0.") != "" || weight == ""
		}
	}
	return false
}
