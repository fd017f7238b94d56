package dcl

import (
	"bufio"
	"io"
	"strings"
)

// Texts returns the texts among the members of an answer, read as a run reads
// the log inside: from where the first look found them.
func Texts(answer string) (map[string]string, error) {
	members, err := scan(strings.NewReader(answer))
	if err != nil {
		return nil, err
	}
	texts := map[string]string{}
	for name, m := range members {
		if m.kind != '"' {
			continue
		}
		value, err := io.ReadAll(&text{in: bufio.NewReader(strings.NewReader(answer[m.start:]))})
		if err != nil {
			return nil, err
		}
		texts[name] = string(value)
	}
	return texts, nil
}
