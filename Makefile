# The two commands of the README are `make demo` and `make test`; each first installs the Debian packages it needs.
# Everything here is a line or two over scripts/ and the presets of CMakePresets.json.
SHELL := /bin/bash
.DEFAULT_GOAL := help
# Extra words for the demo, e.g. make demo ARGS=--once
ARGS ?=

# Of the network that the extension helps.
CONFIG ?=

.PHONY: help demo extension deb test test-packages check check-full bench lint format fresh clean

help:            ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' Makefile

demo:            ## the whole network on this machine; your browser can be its volunteer
	@scripts/setup build
	@scripts/build release footbridge
	@[[ ' $(ARGS) ' == *' --once '* ]] || scripts/web --if-ready
	@build/release/footbridge demo $(ARGS)

extension:       ## the browser extension for one network: make extension CONFIG=config.json
	@scripts/setup build web
	@scripts/build wasm core_wasm
	@cd web && npm run --silent extension -- $(if $(CONFIG),--config $(abspath $(CONFIG)))

deb:             ## the Debian packages, into build/deb
	@scripts/setup build deb
	@scripts/deb

test-packages:   ## installs the packages in a Debian 12 made from nothing, and runs their services there (root)
	@scripts/setup build test deb fresh
	@scripts/build release footbridge
	@python3 tests/packages/packages.py --program $(CURDIR)/build/release/footbridge --debian

test:            ## everything a change must pass (about an hour from nothing on two cores)
	@scripts/setup build test web interop deb
	@scripts/test sanitized fuzz wasm web release threads

check:           ## the daily round: unit, contract and policy tests (minutes)
	@scripts/setup build test
	@scripts/test check

check-full:      ## make test with long fuzzing (FB_FUZZ_SECONDS, default 600) and all tests under TSan
	@scripts/setup build test web interop deb
	@FB_FUZZ_SECONDS=$${FB_FUZZ_SECONDS:-600} scripts/test sanitized fuzz wasm web release threads-all

bench:           ## figures of the release build; no verdict
	@scripts/setup build test web
	@scripts/bench $(ARGS)

lint:            ## layout and static analysis of what changed since main
	@scripts/setup build test lint
	@scripts/lint

format:          ## lays out what changed since main
	@scripts/setup lint
	@scripts/lint --fix-layout

fresh:           ## proves demo and test inside a minimal Debian 12 (root, about an hour)
	@scripts/fresh $(ARGS)

clean:           ## removes every build
	@rm -rf build web/packages/*/build
