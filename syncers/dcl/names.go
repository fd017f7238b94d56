package dcl

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"strings"

	"qslbox/qso"
)

// domain is the only one that a key is ever sent to.
const domain = "darc.de"

// Names are the host, the path and the words of DCL's interface. Empty ones
// mean what [DefaultNames] has.
type Names struct {
	Host string `json:"host,omitempty"` // under darc.de
	Path string `json:"path,omitempty"`

	// Members of the request.
	Key           string `json:"key,omitempty"`
	Limit         string `json:"limit,omitempty"`
	Since         string `json:"since,omitempty"`
	ConfirmedOnly string `json:"confirmed_only,omitempty"`
	Yes           string `json:"yes,omitempty"` // value of ConfirmedOnly

	// Members of the answer.
	Status  string `json:"status,omitempty"`
	OK      string `json:"ok,omitempty"` // value of Status
	ADIF    string `json:"adif,omitempty"`
	Message string `json:"message,omitempty"` // of an error

	// Fields maps field names of DCL's records to their ADIF names, for fields
	// that DCL may come to call otherwise.
	Fields map[string]string `json:"fields,omitempty"`
}

// DefaultNames returns the interface as the public code of another logger
// speaks it.
func DefaultNames() Names {
	return Names{
		Host: "dings.dcl.darc.de", Path: "/api/adiexport",
		Key: "key", Limit: "limit", Since: "qsl_since", ConfirmedOnly: "cnf_only", Yes: "T",
		Status: "status", OK: "ok", ADIF: "adif", Message: "message",
	}
}

// ParseNames reads names from JSON such as {"path": "/api/v2/export"}; a blank
// text is none. Names that it does not know are an error, and so is a host that
// is not under darc.de.
func ParseNames(text string) (Names, error) {
	var n Names
	if strings.TrimSpace(text) == "" {
		return n, nil
	}
	d := json.NewDecoder(bytes.NewReader([]byte(text)))
	d.DisallowUnknownFields()
	if err := d.Decode(&n); err != nil {
		return Names{}, fmt.Errorf("names of DCL's interface: %w", err)
	}
	if _, err := d.Token(); err != io.EOF {
		return Names{}, fmt.Errorf("names of DCL's interface: one JSON object is expected, and nothing behind it")
	}
	_, err := n.filled()
	return n, err
}

// filled returns the names with the defaults where there are none.
func (n Names) filled() (Names, error) {
	d := DefaultNames()
	for _, p := range [...][2]*string{
		{&n.Host, &d.Host}, {&n.Path, &d.Path}, {&n.Key, &d.Key}, {&n.Limit, &d.Limit}, {&n.Since, &d.Since},
		{&n.ConfirmedOnly, &d.ConfirmedOnly}, {&n.Yes, &d.Yes}, {&n.Status, &d.Status}, {&n.OK, &d.OK}, {&n.ADIF, &d.ADIF}, {&n.Message, &d.Message},
	} {
		*p[0] = cmp.Or(*p[0], *p[1])
	}
	n.Fields = maps.Clone(n.Fields)
	host := strings.ToLower(n.Host)
	if host != domain && !strings.HasSuffix(host, "."+domain) || strings.ContainsAny(host, "/:@?#") {
		return n, fmt.Errorf("names of DCL's interface: host %q is not under %s", n.Host, domain)
	}
	if !strings.HasPrefix(n.Path, "/") || strings.ContainsAny(n.Path, "?#") {
		return n, fmt.Errorf("names of DCL's interface: path %q must begin with / and hold no query", n.Path)
	}
	return n, nil
}

// renames returns Fields by upper-case name, with what package qso calls them.
func (n *Names) renames() (map[string]qso.FieldID, error) {
	to := map[string]qso.FieldID{}
	for from, name := range n.Fields {
		id := qso.LookupField([]byte(strings.ToUpper(name)))
		if id == qso.NoField {
			return nil, fmt.Errorf("names of DCL's interface: %q is no ADIF field", name)
		}
		to[strings.ToUpper(from)] = id
	}
	return to, nil
}

// body writes a request.
func (n *Names) body(key qso.Secret, since string, limit int) ([]byte, error) {
	return json.Marshal(map[string]any{n.Key: key.Reveal(), n.Since: since, n.Limit: limit, n.ConfirmedOnly: n.Yes})
}
