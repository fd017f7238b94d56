package main

import (
	"encoding/json"
	"fmt"
	"text/tabwriter"
)

// Run says how the service is reached and makes the link for the first
// administrator.
func (c *setupCommand) Run(s *session) error {
	if c.Listen == "network" {
		s.printf("To be reached from your home network, listen on all addresses: serve --listen 0.0.0.0:3001,\n" +
			"or QSLBOX_LISTEN=0.0.0.0:3001 in /etc/default/qslbox. An administrator has to exist first.\n")
	}
	link, err := s.link("/api/setup/code")
	if err != nil {
		return err
	}
	s.printf("Open this link within 30 minutes:\n  %s\n", link)
	return nil
}

// setting is one line of the configuration.
type setting struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source string `json:"source"` // option, environment or default
}

// Run shows the configuration and where each value came from.
func (c *configCommand) Run(s *session) error {
	dir, err := s.dir()
	if err != nil {
		return err
	}
	v := &s.cli.Serve
	list := []setting{s.setting("data", dir, "QSLBOX_DATA", "")}
	for _, e := range []struct{ name, value, env, standard string }{
		{"logbook", s.cli.Logbook, "QSLBOX_LOGBOOK", "main"},
		{"listen", v.Listen, "QSLBOX_LISTEN", "127.0.0.1:3001"},
		{"ttl", v.TTL.String(), "QSLBOX_TTL", "5m0s"},
		{"host", fmt.Sprint(v.Host), "QSLBOX_HOST", "[]"},
		{"base-path", v.BasePath, "QSLBOX_BASE_PATH", ""},
		{"trusted-proxy", fmt.Sprint(v.TrustedProxy), "QSLBOX_TRUSTED_PROXY", "[]"},
		{"tls-cert", v.TLSCert, "QSLBOX_TLS_CERT", ""},
		{"tls-key", v.TLSKey, "QSLBOX_TLS_KEY", ""},
		{"backup-dir", v.BackupDir, "QSLBOX_BACKUP_DIR", ""},
		{"slow-query", v.SlowQuery.String(), "QSLBOX_SLOW_QUERY", "100ms"},
		{"critical-query", v.CriticalQuery.String(), "QSLBOX_CRITICAL_QUERY", "500ms"},
		{"lotw-url", s.env.getenv("QSLBOX_LOTW_URL"), "QSLBOX_LOTW_URL", ""},
		{"dcl-url", s.env.getenv("QSLBOX_DCL_URL"), "QSLBOX_DCL_URL", ""},
	} {
		list = append(list, s.setting(e.name, e.value, e.env, e.standard))
	}
	if c.JSON {
		return json.NewEncoder(s.env.stdout).Encode(map[string]any{"items": list})
	}
	w := tabwriter.NewWriter(s.env.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "setting\tvalue\tfrom")
	for _, e := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\n", e.Name, e.Value, e.Source)
	}
	return w.Flush()
}

func (s *session) setting(name, value, env, standard string) setting {
	from := "default"
	switch {
	case s.env.getenv(env) != "":
		from = "environment (" + env + ")"
	case value != standard && (name != "data" || s.cli.Data != ""):
		from = "option"
	}
	return setting{name, value, from}
}
