# `make` lists the commands. Two matter: `make run` and `make test`.

SHELL := /bin/sh
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:
.DEFAULT_GOAL := help

# build/toolchain is filled only where the system's Go or Node is missing or too old.
export PATH := $(CURDIR)/build/toolchain/go/bin:$(CURDIR)/build/toolchain/node/bin:$(PATH)
export GOTOOLCHAIN := local
# The same flags for build, vet and staticcheck, so that they share one cache: everything is compiled once less.
export GOFLAGS := $(strip $(GOFLAGS) -trimpath -buildvcs=false)
# Go's own default, without NVML's hundred notes about its old functions.
export CGO_CFLAGS ?= -O2 -g -Wno-deprecated-declarations

TAGS    := sqlite_fts5
DESKTOP := $(TAGS),desktop,production,webkit2_41
# Git's answer fails in some containers ("dubious ownership"), so it must not stop the build.
VERSION = $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
# Lazy binding lets the program start where NVIDIA's library is missing.
LDFLAGS = -X main.version=$(VERSION) -extldflags=-Wl,-z,lazy

MODELS  := build/models
RUNTIME := build/runtime/lib
ADDRESS ?= 127.0.0.1:8484

# Everything that ends in a program: Go files and what they embed.
sources = $(shell find $(wildcard $(1)) -type f ! -name '*_test.go' ! -path '*/testdata/*' 2>/dev/null)
GO_SOURCES     := go.mod go.sum $(wildcard *.go) frontend/embed.go $(call sources,app engine monitor storage)
WORKER_SOURCES := go.mod go.sum $(call sources,engine)
UI_SOURCES     := $(shell find frontend -type f ! -path '*/node_modules/*' ! -path 'frontend/dist/*' ! -path 'frontend/tests/*' ! -path '*/messages/gen/*' ! -path '*/project.inlang/cache/*' ! -name '*.go' ! -name '*.test.ts' ! -name '*.test.tsx' 2>/dev/null)
NODE_MODULES   := frontend/node_modules/.package-lock.json

.PHONY: help
help: ## list the commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 22

# ---- what people use

.PHONY: run
run: build ## install what is missing, build, and open the window; without a display serve and print the link
	@if [ -n "$$DISPLAY$$WAYLAND_DISPLAY" ]; then \
		build/setup/packages.sh window && exec make window; \
		echo "Without the window for now."; fi; \
	exec build/bin/alcove serve --listen $(ADDRESS) --models $(MODELS) --runtime $(RUNTIME) $(ARGS)

.PHONY: setup
setup: ## install what is missing: Debian packages, Go, Node, llama.cpp, the first models
	@build/setup/packages.sh run
	@build/setup/toolchain.sh
	@build/setup/runtime.sh
	@build/setup/models.sh

.PHONY: runtime
runtime: ## llama.cpp's libraries with those for a GPU: GPU=vulkan, GPU=cuda (NVIDIA, large) or GPU=auto
	@build/setup/packages.sh run
	@build/setup/toolchain.sh
	@GPU="$(GPU)" build/setup/runtime.sh

.PHONY: gemma
gemma: ## a model for one more test, under terms of its own: prints them; LICENCE=accepted fetches it
	@LICENCE="$(LICENCE)" build/setup/gemma.sh

.PHONY: setup-test
setup-test: setup
	@build/setup/packages.sh test
	@[ "$$(uname -m)" != x86_64 ] || build/setup/runtime.sh --only vulkan build/runtime/gpu # for tests alone: their GPU is llvmpipe

.PHONY: setup-window
setup-window: setup
	@build/setup/packages.sh window

.PHONY: setup-bundle
setup-bundle: setup
	@build/setup/packages.sh bundle

.PHONY: build
build: build/bin/alcove build/bin/alcove-worker ## build the page and the programs into build/bin

.PHONY: window
window: build build/bin/alcove-desktop ## the same in a desktop window (installs GTK and WebKit)
	@exec build/bin/alcove-desktop --listen $(ADDRESS) --models $(MODELS) --runtime $(RUNTIME) $(ARGS)

.PHONY: bundle
bundle: setup-bundle ## pack build/dist/alcove-VERSION-linux-amd64.tar.zst, which installs without network
	@for program in alcove alcove-desktop; do \
		[ "$$(build/bin/$$program version 2>/dev/null)" = "alcove $(VERSION)" ] || rm -f build/bin/$$program; done
	@$(MAKE) build build/bin/alcove-desktop
	@build/bundle/bundle.sh $(VERSION)

.PHONY: bundle-test
bundle-test: setup-test bundle ## install that bundle in an empty Debian without network, ask it, remove it
	@shellcheck -x build/bundle/*.sh
	@build/bundle/test.sh build/dist/alcove-$(VERSION)-linux-amd64.tar.zst

.PHONY: dev
dev: setup $(NODE_MODULES) ## the page with hot reload, against the server of `make run`
	cd frontend && ALCOVE_BASE=http://$(ADDRESS) npm run dev

# ---- how it is built

build/bin/alcove: $(GO_SOURCES) frontend/dist/index.html | setup
	go build -tags $(TAGS) -ldflags '$(LDFLAGS)' -o $@ .

build/bin/alcove-desktop: $(GO_SOURCES) frontend/dist/index.html | setup-window
	go build -tags $(DESKTOP) -ldflags '$(LDFLAGS)' -o $@ .

build/bin/alcove-worker: $(WORKER_SOURCES) | setup
	CGO_ENABLED=0 go build -o $@ ./engine/worker

frontend/dist/index.html: $(NODE_MODULES) $(UI_SOURCES) | setup
	cd frontend && npm run build
	@touch frontend/dist/.keep $@

$(NODE_MODULES): frontend/package.json frontend/package-lock.json | setup
	cd frontend && npm ci --no-audit --no-fund
	@touch $@

build/tools/staticcheck: tools/go.mod tools/go.sum | setup
	cd tools && go build -o ../build/tools/ honnef.co/go/tools/cmd/staticcheck

build/tools/sqlc: tools/go.mod tools/go.sum | setup
	cd tools && CGO_ENABLED=0 go build -o ../build/tools/ github.com/sqlc-dev/sqlc/cmd/sqlc

# ---- checks

# Each step says at its end how long it took.
STEP := build/setup/step.sh
# `make test soak` runs large-count tests once, at their full counts.
ONCE = $(if $(filter soak,$(MAKECMDGOALS)),-skip '^TestSoak')

.PHONY: check
check: setup-test build/tools/staticcheck $(NODE_MODULES) ## fast: format, vet, staticcheck, architecture and size, page types and lint
	@$(STEP) "Go checks" build/setup/check.sh go
	@$(STEP) "page checks" npm --prefix frontend run check

.PHONY: test
test: check build build/bin/alcove-desktop build/tools/sqlc ## every check and test, large counts at 1/20
	@$(STEP) "generated code" build/setup/check.sh generated
	@$(STEP) "other platforms" build/setup/check.sh platforms
	@$(STEP) "Go tests and page tests" $(MAKE) -j2 test-go test-page ONCE="$(ONCE)"
	@$(STEP) "bundle test" $(MAKE) bundle-test

# Beside each other, as each waits often: what the page's say comes in one piece when they have ended.
.PHONY: test-go test-page
test-go:
	@$(STEP) "Go tests" build/setup/test.sh $(ONCE)

test-page:
	@mkdir -p build/.cache
	@code=0; { $(STEP) "page tests" npm --prefix frontend test && $(STEP) "browser tests" npm --prefix frontend run e2e; } \
		>build/.cache/page.log 2>&1 || code=1; cat build/.cache/page.log; exit $$code

.PHONY: soak
soak: setup-test build ## the large-count tests at their full counts
	@ALCOVE_SOAK=1 $(STEP) "soak" build/setup/test.sh -run '^TestSoak' -timeout 55m

# ---- measurements

# Command words of a llama-server to compare with; none: Alcove alone is measured.
LLAMA_SERVER ?= $(if $(PEER_LLAMA),$(PEER_LLAMA) llama-server)
ROUNDS       ?= 3
TEST_PROGRAMS := $(addprefix build/tools/,llama.test models.test local.test usage.test quality.test index.test)

.PHONY: bench
bench: build build/tools/bench $(TEST_PROGRAMS) ## side by side, on an idle machine: LLAMA_SERVER="..." ROUNDS=3 ONLY=w1,one or models, watch, capacity, embed, quality, retrieval100k, ask8 QUICK=1
	@build/tools/bench -model "$(firstword $(wildcard $(MODELS)/SmolLM2-135M-Instruct*.gguf))" -llama-server "$(LLAMA_SERVER)" \
		-llama-test build/tools/llama.test -models-test build/tools/models.test -local-test build/tools/local.test -usage-test build/tools/usage.test -quality-test build/tools/quality.test -index-test build/tools/index.test -rounds $(ROUNDS) -only "$(ONLY)" $(if $(QUICK),-quick)

build/tools/bench: go.mod $(call sources,bench) | setup
	CGO_ENABLED=0 go build -trimpath -o $@ ./bench

build/tools/llama.test: $(WORKER_SOURCES) engine/worker/llama/decode_bench_test.go | setup
	CGO_ENABLED=0 go test -c -o $@ ./engine/worker/llama

build/tools/models.test: $(WORKER_SOURCES) $(wildcard engine/models/*_test.go) | setup
	CGO_ENABLED=0 go test -c -o $@ ./engine/models

build/tools/quality.test: build/bin/alcove build/bin/alcove-worker $(wildcard app/documents/quality/*_test.go examples/*.go examples/handbook/*) | setup
	go test -c -tags $(TAGS) -o $@ ./app/documents/quality

build/tools/index.test: build/bin/alcove $(wildcard app/documents/index/*_test.go) | setup
	go test -c -tags $(TAGS) -o $@ ./app/documents/index

build/tools/usage.test: build/bin/alcove $(wildcard app/operate/usage/*_test.go) | setup
	go test -c -tags $(TAGS) -o $@ ./app/operate/usage

build/tools/local.test: $(WORKER_SOURCES) $(wildcard engine/local/*_test.go) | setup
	go test -c -o $@ ./engine/local

.PHONY: pictures
pictures: setup-test build ## make docs/pictures from the running program and window
	cd frontend && npm run pictures
	ALCOVE_SHOTS=$(CURDIR)/docs/pictures go test -tags $(TAGS) -count=1 -run '^TestWindowPicture$$' .

.PHONY: clean
clean: ## remove what was built; fetched things stay
	rm -rf build/bin build/dist build/tools build/.cache frontend/dist/assets
	find frontend/dist -mindepth 1 ! -name .keep -delete

.PHONY: clean-all
clean-all: clean ## remove what was fetched as well (models, libraries, node_modules)
	rm -rf build/toolchain build/roots build/runtime/lib build/runtime/gpu build/models-extra frontend/node_modules
	rm -f build/models/*.gguf
