# Dorsal's chores. `make help` lists them.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help build demo install uninstall deb deb-check test unit bench format lint clean

# The server of `make demo`: mariadb or mysql.
SERVER ?= mariadb

# Where `make install` puts the program and what belongs to it; DESTDIR goes before it.
PREFIX ?= /usr/local
DESTDIR ?=

help: ## Tell what there is to make
	@sed -nE 's/^([a-z-]+):.*## (.*)/make \1\t\2/p' $(firstword $(MAKEFILE_LIST)) | expand -t 17

build: ## Build .build/release/dorsal, which runs without Swift, installing the libraries that it needs
	@Scripts/check-swift.sh
	@Scripts/install-dependencies.sh build
	swift build -c release --product dorsal --static-swift-stdlib

demo: build ## Lose a real server and bring it back; SERVER=mysql does it on MySQL
	@Scripts/install-dependencies.sh
	@case "$(SERVER)" in \
	mariadb) .build/release/dorsal demo --server mariadb ;; \
	mysql) base=$$(Scripts/mysql-base.sh) && .build/release/dorsal demo --server mysql --base "$$base" ;; \
	*) echo "SERVER is mariadb or mysql, not '$(SERVER)'" >&2; exit 64 ;; \
	esac

# Not building first: root, who installs, need not have Swift.
install: ## Install what `make build` has built, with man pages, completions and systemd units, below PREFIX
	@PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" Scripts/install.sh install .build/release/dorsal

uninstall: ## Remove exactly what `make install` has installed below PREFIX
	@PREFIX="$(PREFIX)" DESTDIR="$(DESTDIR)" Scripts/install.sh uninstall

deb: build ## Make a Debian package in .build/deb
	@Scripts/install-dependencies.sh deb
	@Scripts/deb.sh .build/release/dorsal .build/deb

deb-check: ## Try the Debian package out in a clean Debian of its own; as root, some minutes
	@Scripts/deb-check.sh .build/deb/dorsal_*.deb

test: ## Check everything: install, lint, build without warnings, test against real servers
	@Scripts/test.sh

unit: ## Run the fast tests only, which need no server and no further tool
	@Scripts/check-swift.sh
	@Scripts/install-dependencies.sh build
	swift test -Xswiftc -warnings-as-errors --skip EndToEndTests --skip PackagingTests

bench: ## Measure against mysqlbackup.py's steps on real servers; BENCH_SIZE=2G, BENCH_RUNS=3 … (Benchmarks/bench.sh)
	@Benchmarks/bench.sh

format: ## Format all Swift files
	@Scripts/check-swift.sh
	@Scripts/lint.sh --fix

lint: ## Fail when a Swift file is not formatted
	@Scripts/check-swift.sh
	@Scripts/lint.sh

clean: ## Remove what was built
	swift package clean
