package qsotest

import (
	"math"
	"time"
)

// kind is what sort of operating a session is.
type kind int

const (
	desk        kind = iota // CW, SSB, RTTY, PSK31 with time to talk
	fromScreen              // FT8 and its kin
	pileUp                  // the club call, wanted by many
	outdoors                // the portable call, from a park or a summit
	bySatellite             // one pass
	onVHF                   // repeaters, sporadic E, meteors, the moon
	fromContest             // a contest weekend
)

// A session is one stretch of operating: who, where, how, and how fast.
type session struct {
	slot
	kind                   kind
	pace                   float64 // seconds a QSO
	ownCall, operator      string
	myGrid, myPOTA, mySOTA string
	power                  int
	mode, submode          string
	band                   int // of tables.bands
	sat                    *sat
	vhf                    *vhf
}

// setUp chooses what a session is.
func (g *generator) setUp(sl slot) session {
	s := session{slot: sl, kind: g.kind(sl), ownCall: OwnCall, myGrid: "JO30OM", pace: 150}
	at := time.Unix(sl.start, 0).UTC()
	if g.r.Float64() < 0.3 {
		s.power = 100
	}
	switch s.kind {
	case desk:
		s.mode, s.submode = g.deskMode(at)
	case fromScreen:
		s.mode, s.submode = g.screenMode(at)
		s.pace = 75
	case pileUp:
		s.club(g)
		s.mode = [...]string{"CW", "SSB"}[g.r.IntN(2)]
		s.pace = 22
	case outdoors:
		g.goOut(&s)
	case bySatellite:
		s.sat, s.pace = g.satellite(at), 60
	case onVHF:
		s.vhf, s.pace = g.vhf(at), 200
	case fromContest:
		s.mode, s.pace = sl.contest.mode, 40
		if g.r.Float64() < 0.5 {
			s.club(g)
		}
	}
	g.tune(&s, at)
	return s
}

func (g *generator) kind(sl slot) kind {
	if sl.contest != nil {
		return fromContest
	}
	switch x := g.r.Float64(); {
	case x < 0.36:
		return desk
	case x < 0.82:
		return fromScreen
	case x < 0.86:
		return pileUp
	case x < 0.90:
		return outdoors
	case x < 0.95:
		return bySatellite
	}
	return onVHF
}

// club puts one of its members at the club's station.
func (s *session) club(g *generator) {
	s.ownCall, s.myGrid = ClubCall, "JO31LB"
	s.operator = [...]string{"DK9XYZ", "DL1ABC", "DO1ABC"}[g.r.IntN(3)]
	s.power = 750
}

// goOut chooses a park or a summit and a small rig.
func (g *generator) goOut(s *session) {
	s.ownCall, s.power, s.pace = PortableCall, 10, 55
	s.myGrid = [...]string{"JO30BK", "JO40AL", "JN49XX", "JO31SD"}[g.r.IntN(4)]
	s.mode = [...]string{"CW", "SSB", "SSB"}[g.r.IntN(3)]
	if g.r.Float64() < 0.6 {
		s.myPOTA = reference("DE-", 1+g.r.IntN(40), 4)
	} else {
		s.mySOTA = reference("DM/NW-", 1+g.r.IntN(30), 3)
	}
}

func (g *generator) deskMode(at time.Time) (mode, submode string) {
	switch x := g.r.Float64(); {
	case x < 0.50:
		return "CW", ""
	case x < 0.60:
		return "SSB", "USB"
	case x < 0.88:
		return "SSB", ""
	case x < 0.94:
		return "RTTY", ""
	case x < 0.945:
		return "AM", ""
	case x < 0.96:
		return "SSTV", ""
	case at.Year() < 2016 || x < 0.98:
		return "PSK", "PSK31"
	}
	return "OLIVIA", "OLIVIA 8/250"
}

func (g *generator) screenMode(at time.Time) (mode, submode string) {
	x := g.r.Float64()
	switch {
	case at.Before(time.Date(2017, 7, 15, 0, 0, 0, 0, time.UTC)):
		switch {
		case x < 0.4:
			return "JT65", ""
		case x < 0.8:
			return "PSK", "PSK31"
		}
		return "RTTY", ""
	case x < 0.10 && at.Year() >= 2019:
		return "MFSK", "FT4"
	case x < 0.13 && at.Year() >= 2019:
		return "MFSK", "JS8"
	}
	return "FT8", ""
}

// satellite chooses one that flies at the time.
func (g *generator) satellite(at time.Time) *sat {
	w := cumulate(len(g.t.sats), func(i int) float64 {
		c := &g.t.sats[i]
		if at.Before(c.from) || !c.to.IsZero() && !at.Before(c.to) {
			return 0
		}
		return c.weight
	})
	return &g.t.sats[w.pick(g.r)]
}

// vhf chooses what is on the air above 50 MHz at the time.
func (g *generator) vhf(at time.Time) *vhf {
	w := cumulate(len(g.t.vhf), func(i int) float64 {
		if at.Before(g.t.vhf[i].from) {
			return 0
		}
		return g.t.vhf[i].weight
	})
	return &g.t.vhf[w.pick(g.r)]
}

// tune chooses a short-wave band that is open at the hour and this far into
// the solar cycle, and fits the mode.
func (g *generator) tune(s *session, at time.Time) {
	sun := (1 + math.Cos(2*math.Pi*(at.Sub(time.Date(2024, 10, 1, 0, 0, 0, 0, time.UTC)).Hours()/24/365.25)/11)) / 2
	phone := s.mode == "SSB" || s.mode == "AM" || s.mode == "SSTV"
	var sum float64
	var w [16]float64
	for i := range g.t.bands {
		b := &g.t.bands[i]
		open := b.night
		if h := at.Hour(); 6 <= h && h < 18 {
			open = b.day
		}
		if phone && !b.phone || s.kind == fromContest && !b.contest || s.submode == "FT4" && b.ft4 == 0 {
			open = 0
		}
		if b.sunspots > 0 {
			open *= 1 - min(1, b.sunspots/4)*0.9 + b.sunspots*sun*0.5
		}
		sum += open
		w[i] = sum
	}
	s.band = weights(w[:len(g.t.bands)]).pick(g.r)
}

// radio sets band, frequency, mode and reports of one QSO.
func (g *generator) radio(s *session, e *Entry) {
	switch {
	case s.sat != nil:
		c := s.sat
		shift := round(g.r.Float64() * 0.02)
		e.Band, e.BandRX, e.Mode, e.PropMode, e.SatName, e.SatMode = c.band, c.bandRX, c.mode, "SAT", c.name, c.letters
		e.MHz, e.MHzRX = c.mhz+shift, c.mhzRX-shift
	case s.vhf != nil:
		v := s.vhf
		e.Band, e.Mode, e.Submode, e.MHz = v.band, v.mode, v.submode, v.mhz
		if g.r.Float64() < 0.7 || v.prop == "RPT" || v.prop == "EME" {
			e.PropMode = v.prop
		}
	default:
		if g.r.Float64() < 0.03 {
			g.tune(s, e.Start)
		}
		b := &g.t.bands[s.band]
		e.Band, e.Mode, e.Submode, e.MHz = b.name, s.mode, s.submode, g.frequency(b, s)
	}
	e.RSTSent, e.RSTRcvd = g.report(e), g.report(e)
}

// frequency draws where in the band a mode is found, in steps of 100 Hz.
func (g *generator) frequency(b *band, s *session) float64 {
	width, x := b.high-b.low, g.r.Float64()
	switch {
	case s.mode == "FT8":
		return round(b.ft8 + x*0.0025)
	case s.submode == "FT4":
		return round(b.ft4 + x*0.0025)
	case s.mode == "CW":
		return round(b.low + x*width*0.2)
	case s.mode == "SSB" || s.mode == "AM":
		return round(b.low + width*(0.45+0.54*x))
	}
	return round(b.low + width*(0.2+0.2*x))
}

// round keeps four decimals of a frequency in MHz.
func round(mhz float64) float64 { return math.Round(mhz*1e4) / 1e4 }

// report draws a signal report as the mode has it: dB, RST or RS.
func (g *generator) report(e *Entry) string {
	switch e.Mode {
	case "FT8", "JT65", "MSK144", "MFSK":
		db := g.r.IntN(30) - 24
		sign := byte('+')
		if db < 0 {
			sign, db = '-', -db
		}
		return string([]byte{sign, '0' + byte(db/10), '0' + byte(db%10)})
	case "SSB", "FM", "AM", "DIGITALVOICE":
		return [...]string{"59", "59", "59", "57", "55"}[g.r.IntN(5)]
	}
	return [...]string{"599", "599", "599", "579", "559"}[g.r.IntN(5)]
}
