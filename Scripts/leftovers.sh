#!/bin/bash
# Looks for what a run of the tests left behind.
#
# usage: Scripts/leftovers.sh MARK SECONDS
#
# A process is the run's when an argument of it names /tmp/dorsal-sandbox-* and its environment, which children
# inherit, holds TEST_RUN_OF_DORSAL=MARK. Those are ended, no others, and the exit status is 1: a server that outlives
# its test is a defect. The tests themselves are ended before, when an interruption left them running.
# Then the sandbox folders of earlier runs that did not clean up are removed: our own, older than SECONDS since the
# epoch, and used by nobody.
set -euo pipefail

mark=TEST_RUN_OF_DORSAL=$1
begun=$2
prefix=/tmp/dorsal-sandbox-
# So that our own children do not look like the run's.
unset TEST_RUN_OF_DORSAL

# Prints a file of /proc with its NULs as line ends; processes may end while we look.
lines() { cat "$@" 2>/dev/null | tr '\0' '\n' || true; }

# The ids of the run's processes with a text in their arguments.
ours() {
    local folder
    for folder in /proc/[0-9]*; do
        if [[ $(lines "$folder/cmdline") == *"$1"* ]] && grep -qxF -- "$mark" <<<"$(lines "$folder/environ")"; then
            echo "${folder#/proc/}"
        fi
    done
}

# Sends a signal to the processes that ours() finds, and waits up to so many seconds for their end.
finish() {
    local text=$1 signal=$2 seconds=$3 pids
    mapfile -t pids < <(ours "$text")
    [ ${#pids[@]} -gt 0 ] || return 0
    kill "-$signal" "${pids[@]}" 2>/dev/null || true
    # One that was stopped gets the signal only when it goes on.
    kill -CONT "${pids[@]}" 2>/dev/null || true
    for ((i = 0; i < seconds * 5; i++)); do
        [ -n "$(ours "$text")" ] || return 0
        sleep 0.2
    done
}

# Swift runs them in a process group of their own, out of reach of whoever interrupts swift.
tests=dorsalPackageTests.xctest
finish "$tests" TERM 5
finish "$tests" KILL 5

status=0
left=$(ours "$prefix")
if [ -n "$left" ]; then
    status=1
    echo "error: the tests left these processes running; they are ended now:" >&2
    for pid in $left; do
        echo "  $pid $(lines "/proc/$pid/cmdline" | tr '\n' ' ' | cut -c 1-160)" >&2
    done
    finish "$prefix" TERM 20
    finish "$prefix" KILL 5
fi

running=$(lines /proc/[0-9]*/cmdline)

# Whether a process names a folder, works in it, or has a file in it open.
used() {
    [[ $running != *"$1"* ]] || return 0
    [ -n "$(find /proc/[0-9]*/cwd /proc/[0-9]*/fd \( -lname "$1" -o -lname "$1/*" \) -print -quit 2>/dev/null)" ]
}

# Another run keeps folders that none of its processes has open at the moment; while one goes on, all stay.
if [[ $running != *"$tests"* && $running != *"dorsal"$'\n'"demo"* ]]; then
    for folder in "$prefix"*; do
        if [ -d "$folder" ] && [ ! -L "$folder" ] && [ -O "$folder" ] &&
            [ "$(stat -c %Y "$folder")" -lt "$begun" ] && ! used "$folder"; then
            echo "removing $folder, which an earlier run left"
            rm -rf -- "$folder"
        fi
    done
fi
exit "$status"
