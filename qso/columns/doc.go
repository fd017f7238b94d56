// Package columns holds a log in memory: one column a field, one row a QSO.
//
// Statistics and awards are folds over these columns, not queries: a million
// rows take a few milliseconds, for any [Filter]. Fields with few different
// values share memory through dictionaries: the mode, our side of the contact
// ([Session]), the other side ([Place]). Calls live in one arena with a table
// from call to its rows, which also finds duplicates and candidates for
// confirmations. A row takes 39 bytes (4 more if
// the log is not in order of time), a call about 15.
//
// A [Log] is written by one goroutine at a time (package store holds its own
// lock over look-up, transaction and columns) and read by any number through
// [Log.View]. Numbers of dictionaries and calls never change while the Log
// lives, so that a reader may remember what it made of them; rows may move
// between two Views. Any sequence of Put and Delete leaves the log as a rebuild
// from the stored QSOs would.
//
// Start reading at [Log] in log.go; row.go says what of a QSO goes into a row,
// filter.go and match.go how rows are chosen, page.go how the log is paged.
package columns
