package qso

import (
	"embed"
	"strings"
	"sync"
)

//go:embed tables/*.tsv
var tableFiles embed.FS

// tableRows returns the rows of an embedded table, its heading left out. The
// tables are compiled in: a missing one is a fault of the build.
func tableRows(name string) [][]string {
	data, err := tableFiles.ReadFile("tables/" + name + ".tsv")
	if err != nil {
		panic("qso: " + err.Error())
	}
	var rows [][]string
	for line := range strings.Lines(string(data)) {
		line = strings.TrimRight(line, "\r\n")
		if line != "" && !strings.HasPrefix(line, "#") {
			rows = append(rows, strings.Split(line, "\t"))
		}
	}
	return rows
}

// lazy computes a compiled-in table when it is first asked for.
func lazy[T any](load func() T) func() T { return sync.OnceValue(load) }
