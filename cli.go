package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime/debug"
	"time"
)

// common are the options of all commands. They stand before or after the
// command.
type common struct {
	Data    string `help:"Data directory; default: the service's, else your own." env:"QSLBOX_DATA" type:"path" placeholder:"DIR"`
	Logbook string `help:"Logbook to work with." env:"QSLBOX_LOGBOOK" default:"main" placeholder:"NAME"`
}

// serveLine is a command line that starts the service, and nothing else: it is
// ready in a third of the time that commandLine takes.
type serveLine struct {
	common `embed:""`
	Serve  serveCommand `cmd:"" help:"Run the appliance."`
}

// commandLine is everything that can be said to qslbox.
type commandLine struct {
	common `embed:""`

	Serve   serveCommand   `cmd:"" help:"Run the appliance."`
	Setup   setupCommand   `cmd:"" help:"Say who may reach it and make the first administrator."`
	Import  importCommand  `cmd:"" help:"Import ADIF files."`
	Export  exportCommand  `cmd:"" help:"Export the log as ADIF, CSV or JSON."`
	Stats   statsCommand   `cmd:"" help:"Show the statistics of the dashboard."`
	Award   awardCommand   `cmd:"" help:"Show an award's table."`
	Sync    syncCommand    `cmd:"" help:"Fetch confirmations now."`
	Account accountCommand `cmd:"" help:"LoTW and DCL accounts."`
	User    userCommand    `cmd:"" help:"Users who may sign in."`
	Key     keyCommand     `cmd:"" help:"API keys."`
	Logs    logbookCommand `cmd:"" name:"logbook" help:"Logbooks side by side in one file."`
	Cache   cacheCommand   `cmd:"" help:"The cache of statistics and awards."`
	Config  configCommand  `cmd:"" help:"Show the configuration and where each value came from."`
	Health  healthCommand  `cmd:"" help:"Check the running service; exit 0 ok, 1 warning, 2 critical."`
	DB      dbCommand      `cmd:"" name:"db" help:"Look after the data file."`
	Version versionCommand `cmd:"" help:"Show the version."`

	Completion completionCommand `cmd:"" help:"Print completions for a shell."`
	Man        manCommand        `cmd:"" hidden:"" help:"Print the manual page."`
}

type serveCommand struct {
	settings `embed:""`
}

// settings are what the service can be told; config shows them.
type settings struct {
	Listen        string        `help:"Address and port; setup chooses it where nothing is said." env:"QSLBOX_LISTEN" default:"127.0.0.1:3001"`
	TTL           time.Duration `name:"ttl" help:"How long a snapshot is fresh." env:"QSLBOX_TTL" default:"5m"`
	Host          []string      `help:"Further host name under which the service is reached." env:"QSLBOX_HOST"`
	BasePath      string        `help:"Path under which a reverse proxy serves it." env:"QSLBOX_BASE_PATH" placeholder:"/qslbox"`
	TrustedProxy  []string      `help:"Network of a reverse proxy whose forwarding headers count." env:"QSLBOX_TRUSTED_PROXY" placeholder:"CIDR"`
	TLSCert       string        `help:"TLS certificate file." env:"QSLBOX_TLS_CERT" type:"path"`
	TLSKey        string        `help:"TLS key file." env:"QSLBOX_TLS_KEY" type:"path"`
	BackupDir     string        `help:"Directory for scheduled backups; default: backup in the data directory." env:"QSLBOX_BACKUP_DIR" type:"path"`
	SlowQuery     time.Duration `help:"An operation over this is slow." env:"QSLBOX_SLOW_QUERY" default:"100ms"`
	CriticalQuery time.Duration `help:"An operation over this is critical." env:"QSLBOX_CRITICAL_QUERY" default:"500ms"`
}

type setupCommand struct {
	Listen string `help:"Answer the question: 'machine' (only this one) or 'network' (the home network)." enum:"ask,machine,network" default:"ask"`
}

type importCommand struct {
	Files     []string `arg:"" name:"file" help:"ADIF files; - is standard input."`
	JSON      bool     `help:"Print the account as JSON."`
	DryRun    bool     `help:"Only say what would happen."`
	Own       string   `help:"Own call of records without STATION_CALLSIGN." placeholder:"CALL"`
	Rejects   string   `help:"Write the rejected records to this file, as ADIF." placeholder:"FILE" type:"path"`
	Overwrite bool     `help:"Let this file replace values that differ."`
}

type exportCommand struct {
	Format string `help:"adif, csv or json." enum:"adif,csv,json" default:"adif"`
	NotAt  string `help:"Only QSOs that this source has not got (lotw)." enum:",lotw" default:""`
	Output string `short:"o" help:"File to write; standard output if not given." placeholder:"FILE" type:"path"`
}

type statsCommand struct {
	JSON bool `help:"Print as JSON."`
}

type awardCommand struct {
	ID   string `arg:"" optional:"" help:"Award (dxcc, was, waz ...); without it, the list."`
	JSON bool   `help:"Print as JSON."`
}

type syncCommand struct {
	Source string `arg:"" enum:"lotw,dcl" help:"lotw or dcl."`
	Full   bool   `help:"Download everything again."`
	JSON   bool   `help:"Print the run as JSON."`
}

type accountCommand struct {
	Set    accountSetCommand    `cmd:"" help:"Set the account of a source."`
	List   accountListCommand   `cmd:"" help:"List accounts; secrets are never shown."`
	Remove accountRemoveCommand `cmd:"" help:"Forget the account of a source."`
	Test   accountTestCommand   `cmd:"" help:"Try the credentials."`
}

type accountSetCommand struct {
	Source        string `arg:"" enum:"lotw,dcl"`
	Login         string `help:"Login of the LoTW web site." placeholder:"CALL"`
	PasswordFile  string `help:"File whose first line is the LoTW password; - asks." type:"path" placeholder:"FILE"`
	KeyFile       string `help:"File whose first line is the DCL key; - asks." type:"path" placeholder:"FILE"`
	ImportMissing *bool  `help:"Add QSOs that only the source knows." negatable:""`
	Schedule      string `help:"When to sync, as five cron fields (UTC)." placeholder:"CRON"`
	DOK           string `help:"DCL's differing DOKs: ask, mine or dcl." enum:",ask,mine,dcl" default:""`
}

type accountListCommand struct {
	JSON bool `help:"Print as JSON."`
}

type accountRemoveCommand struct {
	Source string `arg:"" enum:"lotw,dcl"`
}

type accountTestCommand struct {
	Source string `arg:"" enum:"lotw,dcl"`
}

type userCommand struct {
	Add    userAddCommand    `cmd:"" help:"Add a user; the first one gets a link to sign up with."`
	Passwd userPasswdCommand `cmd:"" help:"Set a user's password."`
	Link   userLinkCommand   `cmd:"" help:"Print a link that signs a user in, once, within 30 minutes."`
	List   userListCommand   `cmd:"" help:"List users."`
	Remove userRemoveCommand `cmd:"" help:"Remove a user."`
}

type userAddCommand struct {
	Name         string `arg:"" optional:""`
	Role         string `help:"admin, owner or viewer." enum:"admin,owner,viewer" default:"admin"`
	PasswordFile string `help:"File whose first line is the password." type:"path" placeholder:"FILE"`
}

type userPasswdCommand struct {
	Name         string `arg:""`
	PasswordFile string `help:"File whose first line is the password." type:"path" placeholder:"FILE"`
}

type userLinkCommand struct {
	Name string `arg:""`
}

type userListCommand struct {
	JSON bool `help:"Print as JSON."`
}

type userRemoveCommand struct {
	Name string `arg:""`
}

type keyCommand struct {
	Add    keyAddCommand    `cmd:"" help:"Make a key; it is shown once."`
	List   keyListCommand   `cmd:"" help:"List keys."`
	Revoke keyRevokeCommand `cmd:"" help:"Revoke a key."`
}

type keyAddCommand struct {
	Name  string   `help:"What the key is for." required:""`
	Scope []string `help:"read, write, metrics, admin." required:"" placeholder:"SCOPE"`
	JSON  bool     `help:"Print as JSON."`
}

type keyListCommand struct {
	JSON bool `help:"Print as JSON."`
}

type keyRevokeCommand struct {
	ID string `arg:""`
}

type logbookCommand struct {
	Add    logbookAddCommand    `cmd:"" help:"Add a logbook."`
	List   logbookListCommand   `cmd:"" help:"List logbooks."`
	Remove logbookRemoveCommand `cmd:"" help:"Remove a logbook and all that is in it."`
}

type logbookAddCommand struct {
	Name string `arg:""`
	Own  string `help:"Own call assumed for records that name none." placeholder:"CALL"`
}

type logbookListCommand struct {
	JSON bool `help:"Print as JSON."`
}

type logbookRemoveCommand struct {
	Name string `arg:""`
	Yes  bool   `help:"Do it without asking." required:""`
}

type cacheCommand struct {
	Clear cacheClearCommand `cmd:"" help:"Invalidate every snapshot."`
}

type cacheClearCommand struct{}

type configCommand struct {
	settings `embed:""`
	Defaults string `help:"Defaults file of the service." type:"path" default:"/etc/default/qslbox" placeholder:"FILE"`
	JSON     bool   `help:"Print as JSON."`
}

type completionCommand struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

type manCommand struct{}

type healthCommand struct {
	URL        string        `name:"url" help:"Service to ask; default: the one of the data directory." placeholder:"URL"`
	MaxSlow    *int          `help:"Warn above this many slow operations in the last hour."`
	MinHitRate *float64      `help:"Warn below this cache hit rate in percent."`
	MaxSyncAge time.Duration `help:"Warn if a source's last good sync is older."`
	Critical   bool          `name:"only-critical" help:"Exit 0 for warnings too: for what restarts a service."`
	JSON       bool          `help:"Print the health document."`
}

type dbCommand struct {
	Check   dbCheckCommand   `cmd:"" help:"Check the data file and every value in it."`
	Scrub   dbScrubCommand   `cmd:"" help:"Check every value's checksum and the snapshots, while the service runs."`
	Backup  dbBackupCommand  `cmd:"" help:"Write a verified copy."`
	Restore dbRestoreCommand `cmd:"" help:"Restore a backup; what it replaces is kept."`
	Compact dbCompactCommand `cmd:"" help:"Give free space back, with the service stopped."`
	Salvage dbSalvageCommand `cmd:"" help:"Read what can be read out of a damaged file into a new one."`
}

type dbCheckCommand struct {
	File string `arg:"" optional:"" help:"File to check; default: the data file." type:"path"`
	JSON bool   `help:"Print as JSON."`
}

type dbScrubCommand struct {
	JSON bool `help:"Print as JSON."`
}

type dbBackupCommand struct {
	File string `arg:"" help:"Backup file." type:"path"`
}

type dbRestoreCommand struct {
	File string `arg:"" help:"Backup file." type:"path"`
}

type dbCompactCommand struct{}

type dbSalvageCommand struct {
	Damaged string `arg:"" help:"Damaged file." type:"path"`
	Output  string `short:"o" required:"" help:"New file." type:"path" placeholder:"NEW"`
	JSON    bool   `help:"Print as JSON."`
}

type versionCommand struct {
	JSON bool `help:"Print as JSON."`
}

// version is the module's version and the commit it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	text, revision, dirty := info.Main.Version, "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision" && len(s.Value) >= 12:
			revision = " (" + s.Value[:12]
		case s.Key == "vcs.modified" && s.Value == "true":
			dirty = ", modified"
		}
	}
	if revision != "" {
		return text + revision + dirty + ")"
	}
	return text
}

// dataDir says where the data lives (DESIGN.md section 8).
func dataDir(given string, getenv func(string) string) (string, error) {
	for _, dir := range []string{given, getenv("STATE_DIRECTORY")} {
		if dir != "" {
			return filepath.Abs(dir)
		}
	}
	const system = "/var/lib/qslbox"
	if info, err := os.Stat(system); err == nil && info.IsDir() {
		return system, nil
	}
	if dir := getenv("XDG_DATA_HOME"); dir != "" {
		return filepath.Join(dir, "qslbox"), nil
	}
	if home := getenv("HOME"); home != "" {
		return filepath.Join(home, ".local", "share", "qslbox"), nil
	}
	return "", fmt.Errorf("no data directory: name one with --data DIR or QSLBOX_DATA")
}
