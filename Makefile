# What there is to do, each in one word. `make help` lists it.

ITEMS ?= tests/data/sample-account
RULES := $(notdir $(wildcard functions/*))
PYTHON ?= python3
FUZZ_SECONDS ?= 15
LOAD_SECONDS ?= 30
VENV := .venv/installed
DEPLOYMENT := .venv/installed-for-deployment
CARGO_HOME ?= $(HOME)/.cargo

# What the functions are built for: this machine, unless told otherwise.
ARCHITECTURE ?= $(if $(filter arm64 aarch64,$(shell uname -m)),arm64,x86_64)

# What `make bench` and `make reproducible` look at.
ITEM_COUNTS ?= 10000 100000 1000000
RULE ?= lambda-small-single-purpose
REPRODUCED = $(if $(filter all,$(RULE)),$(RULES),$(RULE))
RDKLIB := target/bench/rdklib/installed

QUIETLY := --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: help run test load fuzz check lint build bench bench-rdklib reproducible deploy deploy-pack deploy-org org-status
.PHONY: org-reput generate refresh-data new-rule clean

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

load: ## Put the local AWS Config under load for 30 seconds (or LOAD_SECONDS=n)
	@echo "==> 200 clients at once for $(LOAD_SECONDS) s, on this machine only; \"make test\" does the same for 3 s"
	LOAD_SECONDS=$(LOAD_SECONDS) cargo test --package conformance-tests --test whole two_hundred_clients -- --nocapture

fuzz: ## Look for input that breaks something: FUZZ_SECONDS for each reader of foreign input (or TARGETS="snapshot query")
	@echo "==> Building what reads foreign input (minutes the first time), then $(FUZZ_SECONDS) s of hostile input for each"
	cargo run --package conformance-fuzz --bin fuzz -- --seconds $(FUZZ_SECONDS) $(TARGETS)

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

# zig links against the glibc of provided.al2023, whatever this machine has, and builds for the other architecture, too.
# Not cargo-lambda's own optimizations but the workspace's profile decides.
build: .venv/build/installed ## Build what is deployed (ARCHITECTURE=arm64 or x86_64), and the command as a release
	@echo "==> Building $(words $(RULES)) functions for $(ARCHITECTURE), optimized (many minutes the first time)"
	PATH="$(CURDIR)/.venv/build/bin:$$PATH" cargo lambda build --profile function --disable-optimizations \
	  --$(subst _,-,$(ARCHITECTURE)) $(addprefix --package ,$(RULES))
	@echo "==> Building the command for this machine"
	cargo build --release --package serverless-conformance
	@.venv/build/bin/python deploy/packages.py $(ARCHITECTURE) $(RULES:%=target/lambda/%/bootstrap)

# What is missing is said before anybody has waited for a build.
deploy: $(DEPLOYMENT) ## Deploy the functions: ALARM_TOPIC=arn, LOG_RETENTION=days, REGION, SAM="further options"
	@echo "==> Looking at what a deployment needs"
	@.venv/bin/python deploy/preflight.py functions $(IN_REGION)
	@$(MAKE) --no-print-directory build
	@echo "==> Deploying the stack (minutes the first time)"
	SAM_CLI_TELEMETRY=0 .venv/bin/sam deploy --template-file template.yaml $(IN_REGION) --parameter-overrides \
	  Architecture=$(ARCHITECTURE) $(if $(ALARM_TOPIC),AlarmTopicArn=$(ALARM_TOPIC)) \
	  $(if $(LOG_RETENTION),LogRetentionInDays=$(LOG_RETENTION)) $(SAM)

# AWS SAM CLI does not read AWS_REGION.
IN_REGION = $(addprefix --region ,$(or $(REGION),$(AWS_REGION)))

deploy-pack: $(DEPLOYMENT) ## Deploy the rules: PARAMETERS="FailOn=high", PACK_NAME, PACK=file, REGION, HOME_REGION, BUCKET
	@echo "==> Deploying the conformance pack"
	@.venv/bin/python deploy/pack.py $(if $(PACK_NAME),--name "$(PACK_NAME)") $(if $(PACK),--template "$(PACK)") \
	  $(if $(PARAMETERS),--parameters '$(PARAMETERS)') $(if $(REGION),--region $(REGION)) \
	  $(if $(HOME_REGION),--home-region $(HOME_REGION)) $(if $(BUCKET),--bucket $(BUCKET))

deploy-org: $(DEPLOYMENT) ## Roll out to an organization: OUS=ou-..., REGIONS=a,b, HOME_REGION, EXCLUDED_ACCOUNTS, PARAMETERS
	@echo "==> Rolling the functions and the conformance pack out to the organization"
	@.venv/bin/python deploy/organization.py deploy --units "$(OUS)" --regions "$(REGIONS)" $(OF_PACK) \
	  $(if $(EXCLUDED_ACCOUNTS),--excluded-accounts "$(EXCLUDED_ACCOUNTS)") \
	  $(if $(INCLUDE_MANAGEMENT_ACCOUNT),--include-management-account) \
	  $(if $(PACK),--template "$(PACK)") $(if $(PARAMETERS),--parameters '$(PARAMETERS)')

org-status: $(DEPLOYMENT) ## Which accounts of the organization lack something, and why (HOME_REGION)
	@.venv/bin/python deploy/organization.py status $(OF_PACK)

org-reput: $(DEPLOYMENT) ## Put the pack again, for accounts that joined or were mended (HOME_REGION)
	@.venv/bin/python deploy/organization.py repeat $(OF_PACK)

OF_PACK = $(if $(PACK_NAME),--name "$(PACK_NAME)") $(if $(HOME_REGION),--home-region $(HOME_REGION))

bench: ## Measure the functions and the command (ten minutes after the build; ITEM_COUNTS="10000 100000" for less)
	@echo "==> Building all functions, the command and the bench, optimized (many minutes the first time)"
	cargo build --profile function --bins $(addprefix --package ,$(RULES)) --package bare-function
	cargo build --release --package serverless-conformance --package bench
	target/release/bench functions
	target/release/bench offline --items $(ITEM_COUNTS)

bench-rdklib: $(RDKLIB) ## The same, and a rule on AWS's library for rules in Python beside them
	$(MAKE) bench

reproducible: ## Build a function here and from a copy elsewhere, and compare (RULE=name, or RULE=all)
	@echo "==> Building $(REPRODUCED) here (many minutes the first time)"
	cargo build --profile function --locked $(foreach rule,$(REPRODUCED),--package $(rule) --bin $(rule))
	@echo "==> Building the same from a copy in target/elsewhere (as long again)"
	rm -rf target/elsewhere/source && mkdir -p target/elsewhere/source
	git ls-files --cached --others --exclude-standard -z | xargs -0 tar -cf - | tar -xf - -C target/elsewhere/source
	cd target/elsewhere/source && CARGO_TARGET_DIR=../target \
	  cargo build --profile function --locked $(foreach rule,$(REPRODUCED),--package $(rule) --bin $(rule))
	@cd target/function && sha256sum $(REPRODUCED) > ../elsewhere/here
	@cd target/elsewhere/target/function && sha256sum --check ../../here

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
	target/bench/rdklib/bin/pip install $(QUIETLY) --requirement $<
	@touch $@

# Environments of their own, because their tools want different versions of the same libraries.
$(VENV): tests/requirements.txt tests/requirements-checkov.txt tests/requirements-ministack.txt deploy/requirements.txt
	@echo "==> Installing the tests' Python tools into .venv (a few minutes the first time)"
	$(PYTHON) -m venv .venv
	.venv/bin/pip install $(QUIETLY) --requirement tests/requirements.txt
	$(PYTHON) -m venv .venv/checkov
	.venv/checkov/bin/pip install $(QUIETLY) --requirement tests/requirements-checkov.txt
	$(PYTHON) -m venv .venv/ministack
	.venv/ministack/bin/pip install $(QUIETLY) --requirement tests/requirements-ministack.txt
	@touch $@ $(DEPLOYMENT)

$(DEPLOYMENT): deploy/requirements.txt
	@echo "==> Installing what deployment needs into .venv (a minute the first time)"
	$(PYTHON) -m venv .venv
	.venv/bin/pip install $(QUIETLY) --requirement $<
	@touch $@

.venv/build/installed: deploy/requirements-build.txt
	@echo "==> Installing cargo-lambda and zig into .venv/build (a minute the first time)"
	$(PYTHON) -m venv .venv/build
	.venv/build/bin/pip install $(QUIETLY) --requirement deploy/requirements-build.txt
	@touch $@
