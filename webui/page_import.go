package webui

import (
	"net/http"

	"qslbox/qso/intake"
)

// importPage is the form to send a file with, and the account of the last one.
type importPage struct {
	Own     string // the call that is assumed where a record names none
	Account *intake.Account
	Shown   []intake.Rejection
	Reasons []share // rejected records by reason, most first
}

// maxShownRejects is how many rejected records stand on the page.
const maxShownRejects = 200

// getImportPage answers GET /import.
func getImportPage(c *call) error {
	settings := c.book.Settings()
	return c.render("import", &importPage{Own: string(settings.DefaultOwn)})
}

// postImportPage answers POST /import: the same import as the API's, with its
// account as a page.
func postImportPage(c *call) error {
	account, err := c.importBody()
	if err != nil {
		return err
	}
	settings := c.book.Settings()
	d := importPage{Own: string(settings.DefaultOwn), Account: account}
	d.Shown = account.Rejects[:min(len(account.Rejects), maxShownRejects)]
	d.Reasons = reasonsOf(account.Rejects)
	status := http.StatusOK
	if account.Outcome == "refused" {
		status = http.StatusUnprocessableEntity
	}
	return c.renderStatus(status, "import", &d)
}

func reasonsOf(rejects []intake.Rejection) (out []share) {
	at := map[string]int{}
	for _, r := range rejects {
		i, ok := at[string(r.Reason)]
		if !ok {
			i = len(out)
			at[string(r.Reason)] = i
			out = append(out, share{Key: string(r.Reason)})
		}
		out[i].Count++
	}
	return out
}
