package dcl

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"qslbox/qso"
	"qslbox/syncers"
)

// looked is how much of an answer that is no JSON is looked at.
const looked = 16 << 10

// classify tells what an answer is: the ADIF member of a good one, else why it
// is none.
func (c *Client) classify(reply *syncers.Reply, key qso.Secret) (member, *syncers.Error) {
	if e := byStatus(reply.Status); e != nil {
		return member{}, e
	}
	if reply.Body.Size() == 0 {
		if reply.Cut != nil {
			return member{}, cut(reply.Cut, "nothing of it was used, and")
		}
		return member{}, &syncers.Error{Class: syncers.Down, Code: "empty", Message: "DCL's answer was empty, which says nothing about new confirmations. The sync is tried again by itself."}
	}
	members, err := scan(reply.Body.Reader())
	switch {
	case errors.Is(err, io.ErrUnexpectedEOF) && reply.Cut != nil:
		return member{}, cut(reply.Cut, "nothing of it was used, and")
	case errors.Is(err, io.ErrUnexpectedEOF) && looksLikeJSON(reply):
		return member{}, truncated("DCL's answer broke off before its end, so nothing of it was used; the next run asks again.")
	case err == nil || errors.Is(err, errNotJSON) || errors.Is(err, io.ErrUnexpectedEOF):
	default:
		return member{}, (&syncers.Error{Class: syncers.Local, Code: "disk", Message: "DCL's answer could not be read back from its temporary file. Look at the disk; nothing is lost."}).Because(err)
	}
	if err != nil {
		return member{}, notJSON(reply)
	}
	return c.judge(members, key)
}

// judge tells what the members of a whole answer mean.
func (c *Client) judge(members map[string]member, key qso.Secret) (member, *syncers.Error) {
	n := &c.names
	status, given := members[n.Status]
	if given && status.kind == '"' && !strings.EqualFold(status.text, n.OK) {
		return member{}, refused(members[n.Message].text, key)
	}
	adif, there := members[n.ADIF]
	switch {
	case !given || status.kind != '"':
		return member{}, changed(n.Status)
	case !there:
		return member{}, changed(n.ADIF)
	case adif.kind != '"' && adif.kind != 'n':
		return member{}, changed(n.ADIF)
	}
	return adif, nil
}

// refused is an error told inside an answer with HTTP 200.
func refused(message string, key qso.Secret) *syncers.Error {
	low := strings.ToLower(message)
	if (strings.Contains(low, "key") || strings.Contains(low, "token")) &&
		(strings.Contains(low, "invalid") || strings.Contains(low, "unknown") || strings.Contains(low, "expired") || strings.Contains(low, "revoked")) {
		return badKey("")
	}
	says := ""
	if message != "" {
		says = fmt.Sprintf(" It says %q.", clip(syncers.Scrub(message, key)))
	}
	return &syncers.Error{Class: syncers.Down, Code: "error-inside", Message: "DCL answered that it cannot do it at the moment." + says + " The sync is tried again by itself."}
}

// clip shortens a text of the service for a sentence.
func clip(s string) string {
	const longest = 200
	if len(s) > longest {
		s = s[:longest] + "…"
	}
	return strings.ToValidUTF8(s, "")
}

func badKey(status string) *syncers.Error {
	return &syncers.Error{Class: syncers.Auth, Code: "wrong-key", Message: "DCL refused the key" + status + ": it is unknown, has run out or was revoked. Make a new one at dcl.darc.de and enter it under Settings."}
}

func changed(name string) *syncers.Error {
	return &syncers.Error{Class: syncers.Protocol, Code: "interface-changed", Message: fmt.Sprintf("DCL's interface changed: its answer has no text %q. Look for a newer qslbox; until then its ADIF download can be imported by hand.", name)}
}

// notJSON tells what an answer is that is no JSON.
func notJSON(reply *syncers.Reply) *syncers.Error {
	low := bytes.ToLower(reply.Body.Head(looked))
	has := func(text string) bool { return bytes.Contains(low, []byte(text)) }
	isHTML := has("<html") || has("<!doctype") || has("<body")
	switch {
	case isHTML && (has("wartung") || has("maintenance") || has("unavailable")):
		return &syncers.Error{Class: syncers.Down, Code: "maintenance", Message: "DCL is being worked on. The sync is tried again by itself."}
	case isHTML:
		return &syncers.Error{Class: syncers.Protocol, Code: "web-page", Message: "A web page came instead of DCL's answer: perhaps the sign-in page of this network, or a notice of DCL. Open dcl.darc.de in a browser to see it."}
	}
	return &syncers.Error{Class: syncers.Protocol, Code: "not-json", Message: "DCL's answer is no JSON. If this stays so, DCL's interface has changed and qslbox needs an update."}
}

func looksLikeJSON(reply *syncers.Reply) bool {
	head := bytes.TrimLeft(bytes.TrimPrefix(reply.Body.Head(64), []byte("\xEF\xBB\xBF")), " \t\r\n")
	return len(head) > 0 && head[0] == '{'
}

// byStatus tells what an answer means by its status; nil for success.
func byStatus(status int) *syncers.Error {
	code := strconv.Itoa(status)
	switch {
	case status < 300:
		return nil
	case status < 400:
		return &syncers.Error{Class: syncers.Protocol, Code: "redirect", Message: "DCL's address sends elsewhere (HTTP " + code + "). qslbox did not follow, since the request holds the key: DCL may have moved, or this network wants a sign-in first."}
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return badKey(" (HTTP " + code + ")")
	case status == http.StatusTooManyRequests:
		return &syncers.Error{Class: syncers.Rate, Code: "request-limit", Message: "DCL says that too many requests came from here (HTTP 429). qslbox waits; let other programs ask less often."}
	case status >= 500, status == http.StatusRequestTimeout:
		return &syncers.Error{Class: syncers.Down, Code: "http-" + code, Message: "DCL cannot answer at the moment (HTTP " + code + "). The sync is tried again by itself."}
	case status == http.StatusNotFound, status == http.StatusGone, status == http.StatusMethodNotAllowed:
		return &syncers.Error{Class: syncers.Protocol, Code: "moved", Message: "DCL's export is not where it was (HTTP " + code + "): its interface moved. Look for a newer qslbox; until then its ADIF download can be imported by hand."}
	}
	return &syncers.Error{Class: syncers.Protocol, Code: "http-" + code, Message: "DCL did not accept the request (HTTP " + code + "). If this stays so, DCL's interface has changed and qslbox needs an update."}
}

// truncated is an answer that is not whole.
func truncated(message string) *syncers.Error {
	return &syncers.Error{Class: syncers.Truncated, Code: "truncated", Message: message}
}

// cut says of an answer that did not come to its end what became of it.
func cut(e *syncers.Error, kept string) *syncers.Error {
	c := *e
	switch e.Code {
	case "too-large":
		c.Message = "DCL's answer is larger than it may be and was not read to its end; " + kept + " the next run asks again. Its ADIF download can be imported by hand."
	case "slow", "stalled":
		c.Message = "DCL's answer stopped coming or took too long; " + kept + " the next run asks again."
	default:
		c.Message = "The connection broke in the middle of DCL's answer; " + kept + " the next run asks again."
	}
	return &c
}
