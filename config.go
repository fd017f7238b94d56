package main

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/alecthomas/kong"
)

// setting is one line of the configuration.
type setting struct {
	Name   string `json:"name"`
	Value  string `json:"value"`
	Source string `json:"source"` // option, environment, file or default
}

// onlyInEnvironment are settings that are no options: for trials.
var onlyInEnvironment = map[string]string{"lotw-url": "QSLBOX_LOTW_URL", "dcl-url": "QSLBOX_DCL_URL"}

// foreign are the ends of names that begin like ours and are read by others: by
// the alert scripts and by the tests.
var foreign = []string{"URL", "KEY", "SOAK", "CRASH", "CUTS", "KILLS", "SHOTS", "PAGES"}

const ourPrefix = "QSLBOX_"

// Run shows the configuration and where each value came from. What the defaults
// file says reaches the service as its environment: here it counts less than
// what this shell has.
func (c *configCommand) Run(s *session) error {
	if err := s.checkEnvironment(); err != nil {
		return err
	}
	file, err := s.readDefaults(c.Defaults)
	if err != nil {
		return err
	}
	dir, err := s.dir()
	if err != nil {
		return err
	}
	values, err := s.withDefaults(c.Defaults, file)
	if err != nil {
		return err
	}
	source := s.sourceOf(c.Defaults, file)
	list := []setting{{"data", dir, source("data", "QSLBOX_DATA")}}
	for _, flag := range s.settingFlags() {
		if flag.Name == "data" {
			continue
		}
		one := setting{flag.Name, values[flag.Name], source(flag.Name, flag.Envs[0])}
		if chosen := chosenAddress(dir); one.Name == "listen" && one.Source == "default" && chosen != "" {
			one.Value, one.Source = chosen, "setup"
		}
		list = append(list, one)
	}
	for _, name := range []string{"lotw-url", "dcl-url"} {
		env := onlyInEnvironment[name]
		value := s.env.getenv(env)
		if value == "" {
			value = file[env]
		}
		list = append(list, setting{name, value, source(name, env)})
	}
	if c.JSON {
		return json.NewEncoder(s.env.stdout).Encode(map[string]any{"items": list})
	}
	w := tabwriter.NewWriter(s.env.stdout, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "setting\tvalue\tfrom")
	for _, e := range list {
		fmt.Fprintf(w, "%s\t%s\t%s\n", e.Name, e.Value, e.Source)
	}
	return w.Flush()
}

// settingFlags are the options that the environment may set, global ones first.
func (s *session) settingFlags() []*kong.Flag {
	var list []*kong.Flag
	for _, group := range s.parsed.Model.AllFlags(true) {
		for _, flag := range group {
			if len(flag.Envs) > 0 {
				list = append(list, flag)
			}
		}
	}
	for _, command := range s.parsed.Model.Children {
		if command.Name == "serve" {
			for _, flag := range command.Flags {
				if len(flag.Envs) > 0 {
					list = append(list, flag)
				}
			}
		}
	}
	return list
}

// sourceOf says where a setting comes from: the first of option, environment
// and file that has it.
func (s *session) sourceOf(path string, file map[string]string) func(name, env string) string {
	given := map[string]bool{}
	for _, step := range s.parsed.Path {
		if step.Flag != nil {
			given[step.Flag.Name] = true
		}
	}
	return func(name, env string) string {
		switch {
		case given[name]:
			return "option"
		case s.env.getenv(env) != "":
			return "environment (" + env + ")"
		case file[env] != "":
			return "file (" + path + ")"
		}
		return "default"
	}
}

// withDefaults returns the values in force when the file's settings fill what
// neither options nor environment say. A value that makes no sense is an error
// that names the file and the setting.
func (s *session) withDefaults(path string, file map[string]string) (map[string]string, error) {
	var again commandLine
	parser, err := newParser(&again, s.env, func(int) {})
	if err != nil {
		return nil, err
	}
	source := s.sourceOf(path, file)
	for _, flag := range s.settingFlags() {
		env := flag.Envs[0]
		if !strings.HasPrefix(source(flag.Name, env), "file") {
			continue
		}
		if _, err := parse(parser, []string{"config", "--" + flag.Name + "=" + file[env]}); err != nil {
			return nil, usageError{fmt.Errorf("%s: %s: %w", path, env, err)}
		}
	}
	values := map[string]string{}
	for _, flag := range s.settingFlags() {
		env := flag.Envs[0]
		values[flag.Name] = s.show(flag.Name)
		if strings.HasPrefix(source(flag.Name, env), "file") {
			values[flag.Name] = file[env]
		}
	}
	return values, nil
}

// show writes a setting that was parsed for this command.
func (s *session) show(name string) string {
	for _, group := range s.parsed.Flags() {
		if group.Name != name {
			continue
		}
		switch v := s.parsed.FlagValue(group).(type) {
		case []string:
			return strings.Join(v, ",")
		default:
			return fmt.Sprint(v)
		}
	}
	return ""
}

// checkEnvironment refuses names in the environment that look like a setting and
// are none.
func (s *session) checkEnvironment() error {
	if s.env.environ == nil {
		return nil
	}
	for _, line := range s.env.environ() {
		name, _, _ := strings.Cut(line, "=")
		if err := s.known(name); err != nil {
			return usageError{fmt.Errorf("environment: %w", err)}
		}
	}
	return nil
}

// known returns an error with a suggestion if a name begins like a setting and
// is none.
func (s *session) known(name string) error {
	end, ours := strings.CutPrefix(name, ourPrefix)
	if !ours || slices.Contains(foreign, end) || strings.HasPrefix(end, "TEST_") {
		return nil
	}
	best, distance := "", len(name)
	names := []string{"QSLBOX_LOTW_URL", "QSLBOX_DCL_URL"}
	for _, flag := range s.settingFlags() {
		names = append(names, flag.Envs...)
	}
	for _, other := range names {
		if other == name {
			return nil
		}
		if d := editDistance(name, other); d < distance {
			best, distance = other, d
		}
	}
	if distance > 5 {
		return fmt.Errorf("there is no setting %s; qslbox config shows those there are", name)
	}
	return fmt.Errorf("there is no setting %s; did you mean %s?", name, best)
}

// readDefaults reads the service's defaults file, as systemd does: NAME=value,
// comments, quotes around a value. There need not be one.
func (s *session) readDefaults(path string) (map[string]string, error) {
	f, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	values := map[string]string{}
	lines := bufio.NewScanner(f)
	for n := 1; lines.Scan(); n++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || line[0] == '#' || line[0] == ';' {
			continue
		}
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			return nil, usageError{fmt.Errorf("%s, line %d: %q is not NAME=value", path, n, line)}
		}
		if err := s.known(name); err != nil {
			return nil, usageError{fmt.Errorf("%s, line %d: %w", path, n, err)}
		}
		if len(value) >= 2 && (value[0] == '"' || value[0] == '\'') && value[len(value)-1] == value[0] {
			value = value[1 : len(value)-1]
		}
		values[name] = value
	}
	return values, lines.Err()
}

// editDistance is the number of letters to add, drop or change.
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		before := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			d := before + 1
			if a[i-1] == b[j-1] {
				d = before
			}
			before, row[j] = row[j], min(d, row[j]+1, row[j-1]+1)
		}
	}
	return row[len(b)]
}
