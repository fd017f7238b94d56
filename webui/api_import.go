package webui

// rejectFiles keeps the rejected records of the last imports for a while.
type rejectFiles struct{}
