package main

import (
	"bufio"
	"database/sql"
	"errors"
	"os"
	"strconv"
	"strings"
	"time"

	_ "modernc.org/sqlite" // the driver
)

// questions reads the SQL that both peers use, by name.
func questions(file string) (map[string]string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	found := map[string]string{}
	for _, part := range strings.Split(string(text), "-- name: ")[1:] {
		name, query, _ := strings.Cut(part, "\n")
		found[strings.TrimSpace(name)] = strings.TrimSpace(query)
	}
	return found, nil
}

func openSQLite(file string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", "file:"+file)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // the pragmas belong to a connection
	for _, pragma := range []string{"journal_mode = WAL", "synchronous = NORMAL", "cache_size = -65536", "mmap_size = 1073741824"} {
		if _, err := db.Exec("PRAGMA " + pragma); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	return db, nil
}

// sqliteInsert puts parsed rows into a new table with indexes: ROWS DB QUERIES.
func sqliteInsert(args []string) (err error) {
	ask, err := questions(args[2])
	if err != nil {
		return err
	}
	rows, err := parsedRows(args[0])
	if err != nil {
		return err
	}
	db, err := openSQLite(args[1])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	if _, err := db.Exec(ask["table"]); err != nil {
		return err
	}
	began := time.Now()
	tx, err := db.Begin()
	if err != nil {
		return err
	}
	insert, err := tx.Prepare(ask["insert"])
	if err != nil {
		return err
	}
	for _, row := range rows {
		if _, err := insert.Exec(row...); err != nil {
			return err
		}
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	for _, statement := range []string{ask["index"], "PRAGMA wal_checkpoint(TRUNCATE)"} {
		if _, err := db.Exec(statement); err != nil {
			return err
		}
	}
	say("insert_per_s", float64(len(rows))/time.Since(began).Seconds())
	return nil
}

// parsedRows reads rows as arguments of the insert.
func parsedRows(file string) ([][]any, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var rows [][]any
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row []any
		for cell := range strings.SplitSeq(lines.Text(), "\t") {
			row = append(row, cell)
		}
		rows = append(rows, row)
	}
	return rows, lines.Err()
}

// sqliteQuery asks what the predecessor asks: DB QUERIES REPEATS.
func sqliteQuery(args []string) (err error) {
	ask, err := questions(args[1])
	if err != nil {
		return err
	}
	n, err := strconv.Atoi(args[2])
	if err != nil {
		return err
	}
	db, err := openSQLite(args[0])
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	var counts [5]float64
	if err := db.QueryRow(ask["statistics"]).Scan(&counts[0], &counts[1], &counts[2], &counts[3], &counts[4]); err != nil {
		return err
	}
	for i, name := range []string{"total", "confirmed", "entities", "bands", "modes"} {
		say("count_"+name, counts[i])
	}
	for name, parts := range map[string][]string{
		"statistics": {"statistics"}, "matrix": {"matrix"},
		"dashboard": {"statistics", "matrix", "calls", "bandmode", "years"},
		"tuned":     {"cells", "calls", "years"}, // what else is wanted is added up from the cells
	} {
		say(name+"_ms", median(n, func() {
			for _, part := range parts {
				err = errors.Join(err, drain(db, ask[part]))
			}
		}))
	}
	return err
}

// drain reads all rows of an answer.
func drain(db *sql.DB, query string) error {
	rows, err := db.Query(query)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	cells := make([]any, len(columns))
	for i := range cells {
		cells[i] = new(any)
	}
	for rows.Next() {
		if err := rows.Scan(cells...); err != nil {
			return err
		}
	}
	return rows.Err()
}
