// Package systemd talks to the service manager that started this process: it
// says when the service is ready, what it does, that it stops, and keeps the
// watchdog content while the program's loops turn.
//
// It speaks the protocol of sd_notify(3) over the datagram socket named by
// NOTIFY_SOCKET. Without that variable every function does nothing and returns
// no error, so that the same program runs by hand and in a container.
//
// The directory also has what installs the service: the unit, the file with its
// settings, the recipe and scripts of the Debian package, and scripts that
// raise an alarm.
//
// Start reading at [Ready] and [Watch].
package systemd
