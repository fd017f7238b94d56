package intake

import "qslbox/qso"

// modeMemo remembers what MODE and SUBMODE of up to 8 letters each mean: a log
// has few of them, and package qso has to look in several tables.
type modeMemo [256]struct {
	mode, submode uint64
	meaning       qso.Mode
}

// mode reads MODE and SUBMODE (rule 10).
func (in *Intake) mode() *Rejection {
	mode, submode := in.value(slotMode), in.value(slotSubmode)
	if mode == nil && submode == nil {
		return reject(in.rec, NoMode, "MODE and SUBMODE are missing; add the mode and import the record again")
	}
	m, s := shortWord(mode), shortWord(submode)
	if m == 0 && mode != nil || s == 0 && submode != nil { // long names
		in.q.Mode, _ = qso.ParseMode(string(mode), string(submode))
		return nil
	}
	memo := &in.modes[(m*0x9E3779B97F4A7C15^s*0xC2B2AE3D27D4EB4F)>>56]
	if memo.mode != m || memo.submode != s || memo.meaning.Name == "" {
		memo.mode, memo.submode = m, s
		memo.meaning, _ = qso.ParseMode(string(mode), string(submode))
	}
	in.q.Mode = memo.meaning
	return nil
}
