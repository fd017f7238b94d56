package webui

import (
	"net/http"
	"strings"

	"qslbox/qso"
)

// settingsJSON is what a logbook is told about itself.
type settingsJSON struct {
	DefaultOwn string       `json:"default_own"`
	Holders    []qso.Holder `json:"holders"`
	Grid       string       `json:"grid"`
	Public     bool         `json:"public"`

	Locations []locationJSON `json:"locations,omitempty"`
}

func settingsOf(s *qso.Settings) settingsJSON {
	out := settingsJSON{
		DefaultOwn: string(s.DefaultOwn), Holders: s.Holders, Grid: string(s.Grid), Public: s.Public, Locations: locationsOf(s.Locations),
	}
	if out.Holders == nil {
		out.Holders = []qso.Holder{}
	}
	return out
}

// getSettings answers GET /api/settings.
func getSettings(c *call) error {
	s := c.book.Settings()
	return c.writeJSON(http.StatusOK, settingsOf(&s))
}

// settingsChange is what PUT /api/settings may set; what is not given stays.
type settingsChange struct {
	DefaultOwn *string       `json:"default_own"`
	Holders    *[]holderJSON `json:"holders"`
	Grid       *string       `json:"grid"`
	Public     *bool         `json:"public"`

	Locations *[]locationJSON `json:"locations"`
}

type holderJSON struct {
	Name  string   `json:"name"`
	Calls []string `json:"calls"`
}

// putSettings answers PUT /api/settings.
func putSettings(c *call) error {
	var change settingsChange
	if err := c.readJSON(&change); err != nil {
		return err
	}
	if err := c.setSettings(&change); err != nil {
		return err
	}
	return getSettings(c)
}

// setSettings changes the settings of the logbook. Everything is computed
// anew, since holders decide what is counted.
func (c *call) setSettings(change *settingsChange) error {
	s := c.book.Settings()
	if err := change.applyTo(&s); err != nil {
		return err
	}
	if err := c.book.SetSettings(s); err != nil {
		return err
	}
	c.audit("settings-changed", c.name)
	return c.book.Touch(c.ctx())
}

func (n *settingsChange) applyTo(s *qso.Settings) (err error) {
	if n.DefaultOwn != nil {
		if s.DefaultOwn, err = callOrNone("default_own", *n.DefaultOwn); err != nil {
			return err
		}
	}
	if n.Holders != nil {
		if s.Holders, err = holdersOf(*n.Holders); err != nil {
			return err
		}
	}
	if n.Grid != nil {
		s.Grid = ""
		if text := strings.TrimSpace(*n.Grid); text != "" {
			if s.Grid, err = qso.ParseGrid(text); err != nil {
				return invalid("grid: %q is not a locator such as JO31 or JO31LK", text)
			}
		}
	}
	if n.Locations != nil {
		if s.Locations, err = parseLocations(*n.Locations); err != nil {
			return err
		}
	}
	if n.Public != nil {
		s.Public = *n.Public
	}
	return nil
}

func callOrNone(name, text string) (qso.Call, error) {
	if text = strings.TrimSpace(text); text == "" {
		return "", nil
	}
	call, err := qso.ParseCall(text)
	if err != nil {
		return "", invalid("%s: %q is not a call sign", name, text)
	}
	return call, nil
}

// holdersOf reads holders; a call belongs to one of them only.
func holdersOf(list []holderJSON) ([]qso.Holder, error) {
	var out []qso.Holder
	whose := map[qso.Call]string{}
	names := map[string]bool{}
	for _, h := range list {
		name := strings.TrimSpace(h.Name)
		switch {
		case name == "" || len(name) > 64:
			return nil, invalid("holders: a name has 1 to 64 letters")
		case names[name]:
			return nil, invalid("holders: %q is there twice", name)
		}
		names[name] = true
		holder := qso.Holder{Name: name}
		for _, text := range h.Calls {
			call, err := qso.ParseCall(text)
			if err != nil {
				return nil, invalid("holders: %q of %s is not a call sign", text, name)
			}
			if other, ok := whose[call]; ok {
				return nil, invalid("holders: %s belongs to %s already", call, other)
			}
			whose[call] = name
			holder.Calls = append(holder.Calls, call)
		}
		if len(holder.Calls) == 0 {
			return nil, invalid("holders: %s needs at least one call sign", name)
		}
		out = append(out, holder)
	}
	return out, nil
}
