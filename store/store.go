package store

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"maps"
	"os"
	"path/filepath"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"go.etcd.io/bbolt"

	"qslbox/monitor"
	"qslbox/qso"
	"qslbox/qso/columns"
)

// FileName is the name of the data file in its directory.
const FileName = "qslbox.db"

// MainLogbook is the name of the first logbook.
const MainLogbook = "main"

// Errors of opening a store.
var (
	// ErrLocked says that another process has the data open.
	ErrLocked = errors.New("the data is in use by another qslbox")
	// ErrNoData says that there is no data file and none may be made.
	ErrNoData = errors.New("there is no data yet")
	// ErrNewerSchema says that a newer version wrote the file.
	ErrNewerSchema = errors.New("the data was written by a newer version")
)

// lockWait is how long Open waits for another process.
const lockWait = 1500 * time.Millisecond

// Config says what to open and with what. Dir and Now are needed.
type Config struct {
	Dir     string
	Now     func() time.Time
	Log     *slog.Logger     // nil: nothing is logged
	Monitor *monitor.Monitor // nil: nothing is measured
	// Create lets Open make the directory and the file.
	Create bool
	// Changed is called after each change of a logbook's generation, with no
	// lock held; nil: nobody wants to know.
	Changed func(logbook string)
}

// Store is the open data file. Its methods may be called by any number of
// goroutines.
type Store struct {
	cfg  Config
	db   *bbolt.DB
	path string

	mu    sync.RWMutex                        // over replacing books, and over beginning a load
	books atomic.Pointer[map[string]*Logbook] // never changes, only replaced: reads take no lock

	closing context.Context // ends when Close begins
	close   context.CancelFunc
	loads   sync.WaitGroup
	seal    sealer
	trouble atomic.Pointer[trouble]
	// readOnly is not nil where the file could only be opened for reading: what
	// each write is answered with.
	readOnly error
	broken   atomic.Bool // bbolt fell over in a writing transaction: its lock may be held for ever
	reads    *monitor.Op
	reading  openReads

	writings sync.Pool     // memory of *writing that have ended
	writes   atomic.Uint64 // see Writes
}

// Open opens the data file of a directory, makes it if Config says so, and
// brings it up to this version's schema. It returns ErrLocked, ErrNoData,
// ErrDamaged or ErrNewerSchema, each with what to do. A file that may not be
// written is opened for reading, and each write is answered with ErrReadOnly.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Dir == "" || cfg.Now == nil {
		return nil, errors.New("store: Dir and Now are needed")
	}
	if cfg.Log == nil {
		cfg.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{cfg: cfg, path: filepath.Join(cfg.Dir, FileName)}
	s.books.Store(&map[string]*Logbook{})
	s.closing, s.close = context.WithCancel(context.WithoutCancel(ctx))
	s.seal = sealer{dir: cfg.Dir}
	info, err := os.Stat(s.path)
	switch {
	case errors.Is(err, fs.ErrNotExist) && !cfg.Create:
		return nil, fmt.Errorf("%w in %s", ErrNoData, cfg.Dir)
	case errors.Is(err, fs.ErrNotExist):
		if err := s.create(); err != nil {
			return nil, fmt.Errorf("store: first start: %w", err)
		}
	case err != nil:
		return nil, fmt.Errorf("store: %w", err)
	case info.Size() == 0:
		return nil, fmt.Errorf("%w: %s is empty; restore a backup with: qslbox db restore FILE", ErrDamaged, s.path)
	}
	if err := s.open(); err != nil {
		return nil, err
	}
	s.reads = cfg.Monitor.Operation(monitor.Store, "read")
	if err := s.begin(); err != nil {
		return nil, errors.Join(err, s.db.Close())
	}
	return s, nil
}

// begin migrates and finds the logbooks.
func (s *Store) begin() (err error) {
	defer recovered(s.path, &err)
	debug.SetPanicOnFault(true)
	defer debug.SetPanicOnFault(false)
	version := 0
	if err := s.view(func(tx *Tx) (err error) { version, err = schemaOf(tx.Tx); return err }); err != nil {
		return err
	}
	if version > newest() {
		return fmt.Errorf("%w: its schema is %d, this version knows %d; install the newer version again, or go back to the copy made before its upgrade with: qslbox db restore %s",
			ErrNewerSchema, version, newest(), beforeSchema(s.path, version))
	}
	if version < newest() {
		if err := s.upgrade(version); err != nil {
			return err
		}
	}
	return s.view(func(tx *Tx) error {
		return tx.Bucket([]byte(logBucket)).ForEachBucket(func(name []byte) error {
			l, err := s.openLogbook(tx, string(name))
			if err == nil {
				s.setBook(string(name), l)
			}
			return err
		})
	})
}

// Close waits for what is under way and closes the file.
func (s *Store) Close() error {
	s.mu.Lock()
	s.close()
	s.mu.Unlock()
	s.loads.Wait()
	if s.broken.Load() {
		return errBroken // the end of the process closes the file
	}
	return s.db.Close() // waits for transactions
}

// Dir returns the data directory.
func (s *Store) Dir() string { return s.cfg.Dir }

// Logbooks returns the names of the logbooks, main first.
func (s *Store) Logbooks() []string {
	books := *s.books.Load()
	names := make([]string, 0, len(books))
	for name := range books {
		names = append(names, name)
	}
	slices.SortFunc(names, func(a, b string) int {
		switch {
		case a == b:
			return 0
		case a == MainLogbook || b != MainLogbook && a < b:
			return -1
		}
		return 1
	})
	return names
}

// Logbook returns a logbook, or qso.ErrNoLogbook.
func (s *Store) Logbook(name string) (*Logbook, error) {
	if l := (*s.books.Load())[name]; l != nil {
		return l, nil
	}
	return nil, fmt.Errorf("%w: %q", qso.ErrNoLogbook, name)
}

// setBook replaces the map of logbooks by one with the logbook, or without it
// if that is nil.
func (s *Store) setBook(name string, l *Logbook) {
	books := maps.Clone(*s.books.Load())
	if books[name] = l; l == nil {
		delete(books, name)
	}
	s.books.Store(&books)
}

// CreateLogbook adds an empty logbook. It returns qso.ErrLogbookName or
// qso.ErrLogbookExists.
func (s *Store) CreateLogbook(name string) error {
	if !qso.ValidLogbookName(name) {
		return fmt.Errorf("%w: %q", qso.ErrLogbookName, name)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if (*s.books.Load())[name] != nil {
		return fmt.Errorf("%w: %q", qso.ErrLogbookExists, name)
	}
	var l *Logbook
	err := s.update("logbook", func(tx *Tx) (err error) {
		if err = makeLogbook(tx, name); err != nil {
			return err
		}
		l, err = s.openLogbook(tx, name)
		return err
	})
	if err == nil {
		s.setBook(name, l)
	}
	return err
}

// RemoveLogbook removes a logbook with all that is in it; main stays.
func (s *Store) RemoveLogbook(name string) error {
	if name == MainLogbook {
		return fmt.Errorf("%w: the logbook main always exists", qso.ErrLogbookName)
	}
	l, err := s.Logbook(name)
	if err != nil {
		return err
	}
	l.write.Lock()
	defer l.write.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.update("logbook", func(tx *Tx) error { return tx.Bucket([]byte(logBucket)).DeleteBucket([]byte(name)) }); err != nil {
		return err
	}
	l.removed.Store(true)
	s.setBook(name, nil)
	l.generation.Add(1)
	return nil
}

// Counter returns what counts the changes of a logbook, to be read only; nil
// for one that does not exist. The removal of the logbook is the last change.
func (s *Store) Counter(logbook string) *atomic.Uint64 {
	if l := (*s.books.Load())[logbook]; l != nil {
		return &l.generation
	}
	return nil
}

// Generation returns the number of changes of a logbook, without a lock on the
// logbook; 0 for one that does not exist.
func (s *Store) Generation(logbook string) uint64 {
	if count := s.Counter(logbook); count != nil {
		return count.Load()
	}
	return 0
}

// Columns returns a logbook's columns, and waits until they are loaded.
func (s *Store) Columns(ctx context.Context, logbook string) (*columns.Log, error) {
	l, err := s.Logbook(logbook)
	if err != nil {
		return nil, err
	}
	return l.Columns(ctx)
}

// ColumnsReady reports whether Columns would return at once.
func (s *Store) ColumnsReady(logbook string) bool {
	l, err := s.Logbook(logbook)
	return err == nil && l.log.Load() != nil
}

// Warm begins to load all logbooks in the background.
func (s *Store) Warm() {
	for _, name := range s.Logbooks() {
		if l, err := s.Logbook(name); err == nil {
			l.startLoad()
		}
	}
}

// randomID returns an id for the appliance.
func randomID() []byte { return []byte(rand.Text()) }

func idKey(id uint64) []byte { return binary.BigEndian.AppendUint64(nil, id) }
