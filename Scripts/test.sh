#!/bin/bash
# Checks everything: installs what is missing, lints, builds without a warning, runs all tests against real servers.
#
# usage: Scripts/test.sh [further arguments of swift test]
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

Scripts/check-swift.sh
Scripts/install-dependencies.sh
DORSAL_MYSQL_BASE=$(Scripts/mysql-base.sh)
export DORSAL_MYSQL_BASE
DORSAL_S3_SERVERS=$(Scripts/fetch-s3-servers.sh)
export DORSAL_S3_SERVERS

Scripts/lint.sh
swift build --build-tests -Xswiftc -warnings-as-errors

# Children inherit the mark, so that this run's servers can be told from everybody else's.
TEST_RUN_OF_DORSAL=$$-$(date +%s%N)
export TEST_RUN_OF_DORSAL
begun=$(date +%s)
tests=
finish() {
    local status=$?
    trap - EXIT INT TERM HUP
    # First the tests, so that they start nothing any more.
    if [ -n "$tests" ] && kill -TERM -- "-$tests" 2>/dev/null; then wait "$tests" || true; fi
    if ! Scripts/leftovers.sh "$TEST_RUN_OF_DORSAL" "$begun" && [ "$status" -eq 0 ]; then status=1; fi
    exit "$status"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# In the background, because bash runs a trap only when a command in the foreground has ended; and in a process group
# of its own (set -m), because an interruption has to end swift's children too.
set -m
swift test -Xswiftc -warnings-as-errors "$@" </dev/null &
tests=$!
set +m
wait "$tests"
tests=
