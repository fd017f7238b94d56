package columns

import "sort"

// idRuns knows the id of each row. Ids ascend by row, nearly always by one, so
// they are kept as runs: a log without gaps needs one.
type idRuns struct {
	runs []idRun
	rows int
}

type idRun struct {
	row int
	id  uint64
}

// id returns the id of a row.
func (r *idRuns) id(row int) uint64 {
	i := len(r.runs) - 1
	if r.runs[i].row > row {
		i = sort.Search(i, func(i int) bool { return r.runs[i].row > row }) - 1
	}
	return r.runs[i].id + uint64(row-r.runs[i].row)
}

// find returns the row of an id, or the row where it would stand.
func (r *idRuns) find(id uint64) (row int, found bool) {
	i := sort.Search(len(r.runs), func(i int) bool { return r.runs[i].id > id }) - 1
	if i < 0 {
		return 0, false
	}
	end := r.rows
	if i+1 < len(r.runs) {
		end = r.runs[i+1].row
	}
	if off := id - r.runs[i].id; off < uint64(end-r.runs[i].row) {
		return r.runs[i].row + int(off), true
	}
	return end, false
}

// push gives the next row an id, higher than all before.
func (r *idRuns) push(id uint64) {
	if n := len(r.runs); n == 0 || id != r.runs[n-1].id+uint64(r.rows-r.runs[n-1].row) {
		r.runs = append(r.runs, idRun{r.rows, id})
	}
	r.rows++
}

// insert gives an id to a new row between others.
func (r *idRuns) insert(at int, id uint64) {
	old := *r
	*r = idRuns{runs: make([]idRun, 0, len(old.runs)+2)}
	for row := range old.rows {
		if row == at {
			r.push(id)
		}
		r.push(old.id(row))
	}
}
