package webui

import (
	"net/http"
	"slices"

	"qslbox/webui/access"
)

// pageRoutes lists the pages and the forms on them.
func pageRoutes() []route {
	return slices.Concat(figurePages(), logPages(), syncPages(), settingsPages())
}

// figurePages lists the pages that show what there is.
func figurePages() []route {
	return []route{
		{method: http.MethodGet, path: "/", needs: access.Read, perLogbook: true, public: true, page: true, handler: getDashboardPage},
		{method: http.MethodPost, path: "/welcome/:source", needs: access.Admin, perLogbook: true, page: true, body: smallBody, handler: postWelcome},
		{method: http.MethodGet, path: "/awards", needs: access.Read, perLogbook: true, page: true, handler: getAwardsPage},
		{method: http.MethodGet, path: "/awards/:id", needs: access.Read, perLogbook: true, page: true, handler: getAwardPage},
		{method: http.MethodGet, path: "/awards/:id/qsos", needs: access.Read, perLogbook: true, page: true, handler: getContactsPage},
		{method: http.MethodGet, path: "/map", needs: access.Read, perLogbook: true, page: true, handler: getMapPage},
		{method: http.MethodGet, path: "/monitor", needs: access.Metrics, page: true, handler: getMonitorPage},
		{method: http.MethodGet, path: "/signin", page: true, handler: getSignInPage},
		{method: http.MethodGet, path: "/setup", page: true, handler: getSetupPage},
		{method: http.MethodGet, path: "/again", page: true, handler: getAgainPage},
		{method: http.MethodGet, path: "/account", page: true, handler: getAccountPage},
		{method: http.MethodPost, path: "/account/password", page: true, body: smallBody, handler: postAccountPassword},
		{method: http.MethodPost, path: "/account/end", page: true, body: smallBody, handler: postAccountEnd},
		{method: http.MethodGet, path: "/help", page: true, handler: getHelpPage},
		{method: http.MethodGet, path: "/language/:lang", page: true, handler: getLanguage},
		{method: http.MethodGet, path: "/colours/:scheme", page: true, handler: getColours},
	}
}

// logPages lists the pages about QSOs.
func logPages() []route {
	return []route{
		{method: http.MethodGet, path: "/log", needs: access.Read, perLogbook: true, page: true, handler: getLogPage},
		{method: http.MethodPost, path: "/log/columns", needs: access.Read, perLogbook: true, page: true, body: smallBody, handler: postColumns},
		{method: http.MethodGet, path: "/log/new", needs: access.Write, perLogbook: true, page: true, handler: getNewPage},
		{method: http.MethodPost, path: "/log/new", needs: access.Write, perLogbook: true, page: true, body: smallBody, handler: postNewPage},
		{method: http.MethodGet, path: "/log/bulk", needs: access.Write, perLogbook: true, page: true, handler: getBulkPage},
		{method: http.MethodPost, path: "/log/bulk", needs: access.Write, perLogbook: true, page: true, body: smallBody, handler: postBulkPage},
		{method: http.MethodPost, path: "/log/edits/:id/undo", needs: access.Write, perLogbook: true, page: true, body: smallBody, handler: postUndoPage},
		{method: http.MethodGet, path: "/log/trash", needs: access.Read, perLogbook: true, page: true, handler: getTrashPage},
		{method: http.MethodGet, path: "/qso/:id", needs: access.Read, perLogbook: true, page: true, handler: getQSOPage},
		{method: http.MethodGet, path: "/qso/:id/edit", needs: access.Write, perLogbook: true, page: true, handler: getEditPage},
		{method: http.MethodPost, path: "/qso/:id/edit", needs: access.Write, perLogbook: true, page: true, body: smallBody, handler: postEditPage},
		{method: http.MethodPost, path: "/qso/:id/delete", needs: access.Write, perLogbook: true, page: true, body: smallBody, handler: postDeletePage},
		{method: http.MethodPost, path: "/qso/:id/restore", needs: access.Write, perLogbook: true, page: true, body: smallBody, handler: postRestorePage},

		{method: http.MethodGet, path: "/stations", needs: access.Read, perLogbook: true, page: true, handler: getStationsPage},
		{method: http.MethodPost, path: "/stations/locations", needs: access.Write, perLogbook: true, page: true, body: smallBody, handler: postLocation},

		{method: http.MethodGet, path: "/cards", needs: access.Read, perLogbook: true, page: true, handler: getCardsPage},
		{method: http.MethodGet, path: "/cards/list", needs: access.Read, perLogbook: true, page: true, handler: getCardListPage},
		{method: http.MethodGet, path: "/cards/queue.adi", needs: access.Read, perLogbook: true, page: true, stream: true, handler: getQueueFile},
		{method: http.MethodPost, path: "/cards/:id", needs: access.Write, perLogbook: true, page: true, body: smallBody, handler: postCardPage},

		{method: http.MethodGet, path: "/import", needs: access.Write, perLogbook: true, page: true, handler: getImportPage},
		{method: http.MethodPost, path: "/import", needs: access.Write, perLogbook: true, page: true, body: anyBody, stream: true, heavy: "import", handler: postImportPage},
	}
}

// syncPages lists the pages about syncs.
func syncPages() []route {
	return []route{
		{method: http.MethodGet, path: "/sync", needs: access.Read, perLogbook: true, page: true, handler: getSyncPage},
		{method: http.MethodPost, path: "/sync/:source", needs: access.Write, perLogbook: true, page: true, body: smallBody, handler: postSyncPage},
		{method: http.MethodPost, path: "/sync/:source/resolve", needs: access.Write, perLogbook: true, page: true, body: smallBody, handler: postResolvePage},
		{method: http.MethodGet, path: "/sync/:source/runs/:n", needs: access.Read, perLogbook: true, page: true, handler: getRunPage},
	}
}

// settingsPages lists the settings and their forms.
func settingsPages() []route {
	list := []route{
		{method: http.MethodGet, path: "/settings", perLogbook: true, handler: getSettingsPage},
		{method: http.MethodPost, path: "/settings/logbook", perLogbook: true, handler: postLogbookSettings},
		{method: http.MethodPost, path: "/settings/account/:source", perLogbook: true, handler: postAccountSettings},
		{method: http.MethodPost, path: "/settings/account/:source/remove", perLogbook: true, handler: postAccountRemove},
		{method: http.MethodPost, path: "/settings/account/:source/test", perLogbook: true, stream: true, handler: postAccountTry},
		{method: http.MethodPost, path: "/settings/keys", perLogbook: true, handler: postKeySettings},
		{method: http.MethodPost, path: "/settings/keys/:id/revoke", perLogbook: true, handler: postKeyRevoke},
		{method: http.MethodPost, path: "/settings/cache", perLogbook: true, handler: postCacheClear},

		{method: http.MethodGet, path: "/audit", handler: getAuditPage},
		{method: http.MethodPost, path: "/settings/backup", stream: true, heavy: "data", handler: postBackup},
		{method: http.MethodPost, path: "/settings/users", handler: postUserSettings},
		{method: http.MethodPost, path: "/settings/users/:name/remove", handler: postUserRemove},
		{method: http.MethodPost, path: "/settings/users/:name/password", handler: postUserPassword},
		{method: http.MethodPost, path: "/settings/logbooks", handler: postLogbooks},
	}
	for i := range list {
		list[i].needs, list[i].page, list[i].body = access.Admin, true, smallBody
	}
	return list
}

// staticRoutes lists styles, scripts and icons.
func staticRoutes() []route {
	return []route{
		{method: http.MethodGet, path: "/sw.js", page: true, handler: getWorker},
		{method: http.MethodGet, path: "/static/:version/:name", page: true, handler: getStatic},
		{method: http.MethodGet, path: "/.well-known/security.txt", handler: getSecurityText},
	}
}
