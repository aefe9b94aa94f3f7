#!/usr/bin/env bash
# ./dev fuzz [NAME] [SECONDS]: runs the fuzz targets (fuzz/*.cpp), as many at a time as there are cores, each for SECONDS
# (20). An input that ends one is kept in build/fuzz-findings and shown by running the target on it; what is new and interesting is kept in
# build/fuzz-corpus, so that a later run goes on where this one ended. Small inputs worth keeping for all go to fuzz/corpus.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

FINDINGS="$BUILD/fuzz-findings"
export ASAN_SYMBOLIZER_PATH=/usr/bin/llvm-symbolizer-19
export UBSAN_OPTIONS="print_stacktrace=1 halt_on_error=1${UBSAN_OPTIONS:+ $UBSAN_OPTIONS}"

all_targets() { find fuzz -maxdepth 1 -name '*.cpp' -printf '%f\n' | sed 's/\.cpp$//' | sort; }

fuzz_one() {
    local target="$1" seconds="$2" grown="$BUILD/fuzz-corpus/$1" report="$FINDINGS/$1.log" place status=0
    mkdir -p "$grown"
    # Databases of a target that was ended in the middle must not stay behind; memory is faster than a disk.
    place="$(mktemp -d -p "$([[ -w /dev/shm ]] && echo /dev/shm || echo /tmp)")"
    TMPDIR="$place" "$BUILD/fuzz/fuzz/fuzz_$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 \
        -close_fd_mask=1 -print_final_stats=1 -artifact_prefix="$FINDINGS/$target-" \
        "$grown" "fuzz/corpus/$target" >"$report" 2>&1 || status=$?
    rm -rf "$place"
    if ((status != 0)); then
        tail -n 60 "$report"
        complain "$target: kept in $FINDINGS; again with: build/fuzz/fuzz/fuzz_$target INPUT"
        return "$status"
    fi
    note "$(sed -n 's/^stat::number_of_executed_units: */inputs tried: /p' "$report")"
}

declare -A pids
start() {
    fuzz_one "$1" "$seconds" >"$FINDINGS/$1.told" 2>&1 &
    pids["$1"]=$!
}
# What is told in order was done at the same time.
finish() {
    local status=0
    wait "${pids[$1]}" || status=$?
    cat "$FINDINGS/$1.told"
    return "$status"
}

seconds=20
targets=()
for word in "$@"; do
    if [[ "$word" =~ ^[0-9]+$ ]]; then
        seconds="$word"
    elif [[ -f "fuzz/$word.cpp" ]]; then
        targets+=("$word")
    else
        die "./dev fuzz knows no target '$word'; it knows: $(all_targets | tr '\n' ' ')"
    fi
done
((${#targets[@]})) || mapfile -t targets < <(all_targets)

failures=0
recorded "build: fuzz" "Building the fuzz targets" build fuzz fuzz_targets
mkdir -p "$FINDINGS"
at_once="$(nproc)"
trap 'kill $(jobs -p) 2>/dev/null || true' EXIT
for target in "${targets[@]:0:at_once}"; do start "$target"; done
for i in "${!targets[@]}"; do
    target="${targets[i]}"
    recorded "fuzz: $target" "Fuzzing $target for $seconds s" finish "$target"
    next="${targets[i + at_once]:-}"
    [[ -z "$next" ]] || start "$next"
done
((failures == 0)) || die "fuzz: $failures part(s) failed"
