// Package store keeps everything in one bbolt file, and the log of each
// logbook in memory beside it. It is the only user of bbolt.
//
// A [Store] is the open file; a [Logbook] is one log in it. Every value bears a
// header and a checksum of its own (value.go), because bbolt finds only few of
// the bytes that a dying card flips. A write is one transaction under the
// logbook's writer lock, which spans the look-up of duplicates, the transaction
// and the columns; it is answered after the columns carry it. Each transaction
// that changes a QSO adds 1 to the logbook's generation inside it, which is how
// snapshots become invalid.
//
// Promises: what was answered survives a power cut; a value that fails its
// checksum is named and kept, never skipped silently; a newer file is refused;
// one process at a time.
//
// Start reading at Open in store.go, then Logbook.Merge in merge.go; buckets.go
// is the table of all buckets, record.go the form of a stored QSO.
package store
