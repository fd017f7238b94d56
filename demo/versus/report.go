package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
)

// row compares one figure of ours with a peer's. Where less is better, the
// ratio is theirs / ours, else ours / theirs: more than 1 is for us.
type row struct {
	what         string
	ours, theirs string
	unit         string
	more         bool    // more is better
	budget       float64 // the ratio to reach; 0: none
	mem, theirMB string  // figures of memory, if any
}

const (
	plain = " (plain SQL)"
	best  = " (fewest queries)"
)

func rows() []row {
	var list []row
	for _, p := range []struct {
		id, name    string
		plain, best float64 // docs/decisions/0012
	}{{"node", "better-sqlite3 on Node", 75, 25}, {"go", "modernc.org/sqlite in Go", 120, 30}} {
		fold := "fold." + p.id + "."
		list = append(list,
			row{"dashboard and DXCC from scratch / " + p.name + plain, "fold.ours.dashboard_ms", fold + "dashboard_ms", "ms", false, p.plain, "fold.ours.peak_mib", fold + "peak_mib"},
			row{"dashboard and DXCC from scratch / " + p.name + best, "fold.ours.dashboard_ms", fold + "tuned_ms", "ms", false, p.best, "", ""},
			row{"the same, both written as JSON / " + p.name + plain, "fold.ours.json_ms", fold + "json_ms", "ms", false, 0, "", ""},
			row{"total, confirmed, entities, bands, modes / " + p.name, "fold.ours.statistics_ms", fold + "statistics_ms", "ms", false, 0, "", ""},
			row{"DXCC matrix / " + p.name, "fold.ours.matrix_ms", fold + "matrix_ms", "ms", false, 0, "", ""},
			row{"import of a file / insert of parsed rows, indexes, " + p.name, "import.ours.insert_per_s", "import." + p.id + ".insert_per_s", "QSOs/s", true, budgetOnly(p.id == "node", 1.3), "import.ours.peak_mib", "import." + p.id + ".peak_mib"},
			row{"stored, file and indexes / " + p.name, "import.ours.stored_b", "import." + p.id + ".stored_b", "B/QSO", false, 0, "", ""},
		)
	}
	for _, peer := range []string{"farmergreg/adif", "Matir/adifparser"} { // records of texts, as theirs
		list = append(list, row{"ADIF into records / " + peer, "parse.ours.read_mb_per_s", "parse." + peer + ".parse_mb_per_s", "MB/s", true, 1.5, "parse.ours.peak_mib", "parse." + peer + ".peak_mib"})
	}
	for _, p := range []struct {
		name   string
		budget float64
	}{{"adifmt", 10}, {"farmergreg/adif", 0}, {"adif-parser-ts", 8}} {
		list = append(list, row{"ADIF into typed QSOs / " + p.name, "parse.ours.parse_mb_per_s", "parse." + p.name + ".parse_mb_per_s", "MB/s", true, p.budget, "parse.ours.peak_mib", "parse." + p.name + ".peak_mib"})
	}
	return append(list,
		row{"peak memory of an import / of adifmt count", "import.ours.peak_mib", "parse.adifmt.peak_mib", "MiB", false, 4, "", ""},
		row{"exec to first statistics / Node and SQLite", "start.ours.first_ms", "start.node.first_ms", "ms", false, 8, "start.ours.rss_mib", "start.node.rss_mib"})
}

func budgetOnly(when bool, x float64) float64 {
	if when {
		return x
	}
	return 0
}

// report prints the table. Rows whose peer was left out are not in it.
func report(w io.Writer, rounds []values) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "| what / peer\t| ours\t| peer\t| memory, ours / peer\t| ratio\t| budget\t| verdict\t|")
	fmt.Fprintln(t, "|---\t|---\t|---\t|---\t|---\t|---\t|---\t|")
	for _, r := range rows() {
		ours, ok := over(rounds, r.ours, "")
		theirs, there := over(rounds, r.theirs, "")
		if !ok || !there {
			continue
		}
		up, down := r.theirs, r.ours
		if r.more {
			up, down = down, up
		}
		ratio, _ := over(rounds, up, down)
		memory := ""
		if m, ok := over(rounds, r.mem, ""); ok {
			if their, ok := over(rounds, r.theirMB, ""); ok {
				memory = fmt.Sprintf("%.0f / %.0f MiB", m, their)
			}
		}
		budget, verdict := "", ""
		if r.budget > 0 {
			budget, verdict = fmt.Sprintf(">= %v x", r.budget), "met"
			if ratio < r.budget {
				verdict = "**missed**"
			}
		}
		fmt.Fprintf(t, "| %s\t| %s %s\t| %s\t| %s\t| %s x\t| %s\t| %s\t|\n", r.what, short(ours), r.unit, short(theirs), memory, short(ratio), budget, verdict)
	}
	return t.Flush()
}

// over returns the median over the rounds of a figure, or of its ratio to
// another one round by round.
func over(rounds []values, name, by string) (float64, bool) {
	var x []float64
	for _, r := range rounds {
		v, ok := r[name]
		if by != "" {
			d, there := r[by]
			v, ok = v/d, ok && there && d > 0
		}
		if ok {
			x = append(x, v)
		}
	}
	if len(x) == 0 {
		return 0, false
	}
	return middle(x), true
}

// short writes a number with three digits.
func short(x float64) string {
	if x >= 1000 {
		text := fmt.Sprintf("%.0f", x)
		var out []string
		for len(text) > 3 {
			out, text = append([]string{text[len(text)-3:]}, out...), text[:len(text)-3]
		}
		return text + "," + strings.Join(out, ",")
	}
	return fmt.Sprintf("%.3g", x)
}
