#!/bin/bash
# Fails with a clear message when Swift is missing or too old for Package.swift.
set -euo pipefail

wanted="6.2"
if ! command -v swift >/dev/null; then
    echo "error: swift is not in PATH; Dorsal needs Swift $wanted or later" >&2
    echo "hint: see https://www.swift.org/install/linux, then add its usr/bin to PATH" >&2
    exit 1
fi
# Into a variable first: swift does not like its pipe being closed early.
version=$(swift --version 2>&1 || true)
found=$(sed -nE 's/.*Swift version ([0-9]+(\.[0-9]+)*).*/\1/p' <<<"$version" | head -n 1)
if [ -z "$found" ]; then
    echo "error: '$(command -v swift) --version' does not tell a version:" >&2
    echo "$version" >&2
    exit 1
fi
if [ "$(printf '%s\n' "$wanted" "$found" | sort -V | head -n 1)" != "$wanted" ]; then
    echo "error: Swift $found is too old; Dorsal needs Swift $wanted or later" >&2
    echo "hint: $(command -v swift) is the one in PATH" >&2
    exit 1
fi
