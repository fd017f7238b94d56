// Package words is the message catalogue of the pages and the way they write
// numbers, dates and durations.
//
// A [Printer] speaks one language. Texts live in catalogue/en.txt and
// catalogue/de.txt, one "key: text" a line; {0}, {1} ... stand for arguments,
// and keys that end in .one and .other are the two forms of a counted thing.
// A test holds the two files together: same keys, same arguments. Sentences
// that other packages make for people are English wherever they are stored or
// answered; catalogue/said.txt has their German for pages. Nothing here knows
// of HTTP or of radio.
//
// Start reading at [Printer] in words.go, then format.go and said.go.
package words
