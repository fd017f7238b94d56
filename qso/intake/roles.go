package intake

import "qslbox/qso"

// slot is the place of a field that becomes a typed value.
type slot uint8

const (
	slotCall slot = iota
	slotDate
	slotTime
	slotBand
	slotFreq
	slotMode
	slotSubmode
	slotOwn
	slotDateOff
	slotTimeOff
	slotBandRX
	slotFreqRX
	slotDXCC
	slotCQZ
	slotITUZ
	slotOwnAssumed
	slotStates                               // state and date of each source, in turn
	slotCount  = int(slotStates) + 2*sources // how many there are
	sources    = qso.SourceCount
)

// role is what happens to a field: slots are typed later, the others become
// text at once.
type role uint8

const (
	asText    role = role(slotCount) + iota // as it came
	asUpper                                 // in upper case: letter case says nothing
	asList                                  // in upper case, no blanks: references with commas
	asGrid                                  // a locator, or no value
	asGrids                                 // a list of locators
	asDOK                                   // a DOK
	asArrival                               // text, and when LoTW received our record
)

// statusSlot and dateSlot are where a source's state and date are kept.
func statusSlot(s qso.Source) slot { return slotStates + slot(2*s) }
func dateSlot(s qso.Source) slot   { return slotStates + slot(2*s) + 1 }

var typedFields = map[qso.FieldID]slot{
	qso.FieldCall: slotCall, qso.FieldQSODate: slotDate, qso.FieldTimeOn: slotTime,
	qso.FieldBand: slotBand, qso.FieldFreq: slotFreq, qso.FieldMode: slotMode, qso.FieldSubmode: slotSubmode,
	qso.FieldStationCallsign: slotOwn, qso.FieldQSODateOff: slotDateOff, qso.FieldTimeOff: slotTimeOff,
	qso.FieldBandRX: slotBandRX, qso.FieldFreqRX: slotFreqRX,
	qso.FieldDXCC: slotDXCC, qso.FieldCQZ: slotCQZ, qso.FieldITUZ: slotITUZ,
	qso.FieldAppQSLBoxOwnAssumed: slotOwnAssumed,
}

var textRoles = map[qso.FieldID]role{
	qso.FieldPropMode: asUpper, qso.FieldSatName: asUpper, qso.FieldCont: asUpper,
	qso.FieldIOTA: asUpper, qso.FieldMyIOTA: asUpper,
	qso.FieldSOTARef: asUpper, qso.FieldMySOTARef: asUpper, qso.FieldWWFFRef: asUpper, qso.FieldMyWWFFRef: asUpper,
	qso.FieldPOTARef: asList, qso.FieldMyPOTARef: asList,
	qso.FieldGridsquare: asGrid, qso.FieldMyGridsquare: asGrid,
	qso.FieldVUCCGrids: asGrids, qso.FieldMyVUCCGrids: asGrids,
	qso.FieldDARCDOK: asDOK, qso.FieldMyDARCDOK: asDOK,
	qso.FieldAppLoTWRXQSO: asArrival,
}

// fieldRoles returns the role of every known field by its id.
func fieldRoles() []role {
	roles := make([]role, qso.FieldCount())
	for i := range roles {
		roles[i] = asText
	}
	for id, s := range typedFields {
		roles[id] = role(s)
	}
	for id, r := range textRoles {
		roles[id] = r
	}
	for s := qso.LoTW; int(s) < qso.SourceCount; s++ {
		status, date := s.Fields()
		roles[status], roles[date] = role(statusSlot(s)), role(dateSlot(s))
	}
	return roles
}
