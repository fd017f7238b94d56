// Package dcltest is a DARC Community Logbook to test against: an HTTP server
// with a log of its own that answers the ADIF export as DCL's is described,
// and that can fail in the ways a young interface fails.
//
// A [Server] is deterministic. Set the log with [Server.Add], let [Server.Play]
// misbehave with the [Fault] values of fault.go, read what clients sent in
// [Server.Requests]. Only tests and the demo import this package. Start reading
// at [Server.ServeHTTP].
package dcltest
