#!/usr/bin/env bash
# ./dev run [--fresh] [ARGS]: builds the release and serves; ARGS go to `souk serve`.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

fresh=no
arguments=()
for argument in "$@"; do
    if [[ "$argument" == --fresh ]]; then fresh=yes; else arguments+=("$argument"); fi
done

scripts/setup.sh
step "Building the release" build release souk

if [[ "$fresh" == yes ]]; then
    # The running program holds this lock; its data must not vanish beneath it.
    [[ ! -e "$BUILD/run/souk.lock" ]] || flock --nonblock "$BUILD/run/souk.lock" true ||
        die "Souk is running on build/run; stop it first"
    say "Emptying build/run"
    rm -rf "$BUILD/run"
fi
mkdir -p "$BUILD/run"
say "Serving, with the data in build/run; Ctrl-C stops"
SOUK_DATA_DIR="$BUILD/run" exec "$BUILD/release/souk" serve "${arguments[@]}"
