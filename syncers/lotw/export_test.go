package lotw

import "qslbox/syncers"

// What the fuzz tests feed.
var (
	Forward  = forward
	Since    = since
	Through  = newClient // a client whose requests go somewhere else
	Classify = func(reply *syncers.Reply) *syncers.Error { return classify(reply) }
)

// Resumed reads a resume note and writes it again.
func Resumed(text string) string {
	c := syncers.Cursor{}
	parseResume(text).put(&c)
	return c.Resume
}
