// Package adif reads and writes ADIF (.adi), the exchange format of amateur
// radio logs, as a stream: one record at a time, in constant memory and linear
// time, whatever the input is.
//
// A [Reader] reads what programs really write. A length counts bytes, or
// letters where that fits better; bytes that are no UTF-8 are ISO-8859-1; a
// length that reaches into the next tag is cut before it; text and tags
// without a length between fields are comment; headers may be missing, or
// stand in the middle of joined files. The rules stand where they are
// applied, in scan.go and value.go.
//
// A record that cannot be read is a [*RecordError], and reading goes on after
// the next EOR. A file that is no ADIF at all is a [*RefusedError], which says
// what it is instead. What the fields mean is not known here: that is package
// intake.
//
// A [Writer] writes records that every reader understands: lengths in bytes,
// UTF-8, fields in the order given.
//
// Start reading at [NewReader] in reader.go, then scan.go.
package adif
