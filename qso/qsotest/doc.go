// Package qsotest makes logs to test with: realistic, of any size, and the
// same bytes for the same seed.
//
// A generated log reads like fifteen years of a shack: evenings of CW and SSB,
// nights of FT8, contest weekends with many QSOs a minute, pile-ups under a
// club call, activations from parks and summits, satellite passes, repeaters,
// meteor scatter; three own calls and several operators; confirmations from
// LoTW, DCL, eQSL and by card that arrive days or months later; DOKs, states,
// counties, locators, islands; and the odd fields that loggers leave behind.
//
// [Write] streams ADIF; it depends on no reader or writer of this module, so a
// test that uses it does not check the code by itself. [Log] and [Each] give
// the same QSOs as values, with what the other side would say about itself
// ([Station]) and when each issuer confirmed, from which a fake LoTW or DCL is
// fed. The call signs follow each country's pattern; they are made up, and any
// likeness to a licensed station is chance.
//
// Only tests and the demo import this package. Start reading at [Options] in
// qsotest.go, then plan.go (when), station.go (whom), radio.go (how).
package qsotest
