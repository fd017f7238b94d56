// Package monitor measures what a program does, and says how fast it is, what
// became slower, and whether it is well.
//
// It stores nothing outside memory and knows nothing of the program around it.
// Each part works on its own:
//
//   - [Monitor] keeps a ring of the last 1,024 durations of every operation and
//     answers counts, exact percentiles, ratings, the slowest calls of the last
//     hour, and a histogram for Prometheus.
//   - Regressions: what takes at least twice as long as it did in the long run,
//     at the same size of the data, in this version or the one before
//     ([Monitor.Regressions]). The long run survives a restart as a list of
//     [Baseline] values, which the caller keeps where it likes.
//   - [Health] joins named checks into one verdict with reasons and since when.
//   - [Liveness] says whether the loops of the program still turn: the answer
//     for a watchdog, which is not the verdict.
//   - [Series] keeps a figure of each minute for a day.
//   - [ReadProcess], [CheckMemory], [CheckDisk], [CheckPauses] and [Growth] look
//     at the process and its machine.
//
// It promises that recording takes no lock and allocates nothing, costs less
// than half a pair of clock readings on top of the two that measure, and that
// no flood of names grows its memory: what does not fit is counted under
// [Other].
//
// Start reading at [Monitor.Operation] and [Op.Start]; op.go is the hot path.
package monitor
