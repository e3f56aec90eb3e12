package main

import (
	"slices"

	"github.com/zcat/zcat/cmd/zcat/internal/benchmark"
	"github.com/zcat/zcat/cmd/zcat/internal/broker"
	"github.com/zcat/zcat/cmd/zcat/internal/help"
	"github.com/zcat/zcat/cmd/zcat/internal/hub"
	"github.com/zcat/zcat/cmd/zcat/internal/keygen"
	"github.com/zcat/zcat/cmd/zcat/internal/line"
	"github.com/zcat/zcat/cmd/zcat/internal/probe"
	"github.com/zcat/zcat/cmd/zcat/internal/replay"
	"github.com/zcat/zcat/cmd/zcat/internal/session"
	"github.com/zcat/zcat/cmd/zcat/internal/show"
)

// commands lists the commands of zcat: the socket types, then the tools. Each is
// defined in the package that implements it.
func commands(program string) *line.Catalogue {
	return line.NewCatalogue(program, slices.Concat(session.Commands(), []line.Maker{
		{Name: "proxy", Make: broker.Command},
		{Name: "hub", Make: hub.Command},
		{Name: "show", Make: show.Command},
		{Name: "probe", Make: probe.Command},
		{Name: "replay", Make: replay.Command},
		{Name: "bench", Make: benchmark.Command},
		{Name: "keygen", Make: keygen.Command},
		{Name: "completion", Make: func() line.Command { return help.CompletionCommand(program) }},
		{Name: "man", Make: func() line.Command { return help.ManCommand(program) }},
	})...)
}
