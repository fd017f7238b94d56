package qso

import "strings"

// Satellite is one amateur satellite.
type Satellite struct {
	Name    string // LoTW's spelling, as SAT_NAME has it
	Display string
	Orbit   string // LEO, MEO, GEO, HEO or empty
	LoTW    bool   // LoTW knows the name
}

var satelliteTable = lazy(func() map[string]Satellite {
	names := map[string]Satellite{}
	for _, row := range tableRows("satellites") {
		sat := Satellite{Name: row[0], Orbit: row[1], Display: row[2], LoTW: row[3] == "1"}
		for _, alias := range append(strings.Split(row[6], ","), row[0], row[2]) {
			if alias = foldName(alias); alias != "" {
				if _, taken := names[alias]; !taken || alias == row[0] {
					names[alias] = sat
				}
			}
		}
	}
	return names
})

// LookupSatellite finds a satellite by its name or one of its aliases in any
// letter case.
func LookupSatellite(name string) (Satellite, bool) {
	sat, ok := satelliteTable()[foldName(name)]
	return sat, ok
}
