#!/bin/bash
# Fails when a Swift file is not formatted as .swift-format says.
set -euo pipefail
cd "$(dirname "$(readlink -f "$0")")/.."

folders=(Package.swift Sources Tests)
for folder in Examples Benchmarks; do if [ -d "$folder" ]; then folders+=("$folder"); fi; done
case ${1:-} in
--fix) swift format --in-place --parallel --recursive "${folders[@]}" ;;
*) swift format lint --strict --parallel --recursive "${folders[@]}" ;;
esac
