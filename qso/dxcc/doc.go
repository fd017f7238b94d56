// Package dxcc knows where on Earth a call sign belongs: call (and date) to
// DXCC entity, CQ and ITU zone, continent, coordinates and WAE region, and a
// country's name or a state's code to what they mean.
//
// A [Table] is read-only and serves any number of goroutines. [New] makes one
// from the tables embedded under tables/; [Load] makes one whose prefixes and
// exact calls come from a user's own country file (cty.dat), while entities,
// dated prefixes and subdivisions stay ours. The large tables are read when
// they are first asked for (about 2 ms), so a program that looks up nothing
// pays nothing.
//
// [Table.Lookup] is the guess for a QSO whose log does not say the entity. The
// order of trust is: the entity in a LoTW confirmation, DXCC in the log, an
// exact call here, the longest prefix here. Prefixes retired before about 1994
// are mostly unknown: trust the log there.
//
// # The tables
//
// All are UTF-8 with tabs between columns, one heading line beginning with #,
// empty cells meaning "not set". Longitudes are east positive. An end date is
// the first day that no longer counts.
//
// tables/entities.tsv holds all 402 DXCC entities of ADIF 3.1.6.
// tables/names.tsv holds further spellings of their names.
// tables/regions.tsv holds the ADIF REGION values.
// tables/subdivisions.tsv holds the values of STATE.
// tables/prefixes.tsv holds the calls: each row is one place (entity, zones,
// continent, coordinates, region; blank ones are the entity's), its window of
// dates, and in the last column all prefixes and exact calls (these marked by
// =) that mean it, with blanks between. A line that begins with a blank goes on
// with the keys of the row before.
//
// NOTICE says whose work the prefixes are derived from.
//
// Start reading at [Table.Lookup] in dxcc.go, then slash.go.
package dxcc
