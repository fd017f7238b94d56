package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// node is a command with its options, as completions and the manual need it.
type node struct {
	path  []string // "db", "backup"
	help  string
	flags []*kong.Flag
	words []string // commands, or values of the first argument
	args  []string // as the usage shows them
}

// nodes lists the commands, the program itself first.
func nodes(model *kong.Node, path []string) []node {
	n := node{path: path, help: model.Help}
	for _, flag := range model.Flags {
		if !flag.Hidden {
			n.flags = append(n.flags, flag)
		}
	}
	for _, arg := range model.Positional {
		n.args = append(n.args, arg.Summary())
		if arg.Enum != "" {
			n.words = append(n.words, strings.Split(arg.Enum, ",")...)
		}
	}
	var below []node
	for _, child := range model.Children {
		if child.Hidden {
			continue
		}
		n.words = append(n.words, child.Name)
		below = append(below, nodes(child, append(slices.Clone(path), child.Name))...)
	}
	return append([]node{n}, below...)
}

// Run prints the completions of a shell. They are lists: nothing is asked of
// the program while one types.
func (c *completionCommand) Run(s *session) error {
	list := nodes(s.parsed.Model.Node, nil)
	switch c.Shell {
	case "bash":
		bash(s.env.stdout, list)
	case "zsh":
		fmt.Fprintln(s.env.stdout, "#compdef qslbox")
		fmt.Fprintln(s.env.stdout, "autoload -U +X bashcompinit && bashcompinit")
		bash(s.env.stdout, list)
	case "fish":
		fish(s.env.stdout, list)
	}
	return nil
}

// offered are the words that may follow a command.
func (n *node) offered() []string {
	list := slices.Clone(n.words)
	for _, flag := range n.flags {
		list = append(list, "--"+flag.Name)
	}
	return list
}

func bash(w io.Writer, list []node) {
	global := strings.Join((&node{flags: list[0].flags}).offered(), " ")
	fmt.Fprint(w, `_qslbox() {
	local path= word words
	for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
		case "$path $word" in
`)
	for _, n := range list[1:] {
		fmt.Fprintf(w, "\t\t%q) path=%q ;;\n", " "+strings.Join(n.path, " "), " "+strings.Join(n.path, " "))
	}
	fmt.Fprint(w, "\t\tesac\n\tdone\n\tcase \"$path\" in\n")
	for _, n := range list {
		path := ""
		if len(n.path) > 0 {
			path = " " + strings.Join(n.path, " ")
		}
		fmt.Fprintf(w, "\t%q) words=%q ;;\n", path, strings.Join(n.offered(), " "))
	}
	fmt.Fprintf(w, `	esac
	[[ $2 == -* ]] && words="$words %s"
	COMPREPLY=($(compgen -W "$words" -- "$2"))
}
complete -o default -o bashdefault -F _qslbox qslbox
`, global)
}

func fish(w io.Writer, list []node) {
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", `\'`) + "'" }
	for _, n := range list {
		seen := "__fish_use_subcommand"
		if len(n.path) > 0 {
			seen = "__fish_seen_subcommand_from " + n.path[len(n.path)-1]
		}
		for _, word := range n.words {
			help := ""
			for _, child := range list {
				if len(child.path) == len(n.path)+1 && child.path[len(child.path)-1] == word {
					help = child.help
				}
			}
			fmt.Fprintf(w, "complete -c qslbox -n %s -a %s -d %s\n", quote(seen), quote(word), quote(help))
		}
		for _, flag := range n.flags {
			fmt.Fprintf(w, "complete -c qslbox -n %s -l %s -d %s\n", quote(seen), flag.Name, quote(flag.Help))
		}
	}
}

// Run prints the manual page.
func (manCommand) Run(s *session) error {
	list := nodes(s.parsed.Model.Node, nil)
	w := s.env.stdout
	fmt.Fprint(w, ".TH QSLBOX 1\n.SH NAME\nqslbox \\- log, confirmations and awards of a radio amateur\n.SH SYNOPSIS\n.B qslbox\n[\\fIoptions\\fR] \\fIcommand\\fR [\\fIarguments\\fR]\n")
	fmt.Fprintf(w, ".SH DESCRIPTION\n%s\nWhile the service runs, commands go through it.\n", roff(s.parsed.Model.Help))
	fmt.Fprintln(w, ".SH OPTIONS")
	for _, flag := range list[0].flags {
		manFlag(w, flag)
	}
	fmt.Fprintln(w, ".SH COMMANDS")
	for _, n := range list[1:] {
		if len(n.words) > 0 && len(n.args) == 0 {
			continue // its subcommands follow
		}
		fmt.Fprintf(w, ".SS %s\n%s\n", roff(strings.Join(append(slices.Clone(n.path), n.args...), " ")), roff(n.help))
		for _, flag := range n.flags {
			manFlag(w, flag)
		}
	}
	fmt.Fprint(w, `.SH EXIT STATUS
0 done; 1 failed, or no such thing; 2 wrong usage or setting; 3 busy or already running; 4 damaged data;
5 credentials refused upstream; 6 other trouble upstream. \fBqslbox health\fR: 0 ok, 1 warning, 2 critical.
.SH FILES
.TP
.I /etc/default/qslbox
settings of the service
.TP
.I /var/lib/qslbox
its data
.SH SEE ALSO
.I /usr/share/doc/qslbox
`)
	return nil
}

func manFlag(w io.Writer, flag *kong.Flag) {
	name := "--" + flag.Name
	if !flag.IsBool() {
		name += "=" + flag.FormatPlaceHolder()
	}
	help := flag.Help
	if len(flag.Envs) > 0 {
		help += " Also from " + flag.Envs[0] + "."
	}
	fmt.Fprintf(w, ".TP\n.B %s\n%s\n", roff(name), roff(help))
}

// roff writes text so that it shows as it is.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		return `\&` + text
	}
	return text
}
