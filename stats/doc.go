// Package stats keeps the answers that pages show: the statistics of the
// dashboard, computed here, and the awards of package stats/awards.
//
// A finished answer is a [Snapshot]: a JSON text with the generation of the log
// it was made from, when, and until when it holds. [Keeper] serves snapshots
// from memory, else from the store, and computes what is missing: once,
// however many wait for it. A change of the log moves its generation, and that
// is the whole invalidation. After one, the Keeper computes anew what was in
// use. Answers for a filter are kept in memory only, and not too many of them.
//
// [Board] computes the dashboard in one pass over the columns, for any filter.
// [Definitions] joins it with a set of awards.
//
// Start reading at [Keeper.Get] in keeper.go, then Board.WithDXCC in board.go
// and fold.go, where the rows are counted.
package stats
