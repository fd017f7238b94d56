package webui

import "net/http"

// pages holds the templates.
type pages struct{}

func loadPages(*Server) (*pages, error) { return &pages{}, nil }

// pageRoutes lists the pages.
func pageRoutes() []route { return nil }

// staticRoutes lists styles, scripts and icons.
func staticRoutes() []route { return nil }

// errorPage answers a page that cannot be shown.
func (c *call) errorPage(status int, code, message string) {
	http.Error(c.w, message, status)
}
