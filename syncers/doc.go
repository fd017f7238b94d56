// Package syncers keeps a log in step with the services that confirm QSOs.
//
// It owns the rules and the life of a sync, not the services: a [Source] (LoTW,
// DCL) fetches and reads an answer, a [Syncer] runs it for one account, a
// [Scheduler] decides when, and a [Logbook] (package store) keeps what came in.
// In between stand three pure functions that the store calls inside its writer
// lock: [Decide] says what becomes of each record, [Merge] and [Make] put it
// into the log, [Adopt] lets an imported file take over what a sync had made.
//
// Promises: a cursor is only ever what the service said, and is stored in the
// same transaction as the last records before it; a run that was cut off
// anywhere is repeated harmlessly; every run ends in a [Run] with a [Class] and
// a sentence that says what to do; no secret is ever part of an error, a run or
// a log line.
//
// Start reading at [Source] in source.go, then syncer.go, match.go, decide.go
// and scheduler.go.
package syncers
