package store

import (
	"encoding/binary"
	"fmt"
	"hash/fnv"
	"io"
	"strings"
)

// This file reads the pages of a data file without bbolt, which trusts what
// they say: a flipped bit in a page number makes it read outside the file,
// and that ends the process. The layout is bbolt's (internal/common): a page
// is a header of 16 bytes (id, flags, count, overflow), its elements, then keys
// and values.

const (
	pageHeader  = 16
	elementSize = 16

	branchPage = 0x01
	leafPage   = 0x02

	bucketFlag   = 0x01 // of a leaf element: its value is a bucket
	bucketHeader = 16   // root page and sequence; an inline page follows if the root is 0

	metaMagic  = 0xED0CDAED
	metaSum    = 56 // bytes under the checksum of a meta page
	noFreelist = ^uint64(0)
)

// pageFile is a data file as pages.
type pageFile struct {
	r        io.ReaderAt
	size     int64
	pageSize int64
	root     uint64 // page of the root bucket
	freelist uint64
	pages    uint64 // all page ids are below
}

// openPages finds the newest meta page that is whole. Without any it returns
// ErrDamaged, and a pageFile that can only be read from the first page to the
// last.
func openPages(r io.ReaderAt, size int64) (*pageFile, error) {
	p := &pageFile{r: r, size: size, pageSize: 4096}
	latest := uint64(0)
	for at := int64(0); at <= 64<<10; at = max(2*at, 512) {
		buf := make([]byte, pageHeader+metaSum+8)
		if n, _ := r.ReadAt(buf, at); n < len(buf) {
			break
		}
		m, n := buf[pageHeader:], binary.NativeEndian
		sum := fnv.New64a()
		sum.Write(m[:metaSum])
		if n.Uint32(m) != metaMagic || sum.Sum64() != n.Uint64(m[metaSum:]) {
			continue
		}
		if txid := n.Uint64(m[48:]); p.pages == 0 || txid > latest {
			latest = txid
			p.pageSize, p.root, p.freelist, p.pages = int64(n.Uint32(m[8:])), n.Uint64(m[16:]), n.Uint64(m[32:]), n.Uint64(m[40:])
		}
	}
	if p.pages == 0 || p.pageSize < 512 || p.pageSize > 64<<10 {
		*p = pageFile{r: r, size: size, pageSize: 4096, pages: uint64(size / 4096)}
		return p, fmt.Errorf("%w: %s", ErrDamaged, lookOf(r))
	}
	if p.pages > uint64(size/p.pageSize) {
		whole := p.pages
		p.pages = uint64(size / p.pageSize)
		return p, fmt.Errorf("%w: the file is cut off: %d of %d pages are there", ErrDamaged, p.pages, whole)
	}
	return p, nil
}

// page is one page with its overflow, as bytes.
type page struct {
	id    uint64
	flags uint16
	count int
	data  []byte // header included
	at    int64  // where data begins in the file
}

// read returns a page; an error names what is wrong with it.
func (p *pageFile) read(id uint64) (page, error) {
	var head [pageHeader]byte
	if id >= p.pages {
		return page{}, fmt.Errorf("page %d: there are only %d", id, p.pages)
	}
	if _, err := p.r.ReadAt(head[:], int64(id)*p.pageSize); err != nil {
		return page{}, fmt.Errorf("page %d: %w", id, err)
	}
	n := binary.NativeEndian
	pg := page{id: id, at: int64(id) * p.pageSize, flags: n.Uint16(head[8:]), count: int(n.Uint16(head[10:]))}
	overflow := uint64(n.Uint32(head[12:]))
	switch {
	case n.Uint64(head[:]) != id:
		return pg, fmt.Errorf("page %d: calls itself %d", id, n.Uint64(head[:]))
	case overflow >= p.pages-id:
		return pg, fmt.Errorf("page %d: reaches beyond the end", id)
	}
	pg.data = make([]byte, int64(overflow+1)*p.pageSize)
	if _, err := p.r.ReadAt(pg.data, int64(id)*p.pageSize); err != nil {
		return pg, fmt.Errorf("page %d: %w", id, err)
	}
	return pg, nil
}

// element is one entry of a leaf or branch page.
type element struct {
	bucket     bool
	key, value []byte
	at         int64  // where the value begins in the file
	child      uint64 // of a branch
}

// element returns an entry; false if it does not lie within the page.
func (pg *page) element(i int) (e element, ok bool) {
	n, at := binary.NativeEndian, uint64(pageHeader+i*elementSize)
	size := uint64(len(pg.data))
	if at+elementSize > size {
		return e, false
	}
	b := pg.data[at:]
	var pos, keySize, valueSize uint64
	if pg.flags == branchPage {
		pos, keySize, e.child = uint64(n.Uint32(b)), uint64(n.Uint32(b[4:])), n.Uint64(b[8:])
	} else {
		e.bucket = n.Uint32(b)&bucketFlag != 0
		pos, keySize, valueSize = uint64(n.Uint32(b[4:])), uint64(n.Uint32(b[8:])), uint64(n.Uint32(b[12:]))
	}
	if at+pos+keySize+valueSize > size {
		return e, false
	}
	e.key = pg.data[at+pos:][:keySize]
	e.value = pg.data[at+pos+keySize:][:valueSize]
	e.at = pg.at + int64(at+pos+keySize)
	return e, true
}

// inline returns the page inside the value of a small bucket.
func (e *element) inline() (page, bool) {
	if len(e.value) < bucketHeader+pageHeader {
		return page{}, false
	}
	data, n := e.value[bucketHeader:], binary.NativeEndian
	return page{flags: n.Uint16(data[8:]), count: int(n.Uint16(data[10:])), data: data, at: e.at + bucketHeader}, true
}

// walker goes through the tree of pages.
type walker struct {
	*pageFile
	seen   []uint64 // bit set of pages
	damage func(format string, args ...any)
	value  func(path []string, key, value []byte, at int64) // at: where the value begins in the file
}

func (w *walker) visit(id uint64) (again bool) {
	again = w.seen[id/64]&(1<<(id%64)) != 0
	w.seen[id/64] |= 1 << (id % 64)
	return again
}

// tree walks a bucket from its root page. What cannot be read is reported and
// left out.
func (w *walker) tree(path []string, id uint64, depth int) {
	pg, err := w.read(id)
	switch {
	case err != nil:
		w.damage("%v", err)
		return
	case w.visit(id):
		w.damage("page %d: is in two places", id)
		return
	case depth > 64:
		w.damage("page %d: lies too deep", id)
		return
	}
	switch pg.flags {
	case branchPage:
		for i := range pg.count {
			if e, ok := pg.element(i); ok {
				w.tree(path, e.child, depth+1)
			} else {
				w.damage("page %d: entry %d reaches beyond it", id, i)
			}
		}
	case leafPage:
		w.leaf(path, &pg, depth)
	default:
		w.damage("page %d: is of no known kind (%x)", id, pg.flags)
	}
}

func (w *walker) leaf(path []string, pg *page, depth int) {
	for i := range pg.count {
		e, ok := pg.element(i)
		switch {
		case !ok:
			w.damage("page %d: entry %d reaches beyond it", pg.id, i)
		case !e.bucket:
			w.value(path, e.key, e.value, e.at)
		case len(e.value) < bucketHeader:
			w.damage("page %d: bucket %q cannot be read", pg.id, e.key)
		default:
			inner := append(path[:len(path):len(path)], string(e.key))
			if root := binary.NativeEndian.Uint64(e.value); root != 0 {
				w.tree(inner, root, depth+1)
			} else if in, ok := e.inline(); ok && in.flags == leafPage {
				in.id = pg.id
				w.leaf(inner, &in, depth+1)
			} else {
				w.damage("page %d: bucket %q cannot be read", pg.id, e.key)
			}
		}
	}
}

// lookOf says what a file without a readable first page looks like.
func lookOf(r io.ReaderAt) string {
	begin := make([]byte, 512)
	n, _ := r.ReadAt(begin, 0)
	switch text := strings.ToLower(strings.TrimSpace(string(begin[:n]))); {
	case strings.HasPrefix(text, "<!doctype html"), strings.HasPrefix(text, "<html"):
		return "this is an HTML page, no data file of qslbox"
	case strings.Contains(text, "<eoh>"), strings.Contains(text, "<call:"):
		return "this is an ADIF file, no data file of qslbox: qslbox import reads it"
	}
	return "no page says where the data begins"
}
