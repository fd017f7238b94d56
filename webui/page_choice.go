package webui

import (
	"net/http"
	"net/url"
	"slices"

	"qslbox/webui/words"
)

// keepChoice is how many seconds a browser keeps what a reader has chosen.
const keepChoice = 365 * 24 * 3600

// colourSchemes are what the pages may look like; "system" is as the
// reader's device is set.
var colourSchemes = []string{"system", "light", "dark"}

// colours returns the colour scheme of the reader's cookie.
func (c *call) colours() string {
	cookie, err := c.r.Cookie("colours")
	if err != nil || !slices.Contains(colourSchemes, cookie.Value) {
		return colourSchemes[0]
	}
	return cookie.Value
}

// getColours answers GET /colours/{scheme}: the choice is kept, and the reader
// is back on the page.
func getColours(c *call) error {
	scheme := c.params.ByName("scheme")
	if !slices.Contains(colourSchemes, scheme) {
		return errNoRoute
	}
	c.keep("colours", scheme)
	return c.back(c.query.Get("next"))
}

// getLanguage answers GET /language/{lang}: the choice is kept, and the reader
// is back on the page.
func getLanguage(c *call) error {
	lang, ok := words.Parse(c.params.ByName("lang"))
	if !ok {
		return errNoRoute
	}
	c.keep("lang", string(lang))
	return c.back(c.query.Get("next"))
}

// keep gives the browser a choice to remember.
func (c *call) keep(name, value string) {
	http.SetCookie(c.w, &http.Cookie{
		Name: name, Value: value, Path: "/", HttpOnly: true, Secure: c.secure(), SameSite: http.SameSiteLaxMode, MaxAge: keepChoice,
	})
}

// back sends the reader to where a choice was made.
func (c *call) back(next string) error {
	c.w.Header()["Cache-Control"] = headerNoStore
	c.w.Header().Set("Location", c.BasePath+nextPath(next))
	c.w.WriteHeader(http.StatusSeeOther)
	return nil
}

// nextPath is localPath, but also lets the reader stay where signing in is.
func nextPath(text string) string {
	if path := localPath(text); path != "/" {
		return path
	}
	for _, form := range []string{"/signin", "/setup"} {
		if text == form {
			return form
		}
	}
	return "/"
}

// InLanguage returns the address that switches the language and comes back.
func (v *view) InLanguage(l words.Language) string { return v.choose("/language/" + string(l)) }

// InColours returns the address that switches the colour scheme and comes back.
func (v *view) InColours(scheme string) string { return v.choose("/colours/" + scheme) }

// choose returns the address of a choice, with the way back.
func (v *view) choose(path string) string {
	address := v.c.BasePath + path
	if v.c.r.Method != http.MethodGet {
		return address
	}
	return address + "?next=" + url.QueryEscape(v.c.r.URL.RequestURI())
}

// Schemes lists the colour schemes.
func (v *view) Schemes() []string { return colourSchemes }

// Colours returns the colour scheme that was chosen.
func (v *view) Colours() string { return v.c.colours() }
