package main

import (
	"context"
	"log/slog"
)

// notifyReady tells the service manager that we serve, and keeps its watchdog
// content while our loops turn.
func notifyReady(context.Context, *appliance, *slog.Logger) {}

// stopping tells it that we end.
func stopping() {}
