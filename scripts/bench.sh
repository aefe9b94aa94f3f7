#!/usr/bin/env bash
# ./dev bench [NAMES]: measures the release beside the floor; bench/run.py knows the benchmarks.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

scripts/setup.sh
step "Building the release" build release
step "Benchmarks" env SOUK_BINARY="$BUILD/release/souk" "$VENV_PYTHON" bench/run.py "$@"
