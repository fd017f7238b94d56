package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"text/tabwriter"
	"time"

	"qslbox/stats"
	"qslbox/syncers"
)

// Run prints the statistics that the dashboard shows.
func (c *statsCommand) Run(s *session) error {
	api, err := s.api(mustExist)
	if err != nil {
		return err
	}
	var raw json.RawMessage
	if err := api.call(s.ctx, http.MethodGet, "/api/stats", nil, nil, &raw); err != nil {
		return err
	}
	if c.JSON {
		s.printf("%s\n", raw)
		return nil
	}
	var st stats.Statistics
	if err := json.Unmarshal(raw, &st); err != nil {
		return err
	}
	s.printf("QSOs       %d   this year %d   this month %d   today %d\n", st.Total, st.ThisYear, st.ThisMonth, st.Today)
	s.printf("confirmed  %d for awards (LoTW %d, card %d)   DCL %d   eQSL %d   any %d\n",
		st.ConfirmedBy["award"], st.ConfirmedBy["lotw"], st.ConfirmedBy["card"], st.ConfirmedBy["dcl"], st.ConfirmedBy["eqsl"], st.ConfirmedBy["any"])
	s.printf("unique     %d calls   %d entities   %d bands   %d modes   %d grids\n",
		st.Unique.Calls, st.Unique.Entities, st.Unique.Bands, st.Unique.Modes, st.Unique.Grids)
	s.printf("from %s to %s\n", st.First, st.Last)
	w := tabwriter.NewWriter(s.env.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(w, "band\tworked\tconfirmed\t")
	for _, b := range st.ByBand {
		fmt.Fprintf(w, "%s\t%d\t%d\t\n", b.Key, b.Worked, b.Confirmed)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	s.printf("as of %s\n", st.AsOf)
	return nil
}

// Run prints the list of awards, or one award's table.
func (c *awardCommand) Run(s *session) error {
	api, err := s.api(mustExist)
	if err != nil {
		return err
	}
	path := "/api/awards"
	if c.ID != "" {
		path += "/" + url.PathEscape(c.ID)
	}
	var raw json.RawMessage
	if err := api.call(s.ctx, http.MethodGet, path, nil, nil, &raw); err != nil {
		return err
	}
	switch {
	case c.JSON:
		s.printf("%s\n", raw)
		return nil
	case c.ID == "":
		return printAwards(s, raw)
	}
	var table awardAnswer
	if err := json.Unmarshal(raw, &table); err != nil {
		return err
	}
	return printAward(s, &table)
}

// awardAnswer is what the command reads of an award's table.
type awardAnswer struct {
	ID                         string
	AsOf                       string `json:"as_of"`
	Worked, Confirmed, Granted int
	Keys                       []struct {
		Key, Name         string
		Worked, Confirmed bool
	}
	Needed []string
	Levels []struct {
		Name       string
		Need, Have int
	}
}

func printAwards(s *session, raw []byte) error {
	var list struct {
		Items []struct {
			ID, Name                   string
			Worked, Confirmed, Granted int
		}
		Faults []struct{ Message string }
	}
	if err := json.Unmarshal(raw, &list); err != nil {
		return err
	}
	w := tabwriter.NewWriter(s.env.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "award\tworked\tconfirmed\tgranted\tname")
	for _, a := range list.Items {
		fmt.Fprintf(w, "%s\t%d\t%d\t%d\t%s\n", a.ID, a.Worked, a.Confirmed, a.Granted, a.Name)
	}
	if err := w.Flush(); err != nil {
		return err
	}
	for _, fault := range list.Faults {
		s.printf("not used: %s\n", fault.Message)
	}
	return nil
}

func printAward(s *session, table *awardAnswer) error {
	s.printf("%s: %d worked, %d confirmed, %d granted (as of %s)\n", table.ID, table.Worked, table.Confirmed, table.Granted, table.AsOf)
	for _, l := range table.Levels {
		if l.Have < l.Need {
			s.printf("next: %s, %d to go\n", l.Name, l.Need-l.Have)
			break
		}
	}
	w := tabwriter.NewWriter(s.env.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "key\tname\tworked\tconfirmed")
	for _, k := range table.Keys {
		if k.Worked {
			fmt.Fprintf(w, "%s\t%s\tyes\t%s\n", k.Key, k.Name, map[bool]string{true: "yes", false: "-"}[k.Confirmed])
		}
	}
	if err := w.Flush(); err != nil {
		return err
	}
	s.printf("needed: %s\n", strings.Join(table.Needed, " "))
	return nil
}

// Run starts a sync and waits for its end; the exit code is the run's class.
func (c *syncCommand) Run(s *session) error {
	api, err := s.api(mayCreate)
	if err != nil {
		return err
	}
	query := url.Values{"trigger": {"command"}, "wait": {"1"}}
	if c.Full {
		query.Set("full", "1")
	}
	var raw json.RawMessage
	end := func() {}
	if isTerminal(s.env.stderr) {
		end = s.showSync(api, c.Source, time.Second)
	}
	err = api.call(s.ctx, http.MethodPost, "/api/sync/"+c.Source, query, nil, &raw)
	end()
	if err != nil {
		return err
	}
	var run syncers.Run
	if err := json.Unmarshal(raw, &run); err != nil {
		return err
	}
	if c.JSON {
		s.printf("%s\n", raw)
	} else {
		s.printf("%s: %s\n", c.Source, run.Message)
		s.printf("%d fetched, %d added, %d matched (%d updated), %d not in your log, %d rejected\n",
			run.Fetched, run.Added, run.Matched, run.Updated, run.Unmatched, run.Rejected)
	}
	code := exitFailed
	switch string(run.Class) {
	case "ok":
		return nil
	case "auth":
		code = exitAuth
	case "rate", "down", "truncated", "protocol":
		code = exitUpstream
	case "busy":
		code = exitBusy
	}
	return codedError{code, nil}
}

// Run invalidates every snapshot of the logbook.
func (c *cacheClearCommand) Run(s *session) error {
	api, err := s.api(mustExist)
	if err != nil {
		return err
	}
	if err := api.call(s.ctx, http.MethodDelete, "/api/cache", nil, nil, nil); err != nil {
		return err
	}
	s.printf("cleared; everything is computed anew when it is next asked for\n")
	return nil
}

// Run prints the version.
func (c *versionCommand) Run(s *session) error {
	if c.JSON {
		return json.NewEncoder(s.env.stdout).Encode(map[string]string{"version": version()})
	}
	s.printf("qslbox %s\n", version())
	return nil
}

// age prints how long ago something was, in the largest unit that fits.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return fmt.Sprintf("%d s", int(d.Seconds()))
	case d < time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
