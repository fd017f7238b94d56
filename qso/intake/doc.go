// Package intake turns records into QSOs: what came in as text becomes a
// [qso.QSO] or a [Rejection] with a reason, a sentence and the remedy.
//
// All rules about what a field means live here, once, for files, the inbox,
// the API and the syncs alike: calls, dates and times, band and frequency,
// mode and submode, locators, confirmations, the own call. How text is cut
// into fields is the business of package adif; which of two records wins, that
// of package qso.
//
// Only call, date, time, band (or frequency) and mode are required. Nothing
// else is a reason to reject, and nothing is lost: fields that are not typed
// stay in [qso.QSO.Fields] as they came, and the text of a typed value that
// cannot be understood, or that a file gives twice and differently, stays
// under the name APP_QSLBOX_ORIGINAL_ and the field's own.
//
// Start reading at [Intake.QSO] in intake.go, then collect.go.
package intake
