#!/usr/bin/env bash
# ./dev fmt: lays out the C++ sources; renews the generated document when a current build can tell it.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

format() { cpp_files | xargs -0 -r -n 20 -P "$(nproc)" clang-format-19 -i; }

renew_config_document() {
    mkdir -p docs && write_config_document "$1" >"$BUILD/config.md" || return
    cmp -s "$BUILD/config.md" docs/config.md || cp "$BUILD/config.md" docs/config.md
}

scripts/setup.sh
step "Laying out the C++ sources" format
binary="$(fresh_binary)"
if [[ -n "$binary" ]]; then
    step "Renewing docs/config.md" renew_config_document "$binary"
else
    note "docs/config.md is left alone: no build is newer than the sources"
fi
