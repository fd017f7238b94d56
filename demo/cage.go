package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// What a small machine gives: the memory of a container on a Pi, and a slow
// card.
const (
	smallMemory = 256 << 20
	smallDisk   = 10 << 20 // bytes a second, written
	smallWrites = 200      // operations a second
)

// cage holds the service to the limits of a small machine: one processor, and
// as far as the kernel lets us, memory and disk by control groups. A nil cage
// holds nothing.
type cage struct {
	dirs []string // control groups
	said []string // what holds, and what does not
}

// newCage makes control groups for a process whose data lie in dir.
func newCage(dir string) *cage {
	c := &cage{said: []string{"GOMAXPROCS=1"}}
	device, err := deviceOf(dir)
	unified := exists("/sys/fs/cgroup/cgroup.controllers")
	name := fmt.Sprintf("qslbox-small-%d", os.Getpid())
	if unified {
		group := filepath.Join("/sys/fs/cgroup", name)
		c.make(group)
		c.limit("256 MiB of memory", group, "memory.max", strconv.Itoa(smallMemory))
		if err == nil {
			c.limit("10 MiB/s and 200 writes a second", group, "io.max", fmt.Sprintf("%s wbps=%d wiops=%d", device, smallDisk, smallWrites))
		}
		return c
	}
	memory, disk := filepath.Join("/sys/fs/cgroup/memory", name), filepath.Join("/sys/fs/cgroup/blkio", name)
	c.make(memory)
	c.limit("256 MiB of memory", memory, "memory.limit_in_bytes", strconv.Itoa(smallMemory))
	if err == nil {
		c.make(disk)
		c.limit("10 MiB/s written", disk, "blkio.throttle.write_bps_device", fmt.Sprintf("%s %d", device, smallDisk))
		c.limit("200 writes a second", disk, "blkio.throttle.write_iops_device", fmt.Sprintf("%s %d", device, smallWrites))
	}
	return c
}

// environment is what the service gets instead of a control group, or besides.
func (c *cage) environment() []string {
	if c == nil {
		return nil
	}
	return []string{"GOMAXPROCS=1", "GOMEMLIMIT=200MiB"}
}

func (c *cage) make(group string) {
	if err := os.Mkdir(group, 0o755); err == nil || errors.Is(err, os.ErrExist) {
		c.dirs = append(c.dirs, group)
	}
}

// limit sets one limit, and notes whether it holds.
func (c *cage) limit(what, group, file, value string) {
	if err := os.WriteFile(filepath.Join(group, file), []byte(value), 0o600); err != nil {
		what = "not held: " + what + " (" + filepath.Base(file) + ")"
	}
	c.said = append(c.said, what)
}

// take puts a process that has just started into the groups.
func (c *cage) take(pid int) error {
	if c == nil {
		return nil
	}
	for _, dir := range c.dirs {
		if err := os.WriteFile(filepath.Join(dir, "cgroup.procs"), []byte(strconv.Itoa(pid)), 0o600); err != nil {
			return fmt.Errorf("control group: %w", err)
		}
	}
	return nil
}

// close removes the groups; their processes have ended.
func (c *cage) close() {
	if c == nil {
		return
	}
	for _, dir := range c.dirs {
		_ = os.Remove(dir) // a leftover empty group costs nothing
	}
}

func (c *cage) String() string {
	if c == nil {
		return "no limits"
	}
	return strings.Join(c.said, ", ")
}

// deviceOf returns the numbers of the disk that holds a directory, not of the
// partition, which cannot be throttled.
func deviceOf(dir string) (string, error) {
	var stat syscall.Stat_t
	if err := syscall.Stat(dir, &stat); err != nil {
		return "", err
	}
	major, minor := stat.Dev>>8&0xfff, stat.Dev&0xff|stat.Dev>>12&0xfff00
	device := fmt.Sprintf("%d:%d", major, minor)
	at, err := filepath.EvalSymlinks("/sys/dev/block/" + device)
	if err != nil {
		return "", err
	}
	if exists(filepath.Join(at, "partition")) {
		text, err := os.ReadFile(filepath.Join(filepath.Dir(at), "dev"))
		return strings.TrimSpace(string(text)), err
	}
	return device, nil
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
