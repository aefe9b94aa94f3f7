#!/usr/bin/env bash
# ./dev clean: removes what was built or downloaded. Data of ./dev run stays: `./dev run --fresh` empties that.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

remove() {
    find "$BUILD" -mindepth 1 -maxdepth 1 ! -name run ! -name .lock -exec rm -rf {} + &&
        find . -path ./build -prune -o -path ./.git -prune -o -type d \
            \( -name node_modules -o -name __pycache__ -o -name .pytest_cache \) -prune -exec rm -rf {} +
}

step "Removing what was built or downloaded" with_build_lock remove
