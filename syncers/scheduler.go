package syncers

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"time"
)

// ErrUnknownJob says that no job has the name.
var ErrUnknownJob = errors.New("no such job")

// ErrStopped says that the scheduler is not running, or no longer.
var ErrStopped = errors.New("the scheduler is not running")

// BusyError says that a job runs already.
type BusyError struct {
	Job   string
	Run   int // number of the run under way, 0 if the job has no numbers
	Since time.Time
}

// Error names the job and since when it runs.
func (e *BusyError) Error() string {
	return fmt.Sprintf("%s runs already since %s UTC (run %d)", e.Job, e.Since.UTC().Format("15:04:05"), e.Run)
}

// Job is something that is done by schedule, or when asked for: a sync, a
// backup, a scrub.
type Job struct {
	Name    string        // unique, such as "main/lotw"
	Timeout time.Duration // the run's deadline; zero: defaultTimeout
	Jitter  time.Duration // scheduled times are put off by up to so much
	// Due says when the schedule wants the job next; it is asked at least once
	// a minute and after each run, and must not wait. nil: never by itself.
	Due func(now time.Time) Due
	// Number returns the number that a run started now will have; nil: none.
	Number func() int
	// Do does the job. It must end soon after ctx does.
	Do func(ctx context.Context, start Start) (Run, error)
}

// Start is how a job was started.
type Start struct {
	Trigger  Trigger
	Full     bool
	Progress func(Progress)
}

// Ticket is a job's run under way or ended.
type Ticket struct {
	Run  int // its number
	done chan struct{}
	run  Run
	err  error
}

// Wait waits for the run's end and returns how it went; an error of ctx only
// ends the waiting.
func (t *Ticket) Wait(ctx context.Context) (Run, error) {
	select {
	case <-t.done:
		return t.run, t.err
	case <-ctx.Done():
		return Run{}, ctx.Err()
	}
}

// JobState is where a job stands.
type JobState struct {
	Name     string    `json:"name"`
	Running  bool      `json:"running"`
	Run      int       `json:"run,omitempty"` // of the run under way
	Trigger  Trigger   `json:"trigger,omitempty"`
	Since    time.Time `json:"since,omitzero"`
	Progress Progress  `json:"progress,omitzero"`
	Next     time.Time `json:"next,omitzero"` // by schedule, jitter included
	Retry    bool      `json:"retry,omitempty"`
	Paused   string    `json:"paused,omitempty"`
}

// SchedulerConfig is what a Scheduler needs.
type SchedulerConfig struct {
	Now func() time.Time
	Log *slog.Logger
	// Trusted reports whether the clock may be believed; while it may not,
	// nothing runs by schedule. nil: always.
	Trusted func() bool
	// Seed tells appliances apart, so that their jitter differs.
	Seed uint64
}

const (
	defaultTimeout = 2 * time.Hour
	longestSleep   = time.Minute // a clock that jumped is noticed after so long
	// startDelay is how long after the scheduler's start missed runs wait.
	startDelay = time.Minute
)

// Scheduler runs jobs, each at most once at a time. It asks the jobs' schedules
// itself, at least once a minute and always against the clock, so that a clock
// that jumps neither skips nor piles up runs: a missed run is caught up once.
type Scheduler struct {
	cfg  SchedulerConfig
	wake chan struct{}

	mu    sync.Mutex
	jobs  map[string]*job
	begin func(*job, Start) *Ticket // nil while Run does not run
	since time.Time                 // when Run began
}

type job struct {
	Job
	running *Ticket
	cancel  context.CancelFunc
	start   Start
	since   time.Time
	state   Progress
}

// NewScheduler returns a Scheduler without jobs.
func NewScheduler(cfg SchedulerConfig) *Scheduler {
	if cfg.Trusted == nil {
		cfg.Trusted = func() bool { return true }
	}
	return &Scheduler{cfg: cfg, wake: make(chan struct{}, 1), jobs: map[string]*job{}}
}

// Set adds a job or replaces the one of its name; a run under way goes on.
func (s *Scheduler) Set(j Job) {
	s.mu.Lock()
	if have := s.jobs[j.Name]; have != nil {
		have.Job = j
	} else {
		s.jobs[j.Name] = &job{Job: j}
	}
	s.mu.Unlock()
	s.Wake()
}

// Remove takes a job out and cancels its run.
func (s *Scheduler) Remove(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j := s.jobs[name]; j != nil && j.cancel != nil {
		j.cancel()
	}
	delete(s.jobs, name)
}

// Wake lets the schedules be asked now, after settings changed.
func (s *Scheduler) Wake() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Cancel stops a job's run, if one is under way.
func (s *Scheduler) Cancel(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if j := s.jobs[name]; j != nil && j.cancel != nil {
		j.cancel()
	}
}

// Start starts a job now. It returns a *BusyError if the job runs already,
// ErrUnknownJob, or ErrStopped.
func (s *Scheduler) Start(name string, start Start) (*Ticket, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	j := s.jobs[name]
	switch {
	case j == nil:
		return nil, fmt.Errorf("%w: %s", ErrUnknownJob, name)
	case s.begin == nil:
		return nil, ErrStopped
	case j.running != nil:
		return nil, &BusyError{name, j.running.Run, j.since}
	}
	return s.begin(j, start), nil
}

// States returns all jobs, by name.
func (s *Scheduler) States() []JobState {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.cfg.Now()
	var states []JobState
	for _, j := range s.jobs {
		state := JobState{Name: j.Name}
		due := s.due(j, now)
		state.Next, state.Retry, state.Paused = due.At, due.Retry, due.Paused
		if j.running != nil {
			state.Running, state.Run, state.Trigger, state.Since, state.Progress = true, j.running.Run, j.start.Trigger, j.since, j.state
		}
		states = append(states, state)
	}
	slices.SortFunc(states, func(a, b JobState) int { return cmp.Compare(a.Name, b.Name) })
	return states
}

// State returns one job.
func (s *Scheduler) State(name string) (JobState, bool) {
	for _, state := range s.States() {
		if state.Name == name {
			return state, true
		}
	}
	return JobState{}, false
}

// due asks a job when it is due, jitter added.
func (s *Scheduler) due(j *job, now time.Time) Due {
	if j.Due == nil {
		return Due{}
	}
	due := j.Due(now)
	if !due.At.IsZero() {
		if !due.At.Equal(now) { // else it never ran, and jitter to a time that moves on would put it off for hours
			due.At = due.At.Add(jitter(s.cfg.Seed, j.Name, due.At, j.Jitter))
		}
		if early := s.since.Add(startDelay); due.At.Before(early) && s.begin != nil {
			due.At = early
		}
	}
	return due
}

// Run starts jobs when they are due until ctx ends; then it cancels the runs
// under way and waits for them.
func (s *Scheduler) Run(ctx context.Context) {
	var running sync.WaitGroup
	s.mu.Lock()
	s.since = s.cfg.Now()
	s.begin = func(j *job, start Start) *Ticket { return s.launch(ctx, &running, j, start) }
	s.mu.Unlock()
	for ctx.Err() == nil {
		timer := time.NewTimer(s.tick())
		select {
		case <-ctx.Done():
		case <-s.wake:
		case <-timer.C:
		}
		timer.Stop()
	}
	s.mu.Lock()
	s.begin = nil
	s.mu.Unlock()
	running.Wait()
}

// tick starts what is due and returns how long to sleep.
func (s *Scheduler) tick() time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, sleep := s.cfg.Now(), longestSleep
	if now.Before(s.since) { // the clock went back behind our start
		s.since = now
	}
	if !s.cfg.Trusted() {
		return sleep
	}
	for _, j := range s.jobs {
		due := s.due(j, now)
		if due.At.IsZero() || j.running != nil {
			continue
		}
		if wait := due.At.Sub(now); wait > 0 {
			sleep = min(sleep, wait)
			continue
		}
		s.begin(j, Start{Trigger: s.trigger(due, now)})
	}
	return sleep
}

// trigger tells a run that was missed while the service was off, and another
// try, from a plain one.
func (s *Scheduler) trigger(due Due, now time.Time) Trigger {
	switch {
	case due.Retry:
		return ByRetry
	case now.Sub(s.since) < startDelay+longestSleep:
		return ByStart
	}
	return ByCron
}

// launch starts a run; the lock is held.
func (s *Scheduler) launch(ctx context.Context, running *sync.WaitGroup, j *job, start Start) *Ticket {
	timeout := j.Timeout
	if timeout == 0 {
		timeout = defaultTimeout
	}
	ctx, cancel := context.WithTimeout(ctx, timeout)
	t := &Ticket{done: make(chan struct{})}
	if j.Number != nil {
		t.Run = j.Number()
	}
	given := start.Progress
	start.Progress = func(p Progress) {
		s.mu.Lock()
		j.state = p
		s.mu.Unlock()
		if given != nil {
			given(p)
		}
	}
	j.running, j.cancel, j.start, j.since, j.state = t, cancel, start, s.cfg.Now(), Progress{}
	do := j.Do
	running.Go(func() {
		defer cancel()
		t.run, t.err = s.do(ctx, j.Name, do, start)
		s.mu.Lock()
		j.running, j.cancel = nil, nil
		s.mu.Unlock()
		close(t.done)
		s.Wake()
	})
	return t
}

// do runs a job and survives its panics.
func (s *Scheduler) do(ctx context.Context, name string, do func(context.Context, Start) (Run, error), start Start) (run Run, err error) {
	defer func() {
		if r := recover(); r != nil {
			// the value may hold anything, a secret too: only its type is told
			s.cfg.Log.Error("a job panicked", "job", name, "panic", fmt.Sprintf("%T", r), "stack", string(debug.Stack()))
			run = Run{Trigger: start.Trigger, Class: Local, Code: "panic", Message: "An internal error stopped the job; the service log has the details. It is tried again by schedule."}
			err = fmt.Errorf("%s: internal error", name)
		}
	}()
	run, err = do(ctx, start)
	if err != nil {
		s.cfg.Log.Error("a job failed", "job", name, "err", err)
	}
	return run, err
}
