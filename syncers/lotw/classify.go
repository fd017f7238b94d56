package lotw

import (
	"bytes"
	"net/http"
	"strconv"

	"qslbox/syncers"
)

// banner is how every report begins.
const banner = "ARRL Logbook of the World Status Report"

// looked is how much of an answer is looked at to tell what it is.
const looked = 64 << 10

// classify tells what an answer is: nil for a report (whole or not), else why
// it is none. The content decides before the status: LoTW sends its password
// page with 200.
func classify(reply *syncers.Reply) *syncers.Error {
	head := bytes.TrimLeft(bytes.TrimPrefix(reply.Body.Head(looked), []byte("\xEF\xBB\xBF")), " \t\r\n")
	low := bytes.ToLower(head)
	has := func(text string) bool { return bytes.Contains(low, []byte(text)) }
	isHTML := bytes.HasPrefix(low, []byte("<!doctype")) || bytes.HasPrefix(low, []byte("<html")) || has("<html") || has("<body")
	isReport := bytes.HasPrefix(head, []byte(banner))
	switch {
	case isReport && reply.Status < 300:
		return nil
	case isReport:
	case has("username/password incorrect"):
		return &syncers.Error{Class: syncers.Auth, Code: "wrong-password", Message: "LoTW refused login or password. Enter them again under Settings: the password of the LoTW web site, not that of the TQSL certificate; old accounts may need it in lower case."}
	case has("page request limit"):
		return &syncers.Error{Class: syncers.Rate, Code: "request-limit", Message: "LoTW says that too many requests came from here. qslbox waits some hours; let other programs ask less often."}
	}
	if e := byStatus(reply.Status); e != nil {
		return e
	}
	switch {
	case len(head) == 0 && reply.Cut != nil:
		return reply.Cut
	case len(head) == 0:
		return &syncers.Error{Class: syncers.Down, Code: "empty", Message: "LoTW's answer was empty, which says nothing about new confirmations. The sync is tried again by itself."}
	case isHTML && (has("maintenance") || has("offline") || has("temporarily") || has("unavailable")):
		return &syncers.Error{Class: syncers.Down, Code: "maintenance", Message: "LoTW is offline for maintenance. The sync is tried again by itself."}
	case isHTML:
		return &syncers.Error{Class: syncers.Protocol, Code: "web-page", Message: "A web page came instead of LoTW's report: perhaps the sign-in page of this network, or a notice of LoTW. Open lotw.arrl.org in a browser to see it."}
	case bytes.HasPrefix([]byte(banner), head):
		return truncated("LoTW's report broke off in its first line; the next run asks again.")
	}
	return &syncers.Error{Class: syncers.Protocol, Code: "not-a-report", Message: "The answer is not a LoTW report. If this stays so, LoTW's interface has changed and qslbox needs an update."}
}

// byStatus tells what an answer without a report means by its status; nil for
// success.
func byStatus(status int) *syncers.Error {
	code := strconv.Itoa(status)
	switch {
	case status < 300:
		return nil
	case status < 400:
		return &syncers.Error{Class: syncers.Protocol, Code: "redirect", Message: "LoTW's address sends elsewhere (HTTP " + code + "). qslbox did not follow, since the request holds the password: perhaps this network wants a sign-in first."}
	case status == http.StatusUnauthorized:
		return &syncers.Error{Class: syncers.Auth, Code: "wrong-password", Message: "LoTW refused login or password (HTTP 401). Enter them again under Settings."}
	case status == http.StatusTooManyRequests:
		return &syncers.Error{Class: syncers.Rate, Code: "request-limit", Message: "LoTW says that too many requests came from here (HTTP 429). qslbox waits; let other programs ask less often."}
	case status >= 500, status == http.StatusMethodNotAllowed, status == http.StatusRequestTimeout:
		return &syncers.Error{Class: syncers.Down, Code: "http-" + code, Message: "LoTW cannot answer at the moment (HTTP " + code + "). The sync is tried again by itself."}
	}
	return &syncers.Error{Class: syncers.Protocol, Code: "http-" + code, Message: "LoTW did not accept the request (HTTP " + code + "). If this stays so, LoTW's interface has changed and qslbox needs an update."}
}

// truncated is an answer that is not whole.
func truncated(message string) *syncers.Error {
	return &syncers.Error{Class: syncers.Truncated, Code: "truncated", Message: message}
}
