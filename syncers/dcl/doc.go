// Package dcl fetches confirmations and DOKs from the DARC Community Logbook.
//
// A run asks for everything that was confirmed since the cursor. The answer is
// JSON with ADIF text inside; it is spooled to a file, looked through once to
// see whether it is whole and what it says, and read a second time record by
// record, so that no answer is ever in memory. The cursor is the newest
// DCL_QSLRDATE of an answer that was read completely, never our own clock.
//
// The interface is young and known only from other programs: its path and
// names are one table, [Names], that the configuration can change. Nothing here
// was tried against anybody's account. Start reading at [Client.Sync].
package dcl
