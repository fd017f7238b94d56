// Package awards counts awards the way their issuers count.
//
// An award is a [Definition]: data, not code. The built-in ones are embedded
// JSON files under definitions/, one each; a user's own are the same files (see
// docs/awards.md). [NewSet] compiles and checks them; a fault names the file, the
// member and the remedy, and never hides the other awards. An [Award] folds
// over the columns of a log into a [Table]: what is worked, confirmed and
// granted or submitted, in total and by slot (band, mode class, band and mode class,
// satellite, continent), what is still needed, how far the next level is, and
// which QSOs do not count and why.
//
// What confirms: by default what the issuer takes; a view may choose other
// sources. Where LoTW confirms and its own record about the other side is
// known, that record decides what is confirmed; the log decides what is worked
// and what a card confirms. A QSO that LoTW confirms without the value an award
// needs is listed.
//
// Not countable unless a definition says so: repeaters, EchoLink, IRLP and
// internet links, and cross-band QSOs other than by satellite.
//
// The package does no I/O and keeps no state but a memory, per log, of what
// each distinct call and place means for each award. Start reading at [Award]
// in award.go, then fold.go; definition.go holds the schema.
package awards
