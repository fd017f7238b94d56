package monitor

import (
	"errors"
	"sync/atomic"
	"time"
)

// An Op is the handle of one operation: get it once from [Monitor.Operation]
// and keep it where the work is done. All methods may be called from any
// goroutine; on a nil Op they measure nothing.
type Op struct {
	monitor *Monitor
	kind    Kind
	name    string

	// What each call writes.
	ring    ring
	buckets buckets
	calls   window

	// What rare calls write.
	errors    atomic.Uint64
	lastError atomic.Int64 // Unix nanoseconds, 0 = never
	failed    window
	slow      window
	critical  window
}

// Name is the operation's name, [Other] for the one that takes the overflow.
func (o *Op) Name() string {
	if o == nil {
		return ""
	}
	return o.name
}

// Kind is the operation's kind.
func (o *Op) Kind() Kind {
	if o == nil {
		return Query
	}
	return o.kind
}

// A Timer is a call being measured, from [Op.Start] to Stop.
type Timer struct {
	op    *Op
	start time.Duration
}

// Start begins to measure one call:
//
//	timer := op.Start()
//	err := work()
//	timer.Stop(err)
func (o *Op) Start() Timer {
	if o == nil {
		return Timer{}
	}
	return Timer{o, o.monitor.elapsed()}
}

// Stop records the call, as failed if err is not nil, and returns how long it
// took.
func (t Timer) Stop(err error) time.Duration {
	return t.StopDetail(err, "")
}

// StopDetail is Stop with a few words on what the call was about, kept with
// the slowest calls. The words end up on a page: no secrets.
func (t Timer) StopDetail(err error, detail string) time.Duration {
	if t.op == nil {
		return 0
	}
	end := t.op.monitor.elapsed()
	t.op.record(end-t.start, end, err, detail)
	return end - t.start
}

// Observe records a call that took d and ended now, as failed if err is not
// nil. A negative d counts as 0.
func (o *Op) Observe(d time.Duration, err error) {
	o.ObserveDetail(d, err, "")
}

// ObserveDetail is Observe with a few words on what the call was about, kept
// with the slowest calls. The words end up on a page: no secrets.
func (o *Op) ObserveDetail(d time.Duration, err error, detail string) {
	if o != nil {
		o.record(d, o.monitor.coarse(), err, detail)
	}
}

// Track runs fn, records how long it took, and returns its error. A panic
// counts as failed and goes on.
func (o *Op) Track(fn func() error) error {
	timer, err := o.Start(), errPanic
	defer func() { timer.Stop(err) }()
	err = fn()
	return err
}

var errPanic = errors.New("panic")

// record is the way of every observation. It takes no lock and allocates
// nothing; only a call long enough for the list of the slowest goes further.
func (o *Op) record(d, end time.Duration, err error, detail string) {
	d = max(d, 0)
	o.ring.put(d)
	o.buckets.put(d)
	o.calls.add(end)
	if err != nil {
		o.fail(end)
	}
	if d >= o.monitor.keep {
		o.long(d, end, err, detail)
	}
}

func (o *Op) fail(end time.Duration) {
	o.errors.Add(1)
	o.failed.add(end)
	o.lastError.Store(o.monitor.now().UnixNano())
}

// long looks closer at a call that took its time.
func (o *Op) long(d, end time.Duration, err error, detail string) {
	m := o.monitor
	m.slowest[o.kind].add(SlowCall{
		Operation: o.name, Kind: o.kind, Duration: d, At: m.now().UTC(),
		Detail: shorten(detail), Failed: err != nil, end: end,
	})
	if o.kind == Job {
		return
	}
	if d > m.slow {
		o.slow.add(end)
		m.slowCalls[o.kind].add(end)
	}
	if d > m.critical {
		o.critical.add(end)
		m.criticalCalls[o.kind].add(end)
	}
}
