package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// values are figures by name: "ours.dashboard_ms".
type values map[string]float64

// A bench measures one peer once.
type bench struct {
	group, peer string
	run         func(context.Context) (values, error)
}

// benches are all measurements that can be made here, in the order of a round:
// ours and the peers in turn, so that noise meets all.
func (s *stage) benches() []bench {
	list := []bench{
		{"fold", "ours", s.selfBench("fold", s.data, often)},
		{"fold", "go", s.selfBench("sqlite-query", s.goDB, s.queries, repeats)},
		{"import", "ours", s.importOurs},
		{"import", "go", s.fresh(func(ctx context.Context, db string) (values, error) {
			return s.self(ctx, "sqlite-insert", s.rows, db, s.queries)
		})},
		{"parse", "ours", s.selfBench("parse", s.plain)},
		{"start", "ours", s.startOurs},
	}
	if s.nodeSQLite {
		list = append(list,
			bench{"fold", "node", s.nodeBench("query", s.nodeDB, s.queries, repeats)},
			bench{"import", "node", s.fresh(func(ctx context.Context, db string) (values, error) {
				return s.command(ctx, "node", s.node, "insert", s.rows, db, s.queries)
			})},
			bench{"start", "node", s.startNode})
	}
	if s.nodeParser {
		list = append(list, bench{"parse", "adif-parser-ts", s.nodeBench("parse", "adif-parser-ts", s.plain)})
	}
	if s.adifmt != "" {
		list = append(list, bench{"parse", "adifmt", s.countADIF})
	}
	for _, name := range sortedKeys(s.goParsers) {
		program := s.goParsers[name]
		list = append(list, bench{"parse", name, func(ctx context.Context) (values, error) { return s.command(ctx, program, s.plain) }})
	}
	return list
}

// Inside a round: for what takes a tenth of a second, and for ours, which takes a
// hundredth of that: its first five have a process that has just begun.
const repeats, often = "5", "50"

// measure runs the rounds.
func (s *stage) measure(ctx context.Context) ([]values, error) {
	var rounds []values
	for i := range s.o.rounds {
		s.say("round %d of %d ...", i+1, s.o.rounds)
		round := values{}
		for _, b := range s.benches() {
			if s.o.only != "" && !strings.Contains(","+s.o.only+",", ","+b.group+",") {
				continue
			}
			got, err := b.run(ctx)
			if err != nil {
				return nil, fmt.Errorf("%s of %s: %w", b.group, b.peer, err)
			}
			for name, v := range got {
				round[b.group+"."+b.peer+"."+name] = v
			}
		}
		if err := agree(round); err != nil {
			return nil, err
		}
		rounds = append(rounds, round)
	}
	return rounds, nil
}

// agree checks that all count the same log.
func agree(round values) error {
	for _, name := range []string{"fold.%s.count_total", "fold.%s.count_confirmed"} {
		ours, ok := round[fmt.Sprintf(name, "ours")]
		for _, peer := range []string{"node", "go"} {
			if theirs, there := round[fmt.Sprintf(name, peer)]; ok && there && theirs != ours {
				return fmt.Errorf("%s counts %v, ours %v", fmt.Sprintf(name, peer), theirs, ours)
			}
		}
	}
	for name, n := range round {
		if strings.HasPrefix(name, "parse.") && strings.HasSuffix(name, ".count_records") && n != round["parse.ours.count_records"] {
			return fmt.Errorf("%s: %v records, ours %v", name, n, round["parse.ours.count_records"])
		}
	}
	return nil
}

func (s *stage) selfBench(args ...string) func(context.Context) (values, error) {
	return func(ctx context.Context) (values, error) { return s.self(ctx, args...) }
}

func (s *stage) nodeBench(args ...string) func(context.Context) (values, error) {
	return func(ctx context.Context) (values, error) {
		return s.command(ctx, "node", append([]string{s.node}, args...)...)
	}
}

// fresh runs a bench with a database that is not there yet, and adds its size.
func (s *stage) fresh(run func(ctx context.Context, db string) (values, error)) func(context.Context) (values, error) {
	return func(ctx context.Context) (values, error) {
		db := filepath.Join(s.dir, "fresh.db")
		v, err := run(ctx, db)
		if err != nil {
			return nil, err
		}
		info, err := os.Stat(db)
		if err != nil {
			return nil, err
		}
		v["stored_b"] = float64(info.Size()) / float64(s.o.size)
		for _, end := range []string{"", "-wal", "-shm"} {
			_ = os.Remove(db + end) // may not be there
		}
		return v, nil
	}
}

// importOurs is the whole program, parsing and looking up included.
func (s *stage) importOurs(ctx context.Context) (values, error) {
	dir := filepath.Join(s.dir, "fresh")
	defer os.RemoveAll(dir)
	v, err := s.command(ctx, s.binary, "--data", dir, "import", s.log)
	if err != nil {
		return nil, err
	}
	v["insert_per_s"] = float64(s.o.size) / v["seconds"]
	var stat syscall.Stat_t
	if err := syscall.Stat(filepath.Join(dir, "qslbox.db"), &stat); err != nil {
		return nil, err
	}
	v["stored_b"] = float64(stat.Blocks) * 512 / float64(s.o.size)
	return v, nil
}

// countADIF is adif-multitool counting the records, the whole process.
func (s *stage) countADIF(ctx context.Context) (values, error) {
	v, err := s.command(ctx, s.adifmt, "count", s.plain)
	if err != nil {
		return nil, err
	}
	info, err := os.Stat(s.plain)
	if err != nil {
		return nil, err
	}
	v["parse_mb_per_s"] = float64(info.Size()) / 1e6 / v["seconds"]
	return v, nil
}

// self runs a worker of this program, in a process of its own so that its
// memory is its own.
func (s *stage) self(ctx context.Context, args ...string) (values, error) {
	own, err := os.Executable()
	if err != nil {
		return nil, err
	}
	return s.command(ctx, own, append([]string{"worker"}, args...)...)
}

// command runs a program to its end and returns the figures that it printed,
// lines "name value", with the seconds it took and its peak memory.
func (s *stage) command(ctx context.Context, name string, args ...string) (values, error) {
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.Env = append(cleared(os.Environ()), "TMPDIR="+s.dir)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	began := time.Now()
	if err := cmd.Run(); err != nil {
		return nil, fmt.Errorf("%s %s: %w\n%s", filepath.Base(name), strings.Join(args[:min(2, len(args))], " "), err, errs.Bytes()[max(0, errs.Len()-2000):])
	}
	v := values{"seconds": time.Since(began).Seconds()}
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		v["peak_mib"] = float64(usage.Maxrss) / 1024
	}
	lines := bufio.NewScanner(&out)
	for lines.Scan() {
		if name, number, ok := strings.Cut(lines.Text(), " "); ok && strings.Contains(name, "_") {
			if x, err := strconv.ParseFloat(number, 64); err == nil {
				v[name] = x
			}
		}
	}
	return v, lines.Err()
}

// cleared drops settings of a qslbox that may live on this machine.
func cleared(env []string) []string {
	var out []string
	for _, e := range env {
		if !strings.HasPrefix(e, "QSLBOX_") {
			out = append(out, e)
		}
	}
	return out
}
