package intake

import (
	"bytes"
	"math"

	"qslbox/qso"
	"qslbox/qso/adif"
)

// bandNames finds a band by its name of up to 8 letters as one word.
type bandNames map[uint64]qso.Band

type bandLimits struct{ lower, higher qso.Freq }

func newBandNames() bandNames {
	names := bandNames{}
	for _, b := range qso.Bands() {
		names[shortWord([]byte(b.String()))] = b
	}
	return names
}

func newBandLimits() []bandLimits {
	limits := []bandLimits{{}}
	for _, b := range qso.Bands() {
		lower, higher := b.Limits()
		limits = append(limits, bandLimits{lower, higher})
	}
	return limits
}

// shortWord packs a text of up to 8 bytes, ASCII capitals made small; 0 for
// longer ones.
func shortWord(b []byte) (w uint64) {
	if len(b) > 8 {
		return 0
	}
	for i, c := range b {
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		w |= uint64(c) << (8 * i)
	}
	return w
}

// band reads BAND, FREQ, BAND_RX and FREQ_RX (rule 9). BAND decides whether
// FREQ is in MHz, kHz or Hz; without BAND the one unit that hits an amateur
// band does. A bare number for a band counts if FREQ tells none.
func (in *Intake) band() *Rejection {
	text := in.value(slotBand)
	band := in.bands[shortWord(text)]
	freq, given := in.frequency(slotFreq)
	if band != 0 {
		in.q.Band = band
		if given {
			in.q.Freq = in.unitOf(freq, band)
		}
		return in.received()
	}
	if given {
		in.q.Freq, in.q.Band = in.hit(freq)
	}
	if in.q.Band == 0 {
		if in.q.Band = in.meters(text); in.q.Band != 0 && given {
			in.q.Freq = in.unitOf(freq, in.q.Band)
		}
	}
	switch {
	case in.q.Band != 0:
		if text != nil {
			in.original(slotBand)
		}
		return in.received()
	case text != nil && given:
		return reject(in.rec, BadBand, "BAND %s is no amateur band, and FREQ %s hits none; correct one of them and import the record again", quote(text), quote(in.value(slotFreq)))
	case text != nil:
		return reject(in.rec, BadBand, "BAND %s is no amateur band, and there is no usable FREQ; correct the band and import the record again", quote(text))
	case given:
		return reject(in.rec, BadBand, "FREQ %s is in no amateur band in MHz, and in not exactly one in kHz or Hz; correct it or add BAND, and import the record again", quote(in.value(slotFreq)))
	case in.slots[slotFreq] != 0:
		return reject(in.rec, NoBandOrFreq, "BAND is missing, and FREQ %s is no frequency; add the band and import the record again", quote(in.value(slotFreq)))
	}
	return reject(in.rec, NoBandOrFreq, "BAND and FREQ are missing; add the band and import the record again")
}

// meters reads a band that is written as a bare number, "40" or "40 m", which
// says metres to everybody; 0 if it is none.
func (in *Intake) meters(text []byte) qso.Band {
	number := bytes.TrimRight(text, " Mm")
	if len(number) == 0 || !allDigits(number) {
		return 0
	}
	return in.bands[shortWord(append(bytes.Clone(number), 'm'))]
}

// received reads BAND_RX and FREQ_RX; neither is ever a reason to reject.
func (in *Intake) received() *Rejection {
	if text := in.value(slotBandRX); text != nil {
		if in.q.BandRx = in.bands[shortWord(text)]; in.q.BandRx == 0 {
			in.original(slotBandRX)
		}
	}
	freq, given := in.frequency(slotFreqRX)
	switch {
	case !given:
	case in.q.BandRx != 0:
		in.q.FreqRx = in.unitOf(freq, in.q.BandRx)
	default:
		if in.q.FreqRx, _ = in.hit(freq); in.q.FreqRx == 0 {
			in.q.FreqRx = freq.mhz()
		}
	}
	return nil
}

// number is a frequency as written, in whatever unit: whole part and
// thousand-millionths.
type number struct{ whole, nano int64 }

const maxMHz = 9_000_000 // as qso.ParseMHz

func (n number) mhz() qso.Freq {
	if n.whole > maxMHz {
		return 0
	}
	return qso.Freq(n.whole*1e9 + n.nano)
}

func (n number) khz() qso.Freq {
	if n.whole > maxMHz*1e3 {
		return 0
	}
	return qso.Freq(n.whole*1e6 + (n.nano+500)/1e3)
}

func (n number) hz() qso.Freq {
	if n.whole > maxMHz*1e6 {
		return 0
	}
	return qso.Freq(n.whole*1e3 + (n.nano+500_000)/1e6)
}

// frequency reads the number in a slot. Zero is "not given"; what is no number
// is kept as original and not given.
func (in *Intake) frequency(s slot) (n number, given bool) {
	f := in.field(s)
	if f == nil {
		return n, false
	}
	n, ok := parseNumber(f)
	if !ok {
		in.original(s)
	}
	return n, ok && n != number{}
}

func parseNumber(f *adif.Field) (n number, ok bool) {
	digits, decimals := 0, -1
	scale := int64(1e9)
	for _, c := range f.Value {
		switch {
		case c-'0' <= 9 && decimals < 0:
			if digits++; digits > 13 {
				return number{}, false
			}
			n.whole = n.whole*10 + int64(c-'0')
		case c-'0' <= 9:
			decimals++
			scale /= 10
			n.nano += int64(c-'0') * scale
		case (c == '.' || c == ',') && decimals < 0:
			decimals = 0
		default:
			return number{}, false
		}
	}
	return n, digits > 0 || decimals > 0
}

// unitOf reads a frequency in the unit that hits the band, or comes nearest.
func (in *Intake) unitOf(n number, band qso.Band) qso.Freq {
	limits := in.limits[band]
	best, off := qso.Freq(0), math.Inf(1)
	for _, f := range [...]qso.Freq{n.mhz(), n.khz(), n.hz()} {
		if limits.lower <= f && f <= limits.higher {
			return f
		}
		if f > 0 {
			if d := math.Abs(math.Log(float64(f) / float64(limits.lower))); d < off {
				best, off = f, d
			}
		}
	}
	return best
}

// hit reads a frequency without band: in MHz if that is in an amateur band,
// else in the only one of kHz and Hz that is; else zero.
func (in *Intake) hit(n number) (qso.Freq, qso.Band) {
	if b := in.bandOf(n.mhz()); b != 0 {
		return n.mhz(), b
	}
	khz, hz := in.bandOf(n.khz()), in.bandOf(n.hz())
	switch {
	case khz != 0 && hz == 0:
		return n.khz(), khz
	case hz != 0 && khz == 0:
		return n.hz(), hz
	}
	return 0, 0
}

func (in *Intake) bandOf(f qso.Freq) qso.Band {
	for b := range in.limits {
		if b > 0 && in.limits[b].lower <= f && f <= in.limits[b].higher {
			return qso.Band(b)
		}
	}
	return 0
}
