# Type `make` for the list of what there is. What is longer than a line is in scripts/.
# Kept to what GNU make 3.81 understands, which is the one on macOS.

MODULE := github.com/olympiades-ia/olymp-cache
BINARY := bin/olymp-cache

# --git-dir: an unpacked archive must not take its version from a repository it happens to lie in.
GIT     := git --git-dir=.git
VERSION ?= $(or $(shell $(GIT) describe --tags --always --dirty 2>/dev/null),dev)
COMMIT  ?= $(shell $(GIT) rev-parse --short HEAD 2>/dev/null)
DATE    ?= $(shell $(GIT) log -1 --format=%cI 2>/dev/null)
STAMP   := -X $(MODULE)/internal/cli.version=$(VERSION) \
           -X $(MODULE)/internal/cli.commit=$(COMMIT) \
           -X $(MODULE)/internal/cli.date=$(DATE)

# A smaller binary, see docs/decisions/0004-size.md: no HTTP/2, which the two GETs of --api do not need, no inlining, and less
# padding between functions.
LEAN := -tags nethttpomithttp2 -gcflags=all=-l
TIGHT := -funcalign=8

# How long each fuzz target runs.
FUZZTIME ?= 20s

.DEFAULT_GOAL := help
.PHONY: help build demo test lint format vuln bench fuzz docs release-snapshot release clean

help: ## this list
	@awk 'BEGIN { FS = ":.*## " } /^[a-z-]+:.*## / { printf "  make %-17s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

build: ## the program, into bin/olymp-cache
	CGO_ENABLED=0 go build -trimpath $(LEAN) -ldflags "-s -w $(TIGHT) $(STAMP)" -o $(BINARY) ./cmd/olymp-cache

demo: build ## the program on a cache of its own: no Redis needed
	$(BINARY) demo

test: ## all tests on real Redis servers, with the race detector and coverage
	scripts/test.sh

lint: ## format, static checks, other systems, go.mod, shell scripts
	scripts/lint.sh

format: ## rewrites the Go files as `make lint` wants them
	scripts/ensure-tools.sh golangci-lint
	.tools/bin/golangci-lint fmt

vuln: ## known vulnerabilities in what the program reaches (asks vuln.go.dev)
	scripts/ensure-tools.sh govulncheck
	.tools/bin/govulncheck ./...

bench: build ## measures speed and memory
	scripts/bench.sh

fuzz: ## every fuzz target for FUZZTIME=20s
	FUZZTIME=$(FUZZTIME) scripts/fuzz.sh

docs: ## man pages, the findings' pages and the packed messages, from the code and internal/i18n
	go run ./cmd/gen-docs # packs the messages,
	go run ./cmd/gen-docs # with which the pages are made

release-snapshot: ## every archive and package of a release, into dist/, publishing nothing
	scripts/ensure-tools.sh goreleaser syft
	.tools/bin/goreleaser check
	PATH="$(CURDIR)/.tools/bin:$$PATH" .tools/bin/goreleaser release --snapshot --clean

release: ## publishes the tag that is checked out, with the notes in NOTES=FILE (the release workflow)
	scripts/ensure-tools.sh goreleaser syft
	PATH="$(CURDIR)/.tools/bin:$$PATH" .tools/bin/goreleaser release --clean --release-notes "$(NOTES)"

clean: ## removes what was built; the tools in .tools stay
	rm -rf bin dist generated coverage.out
