package systemd

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/coreos/go-systemd/v22/daemon"
)

// Ready says that the service serves, after start and after [Reloading], with
// a status line as [Status] has it; "" leaves that as it is.
func Ready(status string) error {
	return send("ready", daemon.SdNotifyReady, status)
}

// Reloading says that the configuration is being read again. [Ready] has to
// follow.
func Reloading() error {
	return send("reloading", daemon.SdNotifyReloading+"\n"+strings.TrimSpace(daemon.SdNotifyMonotonicUsec()), "")
}

// Stopping says that the service ends, with a status line.
func Stopping(status string) error {
	return send("stopping", daemon.SdNotifyStopping, status)
}

// Status sets the line that systemctl status shows. Line breaks and other
// control characters become spaces.
func Status(text string) error {
	return send("status", "", text)
}

// send sends an assignment and a status line in one datagram.
func send(what, assignment, status string) error {
	var lines []string
	if assignment != "" {
		lines = append(lines, assignment)
	}
	if status != "" || assignment == "" {
		lines = append(lines, "STATUS="+oneLine(status))
	}
	if _, err := daemon.SdNotify(false, strings.Join(lines, "\n")); err != nil {
		return fmt.Errorf("systemd: %s: %w", what, err)
	}
	return nil
}

// oneLine keeps a text from being read as further assignments.
func oneLine(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "\uFFFD"))
}
