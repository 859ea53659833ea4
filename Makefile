# Dorsal's chores. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help build demo test unit format lint clean

# The server of `make demo`: mariadb or mysql.
SERVER ?= mariadb

help: ## Tell what there is to make
	@sed -nE 's/^([a-z]+):.*## (.*)/make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 14

build: ## Build .build/release/dorsal, installing the libraries that it needs
	@Scripts/check-swift.sh
	@Scripts/install-dependencies.sh build
	swift build -c release --product dorsal

demo: build ## Lose a real server and bring it back; SERVER=mysql does it on MySQL
	@Scripts/install-dependencies.sh
	@case "$(SERVER)" in \
	mariadb) .build/release/dorsal demo --server mariadb ;; \
	mysql) base=$$(Scripts/mysql-base.sh) && .build/release/dorsal demo --server mysql --base "$$base" ;; \
	*) echo "SERVER is mariadb or mysql, not '$(SERVER)'" >&2; exit 64 ;; \
	esac

test: ## Check everything: install, lint, build without warnings, test against real servers
	@Scripts/test.sh

unit: ## Run the fast tests only, which need no server
	@Scripts/check-swift.sh
	@Scripts/install-dependencies.sh build
	swift test -Xswiftc -warnings-as-errors --skip EndToEndTests

format: ## Format all Swift files
	@Scripts/check-swift.sh
	@Scripts/lint.sh --fix

lint: ## Fail when a Swift file is not formatted
	@Scripts/check-swift.sh
	@Scripts/lint.sh

clean: ## Remove what was built
	swift package clean
