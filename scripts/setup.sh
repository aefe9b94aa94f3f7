#!/usr/bin/env bash
# ./dev setup: brings a fresh Debian 12 to where everything builds and runs; touches nothing that is there already.
set -euo pipefail
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

has_node() {
    local major
    command -v node >/dev/null && command -v npm >/dev/null || return 1
    major="$(node --version)" || return 1
    major="${major#v}"
    ((${major%%.*} >= 18))
}

missing_packages() {
    local wanted installed package
    mapfile -t wanted < <(sed 's/#.*//; s/[[:space:]]//g; /^$/d' scripts/packages.txt)
    # dpkg-query fails when it knows nothing of a package, which is one way of not being installed.
    installed="$(dpkg-query --show --showformat '${Package} ${db:Status-Status}\n' "${wanted[@]}" 2>/dev/null ||
        true)"
    for package in "${wanted[@]}"; do
        case "$package" in nodejs | npm) has_node && continue ;; esac
        grep -qx "$package installed" <<<"$installed" || printf '%s\n' "$package"
    done
}

install_packages() {
    local as_root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null ||
            die "Packages are missing, and neither are you root nor is there sudo. As root, run:
    apt-get install --no-install-recommends $*"
        as_root=(sudo)
    fi
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 -q)
    "${apt[@]}" update && "${apt[@]}" install --yes --no-install-recommends "$@"
}

# The system's own Python comes first: python3-venv belongs to that one.
system_python() { if [[ -x /usr/bin/python3 ]]; then echo /usr/bin/python3; else command -v python3; fi; }

make_venv() {
    rm -rf "$BUILD/venv" &&
        "$(system_python)" -m venv "$BUILD/venv" &&
        "$VENV_PYTHON" -m pip install --quiet --disable-pip-version-check -r scripts/requirements.txt &&
        printf '%s\n' "$1" >"$BUILD/venv/.stamp"
}

# Python libraries, made anew when the list, the Python or the place has changed.
ensure_venv() {
    local stamp
    stamp="$({ cat scripts/requirements.txt && "$(system_python)" --version && echo "$BUILD"; } | sha256sum)"
    [[ -x "$VENV_PYTHON" && "$(cat "$BUILD/venv/.stamp" 2>/dev/null || true)" == "$stamp" ]] && return
    step "Python libraries into build/venv" make_venv "$stamp"
}

# install_node_modules FOLDER STAMP: what the lock file names, no more; Chromium is Debian's, never downloaded.
install_node_modules() {
    (cd "$1" && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --no-audit --no-fund) &&
        printf '%s\n' "$2" >"$1/node_modules/.stamp"
}

ensure_node_modules() {
    local lock folder stamp
    for lock in web/package-lock.json tests/package-lock.json tests/*/package-lock.json; do
        [[ -f "$lock" ]] || continue
        folder="$(dirname "$lock")"
        stamp="$(sha256sum "$lock")"
        [[ "$(cat "$folder/node_modules/.stamp" 2>/dev/null || true)" == "$stamp" ]] && continue
        step "Node libraries of $folder" install_node_modules "$folder" "$stamp"
    done
}

ensure_packages() {
    local missing
    command -v dpkg-query >/dev/null || die "This is not a Debian system. Install what scripts/packages.txt names."
    mapfile -t missing < <(missing_packages)
    ((${#missing[@]})) || return 0
    step "Debian packages that are missing: ${missing[*]}" install_packages "${missing[@]}"
}

started="$EPOCHREALTIME"
ensure_packages
ensure_venv
ensure_node_modules
say "setup: everything is in place ($(seconds_since "$started"))"
