package systemd_test

import (
	"strings"
	"testing"
)

// TestHardening holds the sandbox of the unit line by line, also where no
// systemd-analyze judges it as a whole.
func TestHardening(t *testing.T) {
	unit := map[string]bool{}
	section := ""
	for line := range strings.Lines(read(t, "qslbox.service")) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "[") {
			section = line
		} else if section == "[Service]" {
			unit[line] = true
		}
	}
	tests := []struct{ name, want string }{
		{"no privileges", "NoNewPrivileges=yes"},
		{"no capabilities", "CapabilityBoundingSet="},
		{"none to inherit", "AmbientCapabilities="},
		{"files read-only", "ProtectSystem=strict"},
		{"no homes", "ProtectHome=yes"},
		{"own temporary files", "PrivateTmp=yes"},
		{"no devices", "PrivateDevices=yes"},
		{"no device by rule", "DevicePolicy=closed"},
		{"own users", "PrivateUsers=yes"},
		{"own mounts", "PrivateMounts=yes"},
		{"own IPC", "PrivateIPC=yes"},
		{"IPC goes with it", "RemoveIPC=yes"},
		{"own keyring", "KeyringMode=private"},
		{"no other processes", "ProtectProc=invisible"},
		{"processes only in /proc", "ProcSubset=pid"},
		{"not the clock", "ProtectClock=yes"},
		{"not the host name", "ProtectHostname=yes"},
		{"not the control groups", "ProtectControlGroups=yes"},
		{"not the kernel's log", "ProtectKernelLogs=yes"},
		{"no modules", "ProtectKernelModules=yes"},
		{"not the kernel's settings", "ProtectKernelTunables=yes"},
		{"no other personality", "LockPersonality=yes"},
		{"no written code", "MemoryDenyWriteExecute=yes"},
		{"no namespaces", "RestrictNamespaces=yes"},
		{"no real time", "RestrictRealtime=yes"},
		{"no set-user-ID files", "RestrictSUIDSGID=yes"},
		{"network and local sockets only", "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX"},
		{"no other program", "NoExecPaths=/"},
		{"this program", "ExecPaths=/usr/bin/qslbox"},
		{"native calls", "SystemCallArchitectures=native"},
		{"a service's calls", "SystemCallFilter=@system-service"},
		{"without privileged ones", "SystemCallFilter=~@privileged @resources"},
		{"a user of its own", "DynamicUser=yes"},
		{"files for itself", "UMask=0077"},
		{"no memory dump", "LimitCORE=0"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if !unit[tt.want] {
				t.Errorf("[Service] does not say %s", tt.want)
			}
		})
	}
}
