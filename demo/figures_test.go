package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"strings"
	"testing"
)

func TestPercentile(t *testing.T) {
	sorted := []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10}
	for p, want := range map[float64]int{0: 1, 0.5: 6, 0.95: 10, 0.99: 10, 1: 10} {
		if got := percentile(sorted, p); got != want {
			t.Errorf("percentile %v of 1 to 10: %d, want %d", p, got, want)
		}
	}
	if got := percentile([]int(nil), 0.5); got != 0 {
		t.Errorf("percentile of nothing: %d", got)
	}
}

// grown are logs whose cost grows with a power of their size.
func grown(power float64) []point {
	var points []point
	for _, n := range []int{10_000, 30_000, 100_000, 300_000, 1_000_000} {
		p := point{n, map[string]float64{}}
		for _, c := range costs {
			p.cost[c.name] = 0.01 * math.Pow(float64(n), power)
		}
		points = append(points, p)
	}
	return points
}

func TestExponent(t *testing.T) {
	for _, power := range []float64{0, 0.5, 1, 2} {
		if got := exponent("import", grown(power)); math.Abs(got-power) > 1e-9 {
			t.Errorf("exponent %v, want %v", got, power)
		}
	}
	if got := exponent("import", grown(1)[:1]); got != 0 {
		t.Errorf("exponent of one point: %v", got)
	}
}

func TestCurves(t *testing.T) {
	picture := curves(grown(1))
	for d := xml.NewDecoder(bytes.NewReader(picture)); ; {
		if _, err := d.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatalf("the picture is no XML: %v\n%s", err, picture)
		}
	}
	if strings.Contains(string(picture), "NaN") || strings.Contains(string(picture), "Inf") {
		t.Error("the picture has coordinates that are no numbers")
	}
	var table bytes.Buffer
	printCurves(&table, grown(1))
	if lines := strings.Count(table.String(), "\n"); lines != len(costs)+2 {
		t.Errorf("%d lines for %d costs:\n%s", lines, len(costs), table.String())
	}
}

func TestUsage(t *testing.T) {
	if u := usageOf(os.Getpid()); u.anonymous <= 0 || u.peak < u.anonymous {
		t.Errorf("usage of this process: %+v", u)
	}
}
