package webui_test

import (
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestContrast holds text readable on what it stands on, in both colour
// schemes (WCAG 2.2, 1.4.3: 4.5 to 1).
func TestContrast(t *testing.T) {
	data, err := os.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	light, rest, found := strings.Cut(string(data), "@media screen and (prefers-color-scheme: dark)")
	if !found {
		t.Fatal("there are no dark colours")
	}
	dark, _, _ := strings.Cut(rest, "\n}\n")
	colour := regexp.MustCompile(`--([a-z0-9-]+): (#[0-9a-f]{3,6});`)
	schemes := map[string]map[string]string{"light": {}, "dark": {}}
	for _, m := range colour.FindAllStringSubmatch(light, -1) {
		schemes["light"][m[1]], schemes["dark"][m[1]] = m[2], m[2]
	}
	for _, m := range colour.FindAllStringSubmatch(dark, -1) {
		schemes["dark"][m[1]] = m[2]
	}
	pairs := []struct{ text, ground string }{
		{"ink", "paper"}, {"ink", "desk"}, {"ink", "paper-2"}, {"ink", "note-bg"}, {"ink", "good-bg"}, {"ink", "bad-bg"},
		{"soft", "paper"}, {"soft", "desk"}, {"soft", "paper-2"}, {"link", "paper"}, {"link", "desk"}, {"link", "note-bg"},
		{"bad", "paper"}, {"bad", "desk"}, {"confirmed", "paper"}, {"stamp", "paper"}, {"board-text", "board"}, {"board-text", "board-line"},
		{"board-soft", "board"}, {"ink", "q1"}, {"ink", "q2"}, {"q-ink", "q4"}, {"q-ink", "q5"}, {"paper", "granted"},
	}
	for name, colours := range schemes {
		for _, p := range pairs {
			if r := contrast(t, colours[p.text], colours[p.ground]); r < 4.5 {
				t.Errorf("%s: %s on %s: %.2f to 1", name, p.text, p.ground, r)
			}
		}
	}
}

func contrast(t *testing.T, a, b string) float64 {
	t.Helper()
	la, lb := luminance(t, a), luminance(t, b)
	return (max(la, lb) + 0.05) / (min(la, lb) + 0.05)
}

func luminance(t *testing.T, hex string) (sum float64) {
	t.Helper()
	hex = strings.TrimPrefix(hex, "#")
	if len(hex) == 3 {
		hex = string([]byte{hex[0], hex[0], hex[1], hex[1], hex[2], hex[2]})
	}
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(hex[2*i:2*i+2], 16, 8)
		if err != nil {
			t.Fatal(err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			sum += weight * c / 12.92
		} else {
			sum += weight * math.Pow((c+0.055)/1.055, 2.4)
		}
	}
	return sum
}

// TestTypeScale holds type to the sizes and weights that docs/design.md names.
// Each more is a question that a browser puts to the system, and waits for,
// before it paints; drawings and paper have sizes of their own.
func TestTypeScale(t *testing.T) {
	data, err := os.ReadFile("static/style.css")
	if err != nil {
		t.Fatal(err)
	}
	sheet, _, _ := strings.Cut(string(data), "@media print {\n  .later")
	sizes := regexp.MustCompile(`font-size: ([^;}]+)|font: ([^;}]+)`)
	for _, m := range sizes.FindAllStringSubmatch(sheet, -1) {
		size := m[1] + m[2]
		named := regexp.MustCompile(`^(600 )?var\(--(label|hint|text|lead|title)\)`).MatchString(size)
		if !named && size != "inherit" && !strings.HasPrefix(size, "clamp(") && size != "2rem" && !strings.HasSuffix(size, "px") {
			t.Errorf("font size %q is none of the five", size)
		}
	}
	for _, m := range regexp.MustCompile(`font-weight: ([^;}]+)`).FindAllStringSubmatch(sheet, -1) {
		if m[1] != "400" && m[1] != "600" {
			t.Errorf("font weight %s is neither 400 nor 600", m[1])
		}
	}
}
