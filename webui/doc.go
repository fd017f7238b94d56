// Package webui serves the pages and the HTTP API.
//
// Everything that answers a request is here: one table of routes (routes.go),
// who may do what (identify.go, with the rules of package access), one table
// that maps errors to a status and a code (errors.go), the JSON of the API
// (api_*.go) and the pages (page_*.go: one file, one struct and one template
// each). Templates, styles, scripts and texts are embedded.
//
// The package owns HTTP only. Numbers come from package stats, QSOs from a
// Logbook, both handed in with Config; nothing is computed twice.
//
// Start reading at Config and New in server.go, then routes.go and call.go.
package webui
