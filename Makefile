# What there is to do, each in one word. `make help` lists it.

ITEMS ?= tests/data/sample-account
RULES := $(notdir $(wildcard functions/*))
PYTHON ?= python3
VENV := .venv/installed
CARGO_HOME ?= $(HOME)/.cargo

ITEM_COUNTS ?= 10000 100000 1000000
RDKLIB := target/bench/rdklib/installed
RULE ?= lambda-small-single-purpose
REPRODUCED = $(if $(filter all,$(RULE)),$(RULES),$(RULE))

.DEFAULT_GOAL := help
.PHONY: help run test check lint build bench bench-rdklib reproducible generate refresh-data new-rule clean

help: ## Show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 20

run: ## Run the real functions under the local AWS Config over a sample account (or ITEMS=path)
	@echo "==> Building the functions and the command (minutes the first time, seconds after that)"
	cargo build --workspace --bins
	@echo "==> Running them over $(ITEMS)"
	target/debug/serverless-conformance run --functions target/debug --exit-zero $(ITEMS)

test: $(VENV) ## Run all tests
	@echo "==> Building what the tests run, then testing (minutes the first time)"
	cargo build --workspace --bins
	cargo test --workspace

check: lint test ## Everything a change must pass: lint and test

lint: ## Format, lints, documents, generated files, licences
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
	cargo xtask generate --check
	@if command -v cargo-deny >/dev/null; then cargo deny check bans licenses sources; \
	else echo "skipped: cargo-deny is not installed (cargo install cargo-deny)"; fi

# What is deployed holds no path of the machine that built it, and so is the same wherever it was built.
build bench reproducible: export RUSTFLAGS += --remap-path-prefix=$(CARGO_HOME)/registry/src=crates

build: ## Build what is deployed: target/lambda/<rule>/bootstrap, and the command as a release
	@echo "==> Building $(words $(RULES)) functions and the command, optimized (many minutes the first time)"
	cargo build --release --bins $(addprefix --package ,$(RULES)) --package serverless-conformance
	@for rule in $(RULES); do \
	  mkdir -p target/lambda/$$rule && cp target/release/$$rule target/lambda/$$rule/bootstrap; done
	@ls -l $(RULES:%=target/lambda/%/bootstrap) target/release/serverless-conformance | awk '{print $$5, $$9}'

bench: ## Measure the functions and the command (ten minutes after the build; ITEM_COUNTS="10000 100000" for less)
	@echo "==> Building all functions, the command and the bench, optimized (many minutes the first time)"
	cargo build --release --bins $(addprefix --package ,$(RULES)) --package serverless-conformance --package bench
	target/release/bench functions
	target/release/bench offline --items $(ITEM_COUNTS)

bench-rdklib: $(RDKLIB) ## The same, and a rule on AWS's library for rules in Python beside them
	$(MAKE) bench

reproducible: ## Build a function here and from a copy elsewhere, and compare (RULE=name, or RULE=all)
	@echo "==> Building $(REPRODUCED) here (many minutes the first time)"
	cargo build --release --locked $(foreach rule,$(REPRODUCED),--package $(rule) --bin $(rule))
	@echo "==> Building the same from a copy in target/elsewhere (as long again)"
	rm -rf target/elsewhere/source && mkdir -p target/elsewhere/source
	git ls-files --cached --others --exclude-standard -z | xargs -0 tar -cf - | tar -xf - -C target/elsewhere/source
	cd target/elsewhere/source && CARGO_TARGET_DIR=../target \
	  cargo build --release --locked $(foreach rule,$(REPRODUCED),--package $(rule) --bin $(rule))
	@cd target/release && sha256sum $(REPRODUCED) > ../elsewhere/here
	@cd target/elsewhere/target/release && sha256sum --check ../../here

generate: ## Write again what is made from the catalogue
	cargo xtask generate

refresh-data: ## Renew the data of AWS that rules are compiled with (all, or DATA=runtimes; CHECKOUT=path)
	cargo xtask refresh-data --python $(PYTHON) $(if $(CHECKOUT),--checkout $(CHECKOUT)) $(DATA)

new-rule: ## Make the stubs of a new rule: make new-rule NAME=queue-visibility-covers-timeout
	@test -n "$(NAME)" || { echo "expected a name: make new-rule NAME=queue-visibility-covers-timeout"; exit 2; }
	cargo xtask new-rule $(NAME)

clean: ## Remove everything that was built or installed here
	rm -rf target .venv

$(RDKLIB): crates/bench/python/requirements.txt
	@echo "==> Installing AWS's library for rules in Python into target/bench/rdklib (a minute the first time)"
	$(PYTHON) -m venv target/bench/rdklib
	target/bench/rdklib/bin/pip install --quiet --disable-pip-version-check --requirement $<
	@touch $@

$(VENV): tests/requirements.txt
	@echo "==> Installing the tests' Python tools into .venv (a minute the first time)"
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --requirement tests/requirements.txt
	@touch $@
