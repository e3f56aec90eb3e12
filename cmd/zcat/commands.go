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
	return line.NewCatalogue(program, slices.Concat(session.Commands(), []line.Command{
		broker.Command(), hub.Command(), show.Command(), probe.Command(), replay.Command(), benchmark.Command(),
		keygen.Command(), help.CompletionCommand(program), help.ManCommand(program),
	})...)
}
