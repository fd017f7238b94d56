package qso

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
)

// ErrBadBand says that a text names no amateur band of ADIF.
var ErrBadBand = errors.New("not an amateur band")

// ErrBadFreq says that a text is no usable frequency.
var ErrBadFreq = errors.New("not a frequency")

// Band is an ADIF band, ascending by frequency; zero is "no band". The
// numbers are stored: 1 is 2190m, new bands go to the end of tables/bands.tsv.
type Band uint8

// Freq is a frequency in millihertz; zero is "not given".
type Freq int64

const (
	kilohertz Freq = 1_000_000
	megahertz Freq = 1_000_000_000
)

type bandInfo struct {
	name, upper, group, lotw string
	lower, higher            Freq
}

var bandTable = lazy(func() []bandInfo {
	table := []bandInfo{{}}
	for _, row := range tableRows("bands") {
		lower, _ := ParseMHz(row[1])
		higher, _ := ParseMHz(row[2])
		table = append(table, bandInfo{row[0], strings.ToUpper(row[0]), row[3], row[4], lower, higher})
	}
	return table
})

// Bands returns all bands, lowest frequency first.
func Bands() []Band {
	all := make([]Band, 0, len(bandTable())-1)
	for b := 1; b < len(bandTable()); b++ {
		all = append(all, Band(b))
	}
	return all
}

// ParseBand reads a band name of ADIF in any letter case, blanks around it
// aside. It returns ErrBadBand for any other text.
func ParseBand(s string) (Band, error) {
	s = strings.TrimSpace(s)
	for b, info := range bandTable() {
		if b > 0 && strings.EqualFold(s, info.name) {
			return Band(b), nil
		}
	}
	return 0, fmt.Errorf("%w: %q", ErrBadBand, clip(s, 20))
}

// BandOf returns the band that holds the frequency, edges included, or zero.
func BandOf(f Freq) Band {
	for b, info := range bandTable() {
		if b > 0 && info.lower <= f && f <= info.higher {
			return Band(b)
		}
	}
	return 0
}

func (b Band) info() bandInfo {
	if int(b) >= len(bandTable()) {
		return bandInfo{}
	}
	return bandTable()[b]
}

// String returns the ADIF spelling in lower case ("20m"); empty for no band.
func (b Band) String() string { return b.info().name }

// Group returns HF (up to 10 m), VHF, UHF or SHF.
func (b Band) Group() string { return b.info().group }

// LoTW returns LoTW's spelling of the band, empty if LoTW does not take it.
func (b Band) LoTW() string { return b.info().lotw }

// Limits returns the lowest and highest frequency of the band.
func (b Band) Limits() (lower, higher Freq) { return b.info().lower, b.info().higher }

// ParseMHz reads a frequency written in MHz, with a decimal point or comma,
// to the millihertz. It returns ErrBadFreq for zero, negative and unreadable
// texts and for more than 9,000,000 MHz.
func ParseMHz(s string) (Freq, error) {
	s = strings.TrimSpace(s)
	whole, frac, _ := strings.Cut(strings.Replace(s, ",", ".", 1), ".")
	bad := fmt.Errorf("%w: %q", ErrBadFreq, clip(s, 20))
	if whole == "" && frac == "" || len(whole) > 7 || !allDigits(whole) || !allDigits(frac) {
		return 0, bad
	}
	mhz, _ := strconv.Atoi("0" + whole)
	for len(frac) < 9 {
		frac += "0"
	}
	rest, _ := strconv.Atoi(frac[:9])
	if len(frac) > 9 && frac[9] >= '5' {
		rest++
	}
	f := Freq(mhz)*megahertz + Freq(rest)
	if f <= 0 || mhz > 9_000_000 {
		return 0, bad
	}
	return f, nil
}

func allDigits(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return false
		}
	}
	return true
}

// MHz returns the frequency in MHz.
func (f Freq) MHz() float64 { return float64(f) / float64(megahertz) }

// String returns the frequency in MHz in its shortest exact form ("14.074").
func (f Freq) String() string { return string(f.Append(nil)) }

// Append appends what String returns.
func (f Freq) Append(b []byte) []byte {
	if f == 0 {
		return b
	}
	b = strconv.AppendInt(b, int64(f/megahertz), 10)
	frac := int64(f % megahertz)
	if frac == 0 {
		return b
	}
	digits := strconv.AppendInt(nil, frac+int64(megahertz), 10)[1:]
	for digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	return append(append(b, '.'), digits...)
}
