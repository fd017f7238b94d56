// Package chart draws statistics and maps as SVG on the server.
//
// Each picture is a small struct ([Stack], [Heat], [Line], [World]) with one
// method, SVG. A picture has a title and a description for screen readers,
// takes all its colours from CSS classes, holds no style and no script, and
// is drawn for a width of 360 units, so that its letters stay readable on a
// phone. Every text is escaped on the way in; the result is safe to put into
// a page as it is. The table with the same numbers is the page's part.
//
// Nothing here knows of radio or HTTP. Start reading at [Stack] in stack.go;
// svg.go holds the writer that all pictures share.
package chart
