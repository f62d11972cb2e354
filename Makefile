# What there is to do, each in one word. `make help` lists it.

ITEMS ?= tests/data/sample-account
RULES := $(notdir $(wildcard functions/*))
PYTHON ?= python3
SECONDS ?= 15
VENV := .venv/installed

.DEFAULT_GOAL := help
.PHONY: help run test fuzz check lint build generate refresh-data new-rule clean

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

fuzz: ## Look for input that breaks something: SECONDS for each reader of foreign input (or TARGETS="snapshot query")
	@echo "==> Building what reads foreign input (minutes the first time), then $(SECONDS) s of hostile input for each"
	cargo run --package conformance-fuzz --bin fuzz -- --seconds $(SECONDS) $(TARGETS)

check: lint test ## Everything a change must pass: lint and test

lint: ## Format, lints, documents, generated files, licences
	cargo fmt --all --check
	cargo clippy --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings" cargo doc --workspace --no-deps
	cargo xtask generate --check
	@if command -v cargo-deny >/dev/null; then cargo deny check bans licenses sources; \
	else echo "skipped: cargo-deny is not installed (cargo install cargo-deny)"; fi

build: ## Build what is deployed: target/lambda/<rule>/bootstrap, and the command as a release
	@echo "==> Building $(words $(RULES)) functions and the command, optimized (many minutes the first time)"
	cargo build --release --bins $(addprefix --package ,$(RULES)) --package serverless-conformance
	@for rule in $(RULES); do \
	  mkdir -p target/lambda/$$rule && cp target/release/$$rule target/lambda/$$rule/bootstrap; done
	@ls -l $(RULES:%=target/lambda/%/bootstrap) target/release/serverless-conformance | awk '{print $$5, $$9}'

generate: ## Write again what is made from the catalogue
	cargo xtask generate

refresh-data: ## Renew the data of AWS that rules are compiled with (all, or DATA=runtimes; CHECKOUT=path)
	cargo xtask refresh-data --python $(PYTHON) $(if $(CHECKOUT),--checkout $(CHECKOUT)) $(DATA)

new-rule: ## Make the stubs of a new rule: make new-rule NAME=queue-visibility-covers-timeout
	@test -n "$(NAME)" || { echo "expected a name: make new-rule NAME=queue-visibility-covers-timeout"; exit 2; }
	cargo xtask new-rule $(NAME)

clean: ## Remove everything that was built or installed here
	rm -rf target .venv

$(VENV): tests/requirements.txt
	@echo "==> Installing the tests' Python tools into .venv (a minute the first time)"
	$(PYTHON) -m venv .venv
	.venv/bin/pip install --quiet --disable-pip-version-check --requirement tests/requirements.txt
	@touch $@
