package lotw

import "qslbox/syncers"

// What the fuzz tests feed.
var (
	Forward  = forward
	Since    = since
	Classify = func(reply *syncers.Reply) *syncers.Error { return classify(reply) }
)

// Resumed reads a resume note and writes it again.
func Resumed(text string) string {
	c := syncers.Cursor{}
	parseResume(text).put(&c)
	return c.Resume
}
