package syncers

import (
	"io"
	"os"
)

// Spool is an answer in a file without a name: it takes no memory, and is gone
// when it is closed or the process ends.
type Spool struct {
	file *os.File
	size int64
}

// NewSpool returns an empty one in a directory; the system's for temporary files
// if dir is empty.
func NewSpool(dir string) (*Spool, error) {
	file, err := os.CreateTemp(dir, "sync-*.tmp")
	if err != nil {
		return nil, err
	}
	if err := os.Remove(file.Name()); err != nil {
		_ = file.Close()
		return nil, err
	}
	return &Spool{file: file}, nil
}

// Write appends to the file.
func (s *Spool) Write(b []byte) (int, error) {
	n, err := s.file.Write(b)
	s.size += int64(n)
	return n, err
}

// Size returns how many bytes the answer has.
func (s *Spool) Size() int64 { return s.size }

// Reader returns a new reader of the whole answer.
func (s *Spool) Reader() io.Reader { return io.NewSectionReader(s.file, 0, s.size) }

// Head returns up to the first n bytes.
func (s *Spool) Head(n int) []byte {
	b := make([]byte, min(int64(n), s.size))
	got, _ := s.file.ReadAt(b, 0)
	return b[:got]
}

// Close frees the file.
func (s *Spool) Close() error { return s.file.Close() }
