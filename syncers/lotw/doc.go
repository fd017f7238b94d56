// Package lotw fetches a log's own QSOs and their confirmations from ARRL's
// Logbook of the World.
//
// A run asks twice: for own QSOs received since the cursor, then for
// confirmations since the cursor. Each report is spooled to a file, judged by
// its content (a password page comes with HTTP 200), read record by record and
// handed to the sink of package syncers. The cursors are LoTW's own words
// (LASTQSORX, LASTQSL) and move only when a whole report, end mark included,
// has been read; a day of overlap is asked for, repeats are harmless.
//
// What is known about the service stands in docs beside the code that needs
// it; nothing here was tried against anybody's account. Start reading at
// [Client.Sync].
package lotw
