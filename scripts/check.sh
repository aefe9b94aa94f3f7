#!/usr/bin/env bash
# ./dev check: everything about the sources that needs no build, in under a minute. Every part runs even when
# one before it failed. `check.sh docs` is the part about generated documents alone, for after a build.
# TIDY_SECONDS bounds the lint (0: no bound); what is left over is named and comes next time.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

format_is_settled() {
    local unsettled
    unsettled="$(cpp_files | xargs -0 -r -n 1 -P "$(nproc)" \
        sh -c 'clang-format-19 --dry-run -Werror "$1" 2>/dev/null || echo "$1"' sh | sort)"
    [[ -n "$unsettled" ]] || return 0
    printf '%s\n' "$unsettled"
    complain "./dev fmt lays these out as .clang-format says"
    return 1
}

config_document_is_fresh() {
    if [[ ! -f docs/config.md ]]; then
        complain "docs/config.md is missing; ./dev fmt writes it"
        return 1
    fi
    write_config_document "$1" | diff -u docs/config.md - && return
    complain "docs/config.md is not what \`souk config --markdown\` says; ./dev fmt renews it"
    return 1
}

check_documents() {
    local binary
    binary="$(fresh_binary)"
    if [[ -n "$binary" ]]; then
        recorded "check: docs" "Generated documents: docs/config.md is fresh" config_document_is_fresh "$binary"
    else
        say "Generated documents: skipped, no build is newer than the sources; ./dev test looks after building"
    fi
}

# Headers that the build writes must be there before a unit that includes them can be read.
generated_headers() {
    local headers
    configure dev || return
    mapfile -t headers < <(ninja -C "$BUILD/dev" -t targets rule CUSTOM_COMMAND | grep '^generated/.*\.h$')
    ((${#headers[@]} == 0)) || ninja -C "$BUILD/dev" "${headers[@]}"
}

lint() {
    with_build_lock generated_headers && python3 scripts/tidy.py --build build/dev --seconds "${TIDY_SECONDS:-35}"
}

failures=0
if [[ "${1:-}" == docs ]]; then
    check_documents
else
    scripts/setup.sh
    recorded "check: format" "Format, as .clang-format has it" format_is_settled
    recorded "check: layers" "Walls between rooms and floors" python3 scripts/check_layers.py
    recorded "check: size" "Sizes of files and functions" python3 scripts/check_size.py
    check_documents
    recorded "check: lint" "Lint: clang-tidy on the units that changed" lint
fi
((failures == 0)) || die "check: $failures part(s) failed"
