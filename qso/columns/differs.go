package columns

// Differs compares what two logs hold of a QSO and names the first column that
// differs: "" if none does, "row" if only one of them has the QSO.
func (v *View) Differs(id uint64, o *View) string {
	a, inA := v.Row(id)
	b, inB := o.Row(id)
	if !inA || !inB {
		if inA == inB {
			return ""
		}
		return "row"
	}
	statement, stated := v.Statement(uint32(a))
	other, otherStated := o.Statement(uint32(b))
	for _, c := range []struct {
		name string
		same bool
	}{
		{"time", v.Time[a] == o.Time[b]},
		{"call", v.CallText(v.Call[a]) == o.CallText(o.Call[b])},
		{"band", v.Band[a] == o.Band[b]},
		{"mode", v.Modes[v.Mode[a]] == o.Modes[o.Mode[b]]},
		{"session", v.Sessions[v.Session[a]] == o.Sessions[o.Session[b]]},
		{"place", *v.PlaceOf(v.Place[a]) == *o.PlaceOf(o.Place[b])},
		{"dxcc", v.DXCC[a] == o.DXCC[b]},
		{"zones", v.CQZ[a] == o.CQZ[b] && v.ITUZ[a] == o.ITUZ[b]},
		{"grid", v.Grid[a] == o.Grid[b]},
		{"flags", v.Flags[a] == o.Flags[b] && v.Blank[a] == o.Blank[b]},
		{"confirmations", v.Confirmed[a] == o.Confirmed[b] && v.LoTWDay[a] == o.LoTWDay[b] && v.CardDay[a] == o.CardDay[b] && v.DCLDay[a] == o.DCLDay[b]},
		{"statement", stated == otherStated && (!stated || statement == other)},
	} {
		if !c.same {
			return c.name
		}
	}
	return ""
}
