package main

import (
	"crypto/rand"
	"fmt"
	"net"
	"net/http"
	"strings"
	"time"

	"qslbox/qso/qsotest"
	"qslbox/syncers/dcl/dcltest"
	"qslbox/syncers/lotw/lotwtest"
)

const (
	lotwLogin    = qsotest.OwnCall
	knownDaysAgo = 30 // confirmations of the last days are not in the log yet
	strangers    = 6  // QSOs that LoTW has and the log has not
	newPerSync   = 7  // confirmations that arrive between two syncs
)

// fakes are the LoTW and the DCL of the demo, both on loopback.
type fakes struct {
	password, key   string
	lotwURL, dclURL string
	lotwSrv, dclSrv *http.Server
}

// startFakes starts both with the QSOs of the log. Every report asked for
// brings a few confirmations that were not there before.
func startFakes(log qsotest.Options) (*fakes, error) {
	f := &fakes{password: "demo & " + rand.Text()[:10], key: rand.Text()}
	lotw := lotwtest.New(lotwtest.Options{Login: lotwLogin, Password: f.password, Now: time.Now})
	dcl := dcltest.New(dcltest.Options{Key: f.key, Now: time.Now})
	for e := range qsotest.Each(log) {
		lotw.Add(lotwQSO(&e))
		if e.Worked.DOK != "" {
			dcl.Add(dclQSO(&e))
		}
	}
	log.N, log.Seed = strangers, log.Seed+1
	for e := range qsotest.Each(log) {
		q := lotwQSO(&e)
		q.Confirmed = log.End.Add(-time.Hour)
		lotw.Add(q)
	}
	var err error
	f.lotwURL, f.lotwSrv, err = serveLoopback(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Query().Get("qso_qsl") != "no" {
			lotw.ConfirmNext(newPerSync)
		}
		lotw.ServeHTTP(w, r)
	}))
	if err != nil {
		return nil, err
	}
	f.dclURL, f.dclSrv, err = serveLoopback(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		dcl.ConfirmNext(newPerSync)
		dcl.ServeHTTP(w, r)
	}))
	if err != nil {
		f.close()
		return nil, err
	}
	return f, nil
}

// environment points the program at the fakes.
func (f *fakes) environment() []string {
	return []string{"QSLBOX_LOTW_URL=" + f.lotwURL, "QSLBOX_DCL_URL=" + f.dclURL}
}

func (f *fakes) close() {
	for _, s := range []*http.Server{f.lotwSrv, f.dclSrv} {
		if s != nil {
			_ = s.Close()
		}
	}
}

// serveLoopback serves a handler on a free port of this machine.
func serveLoopback(h http.Handler) (url string, s *http.Server, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	s = &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.Serve(l) }() // ends with Close
	return "http://" + l.Addr().String(), s, nil
}

// lotwQSO is a QSO as LoTW has it: ours as uploaded, and the other side's word.
func lotwQSO(e *qsotest.Entry) lotwtest.QSO {
	w := &e.Worked
	q := lotwtest.QSO{
		Own: e.OwnCall, Call: w.Call, Start: e.Start, Band: e.Band, Mode: lotwMode(e), Freq: fmt.Sprintf("%.5f", e.MHz),
		SatName: e.SatName, Received: e.Start.Add(20 * time.Minute), Confirmed: e.Confirmed.LoTW,
		My: lotwtest.My{DXCC: 230, Country: "FEDERAL REPUBLIC OF GERMANY", Grid: e.MyGrid, CQZ: 14, ITUZ: 28},
		Partner: lotwtest.Partner{
			DXCC: w.DXCC, Country: w.Country, Grid: w.Grid, State: w.State, County: strings.ToUpper(w.County),
			CQZ: w.CQZone, ITUZ: w.ITUZone, IOTA: w.IOTA, VUCC: e.Logged.Lines,
		},
	}
	if e.PropMode == "SAT" {
		q.PropMode = "SAT"
	}
	if q.Partner.VUCC != "" {
		q.Partner.Grid = ""
	}
	return q
}

// lotwMode is LoTW's name of a mode; some it knows by group only.
func lotwMode(e *qsotest.Entry) string {
	switch {
	case e.Submode == "FT4", e.Submode == "PSK31", e.Submode == "Q65":
		return e.Submode
	case e.Mode == "MFSK":
		return "DATA"
	case e.Mode == "PKT":
		return "PACKET"
	}
	return e.Mode
}

// dclQSO is a QSO as DCL has it, under the call without /P.
func dclQSO(e *qsotest.Entry) dcltest.QSO {
	own, _, _ := strings.Cut(e.OwnCall, "/")
	return dcltest.QSO{
		Own: own, Call: e.Worked.Call, Start: e.Start, Band: e.Band, Mode: e.Mode, PropMode: e.PropMode, SatName: e.SatName,
		DOK: e.Worked.DOK, MyDOK: "G25", Name: e.Worked.Name, Confirmed: e.Confirmed.DCL,
	}
}
