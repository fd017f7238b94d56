// Package syncerstest has what the tests of syncers, lotw and dcl share: a
// logbook in memory that does with batches what package store does, and a
// server that plays recorded bytes. Only tests import it. Start reading at
// [Book].
package syncerstest
