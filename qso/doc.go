// Package qso holds the words everybody in qslbox speaks: a QSO and what it is
// made of.
//
// A [QSO] is one contact and one row of the log. Its key values are typed
// ([Call], [Band], [Mode], [Freq], [Time]); every other value that came in
// stays as a [Field], in order, so that what came in goes out again. A
// [Confirmation] is what one [Source] says about a QSO. [Merge] is the one
// place that knows the order of belief between two statements about the same
// QSO, and a [Change] is what it did.
//
// The package speaks no protocol, opens no file and asks no clock: parse at
// the border with the Parse functions, trust the types inside. Only the
// standard library is imported. Facts (bands, modes, field names, satellites)
// live in embedded tables under tables/.
//
// Start reading at [QSO] in qso.go, then merge.go.
package qso
