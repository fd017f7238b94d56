// Package lotwtest is a Logbook of the World to test against: an HTTP server
// with a log of its own that answers report queries as LoTW does, and that can
// fail in every way LoTW has been seen to fail.
//
// A [Server] is deterministic: the same log, the same clock and the same seed
// give the same bytes. Set the log with [Server.Add], make confirmations with
// [Server.Confirm] or [Server.ConfirmNext] (they appear live, as in the demo),
// and let it misbehave with [Server.Play] and the [Fault] values of fault.go.
// Every request is kept, decoded, in [Server.Requests].
//
// What a report looks like follows the public descriptions of LoTW's report
// query; nothing in here was recorded from an account. Only tests and the demo
// import this package. Start reading at [Server.ServeHTTP].
package lotwtest
