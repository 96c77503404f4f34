# Dossier. `make` alone lists the targets.
SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help run build web web-test e2e screenshots test lint fmt fmt-check clippy deny audit unit cedar ledger doors scim attack api scan servers faults faults-short sbom bench clean-demo compiler node page binary
.NOTPARALLEL:

export CARGO_TARGET_DIR ?= $(CURDIR)/target
export PATH := $(if $(CARGO_HOME),$(CARGO_HOME),$(HOME)/.cargo)/bin:$(PATH)

# What the tests of the whole program drive.
DOSSIER_BIN ?= $(CARGO_TARGET_DIR)/debug/dossier
export DOSSIER_BIN

CARGO_DENY := 0.20.2
CARGO_AUDIT := 0.22.2
# A checkout of the RustSec advisory database; nothing is fetched.
DOSSIER_ADVISORY_DB ?= $(wildcard ../shared/data/advisory-db)

DEMO := data/demo
LISTEN ?= 127.0.0.1:8480

help: ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | while IFS='|' read -r name text; do \
	  printf '  make %-12s %s\n' "$$name" "$$text"; done

run: page compiler ## build quickly and serve a small made-up demo on this machine only (LISTEN=127.0.0.1:8480)
	cargo build --locked -p dossier-cli
	@mkdir -p data
	@printf '\nDossier with made-up customers: http://%s (data in ./%s; stop with Ctrl C).\nSecrets of its programs are shown at the first start only; `make clean-demo` starts anew.\n\n' '$(LISTEN)' '$(DEMO)'
	@DOSSIER__KEYS__KEYSTORE="$${DOSSIER__KEYS__KEYSTORE:-$(CURDIR)/$(DEMO).keystore}" \
	  $(CARGO_TARGET_DIR)/debug/dossier --data $(DEMO) serve --demo --listen '$(LISTEN)'

web: node ## build the browser part into web/dist, which the program then holds
	@[ -e web/dist/index.html ] || touch crates/server/build.rs
	@npm --prefix web run --silent build
	@touch crates/server/build.rs
	@npm --prefix web run --silent size

web-test: node ## types, style and tests of the browser part
	@npm --prefix web run --silent check
	@npm --prefix web run --silent test

e2e: web binary ## the browser part in a real browser against the real program (CHROMIUM=/path/to/it)
	@[ -n "$${CHROMIUM:-}" ] || scripts/tools.sh system chromium chromium
	@npm --prefix web run --silent e2e

screenshots: web binary ## docs/pictures, taken from the demo
	@[ -n "$${CHROMIUM:-}" ] || scripts/tools.sh system chromium chromium fonts-noto-cjk
	@npm --prefix web run --silent screenshots

clean-demo: ## remove the demo's data folder and its keystore
	rm -rf $(DEMO) $(DEMO).keystore

build: page compiler ## release binary: $CARGO_TARGET_DIR/release/dossier (default target/)
	cargo build --locked --release -p dossier-cli
	@printf 'built %s\n' '$(CARGO_TARGET_DIR)/release/dossier'

test: web lint unit cedar ledger doors scim attack api servers faults-short web-test e2e ## everything that CI runs
	@printf 'all checks and tests passed\n'

lint: fmt-check clippy deny audit ## formatting, clippy, licences, sources, known vulnerabilities

fmt: ## format the code
	cargo fmt --all

fmt-check: ## only check the formatting
	cargo fmt --all --check

clippy: compiler
	cargo clippy --locked --workspace --all-targets -- -D warnings

deny:
	@scripts/tools.sh cargo cargo-deny $(CARGO_DENY)
	cargo deny --locked --log-level error check licenses bans sources

audit:
	@if [ -d '$(DOSSIER_ADVISORY_DB)' ]; then \
	  scripts/tools.sh cargo cargo-audit $(CARGO_AUDIT); \
	  cargo audit --db '$(DOSSIER_ADVISORY_DB)' --no-fetch --stale --no-yanked; \
	else \
	  printf 'cargo audit skipped: DOSSIER_ADVISORY_DB names no advisory database\n'; \
	fi
	@found=$$(npm --prefix web audit --omit=dev --json --fetch-retries=0 --fetch-timeout=20000 2>/dev/null) || case "$$found" in \
	  *'"auditReportVersion"'*) npm --prefix web audit --omit=dev; exit 1 ;; \
	  *) printf 'npm audit skipped: no registry that knows advisories answers\n' ;; \
	esac

unit: compiler ## the Rust tests, and again on MySQL what uses a store
	scripts/with_mariadb.sh cargo test --locked --workspace
	DOSSIER_TEST_STORE=mysql scripts/with_mariadb.sh cargo test --locked --workspace --test '*'

cedar: compiler ## what people may do, decided again by a policy engine of others
	@cargo fmt --manifest-path tests/cedar/Cargo.toml --check
	CARGO_TARGET_DIR='$(CARGO_TARGET_DIR)/cedar' cargo test --locked --manifest-path tests/cedar/Cargo.toml

ledger: binary ## the ledger, checked by a verifier that is not ours
	@python=$$(scripts/tools.sh python); "$$python" -m pytest -q -p no:cacheprovider tests/ledger

doors: binary ## every exit as each role, searched for what the role must not see, on both stores
	@PATH="$$PATH:/usr/sbin" scripts/tools.sh system nginx nginx-light || printf 'a cache between callers is not tried\n'
	@python=$$(scripts/tools.sh python); "$$python" -m pytest -q -p no:cacheprovider tests/side_doors
	@python=$$(scripts/tools.sh python); DOSSIER_TEST_STORE=mysql scripts/with_mariadb.sh \
	  "$$python" -m pytest -q -p no:cacheprovider tests/side_doors

scim: binary ## people from a directory, checked by scim2-tester
	@python=$$(scripts/tools.sh python); "$$python" -m pytest -q -p no:cacheprovider tests/scim

attack: binary ## what an attacker sends: odd messages, tokens, ids and texts; nothing gives way
	@python=$$(scripts/tools.sh python); "$$python" -m pytest -q -p no:cacheprovider tests/attack

api: binary ## schemathesis against the real server, on both stores
	@scripts/schemathesis.sh
	@DOSSIER_TEST_STORE=mysql scripts/with_mariadb.sh scripts/schemathesis.sh

scan: binary ## wapiti, sqlmap and testssl.sh against everything that the real server answers, on both stores (some fifteen minutes)
	@python=$$(scripts/tools.sh python); scanners=$$(scripts/tools.sh python requirements-scan.txt); \
	  DOSSIER_SCANNERS=$${scanners%/*} "$$python" -m pytest -q -p no:cacheprovider tests/scan
	@python=$$(scripts/tools.sh python); scanners=$$(scripts/tools.sh python requirements-scan.txt); \
	  DOSSIER_SCANNERS=$${scanners%/*} DOSSIER_TEST_STORE=mysql scripts/with_mariadb.sh \
	  "$$python" -m pytest -q -p no:cacheprovider tests/scan/test_scan.py

servers: binary ## two servers on one database, while database, connections and servers are killed
	@python=$$(scripts/tools.sh python); "$$python" -m pytest -q -p no:cacheprovider tests/servers

faults-short: binary ## crashes, power loss, ill disks, clocks, load: failures/attempts of each
	@scripts/tools.sh system faketime faketime
	@python=$$(scripts/tools.sh python); scripts/with_mariadb.sh "$$python" -m pytest -q -p no:cacheprovider tests/faults
	@python=$$(scripts/tools.sh python); DOSSIER_TEST_STORE=mysql DOSSIER_FAULT_TIMES=0.25 scripts/with_mariadb.sh \
	  "$$python" -m pytest -q -p no:cacheprovider tests/faults/test_crash.py

faults: binary ## the same for long: DOSSIER_FAULT_TIMES (60; on a database DOSSIER_FAULT_TIMES_DATABASE, 20), DOSSIER_FAULT_ROUNDS (1000) of each race, DOSSIER_FAULT_KILLS (200) of each kind of work, DOSSIER_FAULT_SECONDS (600) for each parser and on two servers
	@scripts/tools.sh system faketime faketime
	@python=$$(scripts/tools.sh python); DOSSIER_FAULT_TIMES=$${DOSSIER_FAULT_TIMES:-60} scripts/with_mariadb.sh \
	  "$$python" -m pytest -q -p no:cacheprovider tests/faults
	@python=$$(scripts/tools.sh python); DOSSIER_TEST_STORE=mysql DOSSIER_FAULT_TIMES=$${DOSSIER_FAULT_TIMES_DATABASE:-20} \
	  scripts/with_mariadb.sh "$$python" -m pytest -q -p no:cacheprovider tests/faults/test_crash.py
	DOSSIER_FAULT_ROUNDS=$${DOSSIER_FAULT_ROUNDS:-1000} cargo test --locked --workspace --test races --test approvals
	DOSSIER_TEST_STORE=mysql DOSSIER_FAULT_ROUNDS=$${DOSSIER_FAULT_ROUNDS:-1000} scripts/with_mariadb.sh \
	  cargo test --locked --workspace --test races --test approvals
	DOSSIER_FAULT_ROUNDS=$${DOSSIER_FAULT_KILLS:-200} cargo test --locked --workspace --test kill
	DOSSIER_TEST_STORE=mysql DOSSIER_FAULT_ROUNDS=$${DOSSIER_FAULT_KILLS:-200} scripts/with_mariadb.sh \
	  cargo test --locked --workspace --test kill
	DOSSIER_TAMPER_TIMES=$${DOSSIER_TAMPER_TIMES:-6} cargo test --locked --workspace --test tamper -- --nocapture
	DOSSIER_TEST_STORE=mysql DOSSIER_TAMPER_TIMES=1 scripts/with_mariadb.sh \
	  cargo test --locked --workspace --test tamper -- --nocapture
	DOSSIER_FUZZ_SECONDS=$${DOSSIER_FAULT_SECONDS:-600} cargo test --locked --workspace fuzz
	@python=$$(scripts/tools.sh python); DOSSIER_FAULT_SECONDS=$${DOSSIER_FAULT_SECONDS:-600} \
	  "$$python" -m pytest -q -s -p no:cacheprovider tests/servers

sbom: node ## what the program and its browser part are made of, as CycloneDX
	@mkdir -p '$(CARGO_TARGET_DIR)/sbom'
	@python=$$(scripts/tools.sh python); "$$python" scripts/sbom.py >'$(CARGO_TARGET_DIR)/sbom/program.cdx.json'
	@cd web && npm sbom --omit dev --package-lock-only --sbom-format cyclonedx >'$(CARGO_TARGET_DIR)/sbom/web.cdx.json'
	@printf 'written: %s\n' '$(CARGO_TARGET_DIR)'/sbom/*.cdx.json

bench: build ## reproducible measurements (see bench/README.md)
	@scripts/tools.sh system wrk wrk
	@DOSSIER_BIN=$(CARGO_TARGET_DIR)/release/dossier bench/run
	CARGO_TARGET_DIR='$(CARGO_TARGET_DIR)/cedar' cargo run --release --locked --manifest-path tests/cedar/Cargo.toml --example speed

# The binary as the Rust tests build it, so that nothing is built twice with other features.
binary: compiler
	@cargo test --locked --workspace --no-run --quiet

# What runs and builds takes the browser part along where it can be built.
page:
	@if command -v npm >/dev/null; then $(MAKE) --no-print-directory web; \
	else printf 'no npm here: the program is built without its browser part\n'; fi

# Packages as the lock file has them, again only when it has changed.
node:
	@command -v npm >/dev/null || { printf 'needed: Node 20.19 or newer, with npm\n'; exit 1; }
	@[ web/node_modules/.package-lock.json -nt web/package-lock.json ] || npm --prefix web ci --no-fund --no-audit

compiler:
	@command -v cargo >/dev/null || { printf 'needed: Rust 1.95 or newer, with cargo, clippy and rustfmt\n'; exit 1; }
	@scripts/tools.sh system cc gcc
