package main

import (
	"bufio"
	"cmp"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"
)

// usage is what a process has taken so far.
type usage struct {
	anonymous, peak float64 // MiB: now without mapped files; highest with them
	written         int64   // bytes sent to the disk
	cpu             time.Duration
}

// usageOf reads /proc; what cannot be read is 0.
func usageOf(pid int) usage {
	status, stat := fields(pid, "status"), fields(pid, "io")
	return usage{anonymous: status["RssAnon"] / 1024, peak: status["VmHWM"] / 1024, written: int64(stat["write_bytes"]), cpu: processorTime(pid)}
}

// processorTime is what a process has computed, in user and system mode.
func processorTime(pid int) time.Duration {
	const perSecond = 100 // ticks; the same on every Linux that Go knows
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	words := strings.Fields(string(text)[strings.LastIndexByte(string(text), ')')+1:])
	if len(words) < 13 {
		return 0
	}
	user, _ := strconv.Atoi(words[11]) // numbers, by the kernel's word
	system, _ := strconv.Atoi(words[12])
	return time.Duration(user+system) * time.Second / perSecond
}

// fields reads a file of lines "name: number".
func fields(pid int, file string) map[string]float64 {
	out := map[string]float64{}
	f, err := os.Open(fmt.Sprintf("/proc/%d/%s", pid, file))
	if err != nil {
		return out
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		name, rest, _ := strings.Cut(lines.Text(), ":")
		if words := strings.Fields(rest); len(words) > 0 {
			out[name], _ = strconv.ParseFloat(words[0], 64) // words stay 0
		}
	}
	return out
}

// percentile is the nearest rank of sorted values.
func percentile[T cmp.Ordered](sorted []T, p float64) T {
	var zero T
	if len(sorted) == 0 {
		return zero
	}
	return sorted[min(int(p*float64(len(sorted))), len(sorted)-1)]
}

// middle is the median; it sorts.
func middle[T cmp.Ordered](x []T) T {
	slices.Sort(x)
	return percentile(x, 0.5)
}

func milliseconds(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// machine says what was measured on, and how busy it was.
func machine() string {
	load, _ := os.ReadFile("/proc/loadavg")
	first, _, _ := strings.Cut(string(load), " ")
	return fmt.Sprintf("%s, %s/%s, %d processors, %s, load %s", time.Now().UTC().Format(time.DateOnly), runtime.GOOS, runtime.GOARCH, runtime.NumCPU(), runtime.Version(), cmp.Or(first, "unknown"))
}

// short writes a number with three digits.
func short(x float64) string {
	switch {
	case x >= 1e6:
		return fmt.Sprintf("%.2fM", x/1e6)
	case x >= 1e4:
		return fmt.Sprintf("%.0fk", x/1e3)
	case x >= 1000:
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.3g", x)
}
