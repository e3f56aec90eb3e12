# The only door: people and CI call these targets and nothing else.

NAME    ?= zcat
PREFIX  ?= /usr/local
DESTDIR ?=
FUZZTIME ?= 10s
MINUTES ?= 60

GO       ?= go
export GO
LINT     := $(CURDIR)/.bin/golangci-lint
LINT_PKG := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.5.0
# Without its documentation generator, urfave/cli takes half of the time to start.
TAGS     := urfave_cli_no_docs
# On Linux it has a look at stdin and stdout before Go's runtime opens what is closed (cmd/zcat/entry_linux.go).
ENTRY     = $(if $(filter linux/amd64 linux/arm64,$(shell $(GO) env GOOS)/$(shell $(GO) env GOARCH)),-E main.entry)
BUILD     = CGO_ENABLED=0 $(GO) build -trimpath -buildvcs=auto -tags '$(TAGS)' -ldflags '-s -w $(ENTRY)'
OUT      ?= zcat
TARGETS  := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
# What is compiled only: words of 32 bits, the other byte order, other systems.
COMPILED := linux/386 linux/arm linux/riscv64 linux/s390x freebsd/amd64 openbsd/amd64
# Tests of what depends on the processor or the system, which need nothing but Go.
PORTABLE := ./pkg/frames/... ./pkg/internal/framing/... ./pkg/internal/vector/... ./pkg/sockets/internal/zmtp/... ./pkg/sockets/internal/ws/... ./pkg/sockets/internal/topics/... ./cmd/zcat/internal/packets/...
# Tests that take every lock of a socket, whose order is checked (pkg/sockets/internal/locks).
LOCKED   := Order|Schedules|Conformance|Unbind|HoldsUpNobody|Place|Proxy|Handover|Stall|Subscri|Curve|Memory|Heartbeat|Linger|Events
# Tests for which the race detector is of no use: where one goroutine reads command
# lines, which takes it ten times as long, that build a zcat of their own, or that
# measure memory, of which it needs much itself.
ALONE_IN := ./cmd/zcat ./pkg/sockets ./pkg/sockets/internal/zmtp
ALONE    := TestAccountIsTheHeap|TestChecks|TestCompletion.*|TestEnds|TestEveryBadValueIsExplained|TestEveryCut|TestGuideChecks|TestHint.*|TestHubHints|TestLongCommandPassesBy|TestManual|TestMemoryOfFilter.*|TestMemoryOfLongLines|TestMemoryOfReplies|TestMillionLines|TestStreamsClosedAtTheStart|TestTopics.*
ROOT     = $(DESTDIR)$(PREFIX)
MAN      = $(ROOT)/share/man/man1
COMPLETIONS = bash-completion/completions/$(NAME) zsh/site-functions/_$(NAME) fish/vendor_completions.d/$(NAME).fish
# What may stand at the top.
TOP      := \..*|[A-Z]+\.md|LICENSE|Makefile|go\.(mod|sum)|cmd|pkg|scripts|testdata
SCRIPTS  := $(shell find scripts -name '*.sh') .ci/run

.PHONY: build demo guide test test-386 smoke foreign lint check fuzz vuln faults peers judges bench differential soak soak-hub install uninstall dist image dist-check release clean help

# The system keeps a file in memory in pieces as large as the writes were. A copy written at
# once starts half a millisecond sooner than what the linker wrote, a tenth sooner than cp's.
build: ## build ./zcat, one static binary (OUT=PATH for another place)
	@mkdir -p .bin
	@echo "$(BUILD) -o .bin/linked ./cmd/zcat"
	@$(BUILD) -o .bin/linked ./cmd/zcat || { \
		GOPROXY=off $(GO) list -deps ./cmd/zcat >/dev/null 2>&1 || echo "build: Go could not download all modules from $$($(GO) env GOPROXY):" \
			'set GOPROXY to a proxy that can be reached, or copy GOMODCACHE from a machine where "go mod download" worked' >&2; \
		exit 1; \
	}
	@dd if=.bin/linked of='$(OUT).new' bs=16777216 2>.bin/copied || { cat .bin/copied >&2; exit 1; }
	@chmod +x '$(OUT).new' && mv -f '$(OUT).new' '$(OUT)'

demo: build ## build, and show a first exchange and its envelope
	@scripts/demo.sh

guide: build ## build, and run each system of the ZeroMQ Guide in scripts/guide
	@for s in scripts/guide/*.sh; do \
		[ "$${s##*/}" = lib.sh ] || { echo "$${s##*/}"; "$$s" || exit 1; }; \
	done

test: ## run every test, what can race under the race detector, libzmq as the judge
	scripts/setup.sh test
	CGO_ENABLED=1 GORACE=atexit_sleep_ms=0 $(GO) test -race -shuffle=on -p 2 -parallel 6 -timeout 20m -skip '^($(ALONE))$$' ./...
	$(GO) test -shuffle=on -p 2 -run '^($(ALONE)|Test.*Schedules.*)$$' $(ALONE_IN)
	$(GO) test -tags lockorder -short -run '$(LOCKED)' ./pkg/sockets/...

test-386: ## run the library's tests with words of 32 bits, on a processor that has them
	@case "$$(uname -m)" in \
		x86_64|i?86) CGO_ENABLED=0 GOARCH=386 $(GO) test -shuffle=on -p 1 -timeout 20m ./pkg/... ;; \
		*) echo 'test-386: this processor runs no 386' ;; \
	esac

smoke: build ## run what any system with Go can run: tests of the library's core, and ./zcat once through
	$(GO) test -short $(PORTABLE)
	scripts/smoke.sh './$(OUT)'

foreign: ## run the same on s390x, arm and arm64 under qemu, and for Windows under wine
	scripts/setup.sh foreign
	@GO='$(GO)' TAGS='$(TAGS)' TESTS='$(PORTABLE)' scripts/foreign/run.sh

lint: $(LINT) ## check format, style, architecture, scripts and all platforms
	scripts/setup.sh lint
	@! git ls-files | cut -d/ -f1 | grep -vxE '$(TOP)' || { echo 'make: the files above have no place at the top: put them into a directory, or take them out' >&2; exit 1; }
	$(LINT) run ./...
	shellcheck $(SCRIPTS)
	@for t in $(TARGETS); do \
		echo "vet $$t"; \
		GOOS=$${t%/*} GOARCH=$${t#*/} CGO_ENABLED=0 $(GO) vet ./... || exit 1; \
	done
	@for t in $(COMPILED); do \
		echo "compile $$t"; \
		GOOS=$${t%/*} GOARCH=$${t#*/} CGO_ENABLED=0 $(GO) build ./... || exit 1; \
	done

check: test lint ## test, then lint: all that CI does

fuzz: ## run each fuzz target for FUZZTIME (10s)
	scripts/fuzz.sh $(FUZZTIME)

vuln: ## look for known vulnerabilities, where govulncheck's database can be reached
	@GO='$(GO)' scripts/vuln.sh

faults: ## let networks, machines and peers fail, go to the limits of scale, and write testdata/faults.md
	scripts/setup.sh test
	ZCAT_FAULTS=all ZCAT_FAULTS_TABLE='$(CURDIR)/testdata/faults.md' $(GO) test -count=1 -timeout 30m -parallel 16 ./scripts/faults

# JeroMQ needs a Java, ws Node.js and Chromium, which is why they are not a part of test.
peers: ## exchange messages with JeroMQ, libzmq, zmq4, jszmq, Chromium, nc and curl in all roles, and write testdata/peers.md
	scripts/setup.sh peers
	ZCAT_PEERS='$(CURDIR)/testdata/peers.md' $(GO) test -count=1 -timeout 20m -run 'Interop|OldPeers|TestPeers' ./pkg/sockets
	$(GO) test -count=1 -run TestDraftsActAsLibzmq ./scripts/differential

# promtool is in .bin/judges where the system has none.
judges: ## show the metrics to promtool and the units in the topics to systemd-analyze
	scripts/setup.sh judges
	PATH="$$PATH:$(CURDIR)/.bin/judges" ZCAT_JUDGES=all $(GO) test -tags '$(TAGS)' -count=1 -run '^TestJudge' ./cmd/zcat

bench: build ## compare with libzmq in C and with pyzmq on this machine (BENCH='--rounds 7 --only proxy')
	@scripts/setup.sh bench
	@$(GO) run ./scripts/bench $(BENCH)

# A target's own time, unless MINUTES is given.
differential: MINUTES := $(if $(filter file,$(origin MINUTES)),10,$(MINUTES))
differential: ## send random ZMTP to these sockets and to libzmq's for MINUTES (10); both must act alike (DIFFERENTIAL='-seed 7')
	@scripts/setup.sh test
	$(GO) run ./scripts/differential -minutes $(MINUTES) $(DIFFERENTIAL)
	@if [ -d .bin/peers/node_modules/zeromq ]; then \
		echo 'the draft types:' && $(GO) run ./scripts/differential -drafts -minutes $(MINUTES) $(DIFFERENTIAL); \
	else \
		echo "differential: the draft types are left out, since npm's zeromq is missing (scripts/setup.sh peers)"; \
	fi

soak: ## let peers of zcat, libzmq and zmq4 come and go for MINUTES (60); nothing may leak or be altered
	@scripts/setup.sh test
	$(GO) run ./scripts/soak -minutes $(MINUTES)

soak-hub: build ## kill clients and workers of a load-balancing hub for MINUTES (60); no other request may be lost
	@scripts/setup.sh test
	$(GO) run ./scripts/soak -minutes $(MINUTES) -broker ./zcat

# Manual pages and completions speak of the program by the name it runs under.
install: build ## install under PREFIX (/usr/local) as NAME (zcat), with manual pages and completions
	install -d '$(ROOT)/bin' '$(MAN)' $(foreach f,$(COMPLETIONS),'$(dir $(ROOT)/share/$f)')
	install -m 755 zcat '$(ROOT)/bin/$(NAME)'
	'$(ROOT)/bin/$(NAME)' man --dir '$(MAN)'
	'$(ROOT)/bin/$(NAME)' completion bash >'$(ROOT)/share/$(word 1,$(COMPLETIONS))'
	'$(ROOT)/bin/$(NAME)' completion zsh >'$(ROOT)/share/$(word 2,$(COMPLETIONS))'
	'$(ROOT)/bin/$(NAME)' completion fish >'$(ROOT)/share/$(word 3,$(COMPLETIONS))'

uninstall: ## remove what install installed, given the same PREFIX and NAME
	@if [ -x '$(ROOT)/bin/$(NAME)' ]; then \
		pages=$$(mktemp -d) && '$(ROOT)/bin/$(NAME)' man --dir "$$pages" && \
		for page in "$$pages"/*; do rm -f "$(MAN)/$${page##*/}"; done; rm -rf "$$pages"; \
	fi
	rm -f '$(ROOT)/bin/$(NAME)' $(foreach f,$(COMPLETIONS),'$(ROOT)/share/$f')

dist: ## make all that is released in dist/, for every platform; the same commit gives the same bytes
	$(GO) run ./scripts/dist -name '$(NAME)' -tags '$(TAGS)' -targets '$(TARGETS)'

image: ## make a container image with nothing but zcat for linux, dist/NAME-image.tar (OCI); needs no daemon
	$(GO) run ./scripts/dist -image -name '$(NAME)' -tags '$(TAGS)' -targets 'linux/amd64 linux/arm64'

dist-check: ## build the commit twice, compare, show the packages to lintian and rpm, install and run them
	scripts/setup.sh dist
	$(GO) test ./scripts/dist -count=1 -timeout 30m -v -run Release -release

release: ## check that tag, version and changelog agree, make dist and check it; what changed is in .bin/notes.md then
	@mkdir -p .bin
	scripts/release.sh >.bin/notes.md
	$(MAKE) dist dist-check

clean: ## remove what the other targets made
	rm -rf zcat dist .bin

help: ## print this list
	@sed -n 's/^\([a-z0-9-]*\):[^#]*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r target text; do \
		printf '%-12s %s\n' "$$target" "$$text"; \
	done

# An installed golangci-lint of the same version saves minutes of building it.
$(LINT):
	@mkdir -p .bin
	@found=$$(PATH="$$PATH:$$($(GO) env GOPATH)/bin" command -v golangci-lint || true); \
	if [ -n "$$found" ] && "$$found" version | grep -q 'version v\{0,1\}2\.5\.0 '; then \
		ln -sf "$$found" $(LINT); \
	else \
		echo 'building golangci-lint, once'; GOBIN=$(CURDIR)/.bin scripts/setup.sh linter $(LINT_PKG); \
	fi
