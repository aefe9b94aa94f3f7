#!/usr/bin/env bash
# ./dev test [--quick]: what CI runs. Goes on after a failure, so that one run shows everything, and ends with
# the one line `N passed, N failed`.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

quick=no
case "${1:-}" in
    '') ;;
    --quick) quick=yes ;;
    *) die "./dev test knows only --quick" ;;
esac

RESULTS="$BUILD/test-results"
export SOUK_STEP_RESULTS="$RESULTS/steps.tsv"
export SOUK_BINARY="$BUILD/release/souk"
export ASAN_SYMBOLIZER_PATH=/usr/bin/llvm-symbolizer-19
export TSAN_OPTIONS="external_symbolizer_path=$ASAN_SYMBOLIZER_PATH halt_on_error=1 suppressions=$ROOT/scripts/tsan.supp${TSAN_OPTIONS:+ $TSAN_OPTIONS}"
export UBSAN_OPTIONS="print_stacktrace=1 halt_on_error=1${UBSAN_OPTIONS:+ $UBSAN_OPTIONS}"

# A runner's exit status stands beside its report, since a crashed runner may leave none or half of one.
keep_status() {
    local status=0
    "${@:2}" || status=$?
    printf '%s\n' "$status" >"$RESULTS/$1.status"
    return "$status"
}

# cpp_tests PRESET [ctest options...]
cpp_tests() {
    local preset="$1"
    shift
    keep_status "cpp-$preset" ctest --test-dir "$BUILD/$preset" --parallel "$(nproc)" --timeout 600 \
        --no-tests=error --output-on-failure --progress --output-junit "$RESULTS/cpp-$preset.xml" "$@"
}

# python_tests NAME FOLDER [pytest options...]
python_tests() {
    local name="$1" folder="$2"
    shift 2
    keep_status "$name" "$VENV_PYTHON" -m pytest -q --no-header -o "cache_dir=$BUILD/pytest-$name" \
        --timeout 900 --junitxml "$RESULTS/$name.xml" "$folder" "$@"
}

build_everything() {
    recorded "build: release" "Building the release" build release souk
    recorded "build: dev" "Building with address and undefined-behaviour sanitizers" build dev
    [[ "$quick" == no ]] || return 0
    if grep -qs '^build all_verify_interface_header_sets' "$BUILD/dev/build.ninja"; then
        recorded "build: headers" "Compiling every header alone" build dev all_verify_interface_header_sets
    fi
    recorded "build: tsan" "Building with the thread sanitizer" build tsan
}

test_everything() {
    local selection=()
    step "C++ tests under address and undefined-behaviour sanitizers" cpp_tests dev || true
    if [[ "$quick" == no ]]; then
        step "C++ tests of platform and rooms under the thread sanitizer" \
            cpp_tests tsan --label-regex '^(platform|flash|store)$' || true
    else
        selection=(-m "not engine and not browser and not slow")
    fi
    step "Tests of the scripts" python_tests scripts scripts/tests || true
    step "Black-box tests of the release" python_tests tests tests "${selection[@]}" || true
    [[ "$quick" == no ]] || return 0
    recorded "simulation" "Simulating flash with 5000 seeds" scripts/simulate.sh 5000
    fuzz
}

add_up() { exec python3 scripts/sum_results.py "$RESULTS"; }

# A check that ended without naming the part that failed is a failure all the same.
check() { scripts/check.sh "$@" || grep -qs '^check: .*failed$' "$SOUK_STEP_RESULTS" || record "check" failed; }

# Each target is a test of its own; what ended one is shown, and kept in build/fuzz-findings.
fuzz() { scripts/fuzz.sh || grep -qs 'fuzz.*failed$' "$SOUK_STEP_RESULTS" || record "fuzz" failed; }

started="$EPOCHREALTIME"
rm -rf "$RESULTS"
mkdir -p "$RESULTS"

if ! scripts/setup.sh; then
    record "setup" failed
    add_up
fi
# Lint has no time limit in the full run; there it must have seen every changed unit.
[[ "$quick" == yes ]] || export TIDY_SECONDS=0
check
build_everything
check docs
test_everything

say "Everything took $(seconds_since "$started")"
add_up
