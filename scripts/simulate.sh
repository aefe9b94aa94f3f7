#!/usr/bin/env bash
# ./dev simulate [SEEDS] [FIRST]: the simulation of flash (docs/ARCHITECTURE.md) with seeds FIRST (1) to FIRST+SEEDS-1
# (5000), a share for each CPU. A seed that breaks a promise tells its story and how to run it again.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

PROGRAM="$BUILD/release/src/services/flash/tests/simulation/flash_simulation"
REPORTS="$BUILD/simulation"

seeds="${1:-5000}" first="${2:-1}"
[[ "$seeds" =~ ^[1-9][0-9]*$ && "$first" =~ ^[0-9]+$ && $# -le 2 ]] || die "./dev simulate [SEEDS] [FIRST]: two numbers"

build release flash_simulation
rm -rf "$REPORTS"
mkdir -p "$REPORTS"

shares="$(nproc)"
((shares <= seeds)) || shares="$seeds"
pids=()
for ((i = 0; i < shares; ++i)); do
    from=$((first + seeds * i / shares)) to=$((first + seeds * (i + 1) / shares))
    "$PROGRAM" --seeds $((to - from)) --seed "$from" >"$REPORTS/$i.log" 2>&1 &
    pids+=($!)
done
trap 'kill "${pids[@]}" 2>/dev/null || true' INT TERM

failures=0
for ((i = 0; i < shares; ++i)); do
    if wait "${pids[i]}"; then
        note "$(tail -n 1 "$REPORTS/$i.log")"
    else
        failures=$((failures + 1))
        cat "$REPORTS/$i.log"
    fi
done
((failures == 0)) || die "simulation: $failures of $shares shares found something"
