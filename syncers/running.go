package syncers

// Running reports whether Run has begun and not ended: only then can jobs be
// started.
func (s *Scheduler) Running() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.begin != nil
}
