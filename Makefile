# The only door: people and CI call these targets and nothing else.

NAME    ?= zcat
PREFIX  ?= /usr/local
DESTDIR ?=
FUZZTIME ?= 10s

GO       ?= go
LINT     := $(CURDIR)/.bin/golangci-lint
LINT_PKG := github.com/golangci/golangci-lint/v2/cmd/golangci-lint@v2.5.0
# Without its documentation generator, urfave/cli takes half of the time to start.
BUILD    := CGO_ENABLED=0 $(GO) build -trimpath -tags urfave_cli_no_docs -ldflags '-s -w'
TARGETS  := linux/amd64 linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64
SCRIPTS  := $(shell find scripts -name '*.sh') .ci/run

.PHONY: build demo test lint check fuzz vuln bench install dist clean help

build: ## build ./zcat, one static binary
	$(BUILD) -o zcat ./cmd/zcat

demo: build ## build, and show a first exchange and its envelope
	@scripts/demo.sh

# One package at a time: a port that one has found free, another would take.
test: ## run every test under the race detector, libzmq as the judge
	scripts/setup.sh test
	CGO_ENABLED=1 $(GO) test -race -shuffle=on -p 1 -timeout 5m ./...

lint: $(LINT) ## check format, style, architecture, scripts and all platforms
	scripts/setup.sh lint
	$(LINT) run ./...
	shellcheck $(SCRIPTS)
	@for t in $(TARGETS); do \
		echo "vet $$t"; \
		GOOS=$${t%/*} GOARCH=$${t#*/} CGO_ENABLED=0 $(GO) vet ./... || exit 1; \
	done

check: test lint ## test, then lint: all that CI does

fuzz: ## run each fuzz target for FUZZTIME (10s)
	scripts/fuzz.sh $(FUZZTIME)

vuln: ## look for known vulnerabilities, where govulncheck's database can be reached
	@GO='$(GO)' scripts/vuln.sh

bench: build ## compare with libzmq in C and with pyzmq on this machine (BENCH='--rounds 7 --only proxy')
	@scripts/setup.sh bench
	@$(GO) run ./scripts/bench $(BENCH)

install: build ## install under PREFIX (/usr/local) as NAME (zcat)
	install -d '$(DESTDIR)$(PREFIX)/bin'
	install -m 755 zcat '$(DESTDIR)$(PREFIX)/bin/$(NAME)'

dist: ## build dist/zcat-OS-ARCH for every platform
	@for t in $(TARGETS); do \
		os=$${t%/*} arch=$${t#*/}; out=dist/zcat-$$os-$$arch; \
		if [ $$os = windows ]; then out=$$out.exe; fi; \
		echo "$$out"; \
		GOOS=$$os GOARCH=$$arch $(BUILD) -o $$out ./cmd/zcat || exit 1; \
	done

clean: ## remove what the other targets made
	rm -rf zcat dist .bin

help: ## print this list
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r target text; do \
		printf '%-8s %s\n' "$$target" "$$text"; \
	done

# An installed golangci-lint of the same version saves minutes of building it.
$(LINT):
	@mkdir -p .bin
	@found=$$(PATH="$$PATH:$$($(GO) env GOPATH)/bin" command -v golangci-lint || true); \
	if [ -n "$$found" ] && "$$found" version | grep -q 'version v\{0,1\}2\.5\.0 '; then \
		ln -sf "$$found" $(LINT); \
	else \
		echo 'building golangci-lint, once'; GOBIN=$(CURDIR)/.bin $(GO) install $(LINT_PKG); \
	fi
