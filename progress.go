package main

import (
	"fmt"
	"io"
	"time"
)

// progressReader counts what is read and shows it on a terminal, at most five
// times a second.
type progressReader struct {
	r     io.Reader
	out   io.Writer
	label string
	total int64 // bytes, 0 if not known
	now   func() time.Time
	done  int64
	shown time.Time
}

func (p *progressReader) Read(b []byte) (int, error) {
	n, err := p.r.Read(b)
	p.done += int64(n)
	if t := p.now(); t.Sub(p.shown) >= 200*time.Millisecond {
		p.shown = t
		if p.total > 0 {
			fmt.Fprintf(p.out, "\r%s %3d %% of %.1f MB", p.label, p.done*100/p.total, float64(p.total)/1e6)
		} else {
			fmt.Fprintf(p.out, "\r%s %.1f MB", p.label, float64(p.done)/1e6)
		}
	}
	if err != nil && !p.shown.IsZero() {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
	return n, err
}
