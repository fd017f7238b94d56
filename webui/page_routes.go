package webui

import (
	"net/http"
	"slices"

	"qslbox/webui/access"
	"qslbox/webui/words"
)

// pageRoutes lists the pages and the forms on them.
func pageRoutes() []route {
	return slices.Concat(figurePages(), logPages())
}

// figurePages lists the pages that show what there is.
func figurePages() []route {
	return []route{
		{method: http.MethodGet, path: "/", needs: access.Read, perLogbook: true, public: true, page: true, handler: getDashboardPage},
		{method: http.MethodGet, path: "/language/:lang", page: true, handler: getLanguage},
	}
}

// logPages lists the pages about QSOs.
func logPages() []route {
	return []route{
		{method: http.MethodGet, path: "/log", needs: access.Read, perLogbook: true, page: true, handler: getLogPage},
		{method: http.MethodGet, path: "/log/new", needs: access.Write, perLogbook: true, page: true, handler: getNewPage},
		{method: http.MethodPost, path: "/log/new", needs: access.Write, perLogbook: true, page: true, body: smallBody, handler: postNewPage},
		{method: http.MethodGet, path: "/log/trash", needs: access.Read, perLogbook: true, page: true, handler: getTrashPage},
		{method: http.MethodGet, path: "/qso/:id", needs: access.Read, perLogbook: true, page: true, handler: getQSOPage},
		{method: http.MethodGet, path: "/qso/:id/edit", needs: access.Write, perLogbook: true, page: true, handler: getEditPage},
		{method: http.MethodPost, path: "/qso/:id/edit", needs: access.Write, perLogbook: true, page: true, body: smallBody, handler: postEditPage},
		{method: http.MethodPost, path: "/qso/:id/delete", needs: access.Write, perLogbook: true, page: true, body: smallBody, handler: postDeletePage},
		{method: http.MethodPost, path: "/qso/:id/restore", needs: access.Write, perLogbook: true, page: true, body: smallBody, handler: postRestorePage},

		{method: http.MethodGet, path: "/import", needs: access.Write, perLogbook: true, page: true, handler: getImportPage},
		{method: http.MethodPost, path: "/import", needs: access.Write, perLogbook: true, page: true, body: anyBody, stream: true, handler: postImportPage},
	}
}

// staticRoutes lists styles, scripts and icons.
func staticRoutes() []route {
	return []route{{method: http.MethodGet, path: "/static/:version/:name", page: true, handler: getStatic}}
}

// getLanguage answers GET /language/{lang}: the choice is kept, and the reader
// is back on the page.
func getLanguage(c *call) error {
	lang, ok := words.Parse(c.params.ByName("lang"))
	if !ok {
		return errNoRoute
	}
	http.SetCookie(c.w, &http.Cookie{
		Name: "lang", Value: string(lang), Path: "/", HttpOnly: true, Secure: c.secure(),
		SameSite: http.SameSiteLaxMode, MaxAge: 365 * 24 * 3600,
	})
	c.w.Header()["Cache-Control"] = headerNoStore
	c.w.Header().Set("Location", c.BasePath+nextPath(c.query.Get("next")))
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
