# Shared by the scripts behind ./dev: places, messages, timing, the build lock. Sourced, never run.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
BUILD="$ROOT/build"
VENV_PYTHON="$BUILD/venv/bin/python"
cd "$ROOT"
mkdir -p "$BUILD"

# Compiled Python files and what hypothesis keeps stay out of the source tree.
export PYTHONPYCACHEPREFIX="$BUILD/pycache" HYPOTHESIS_STORAGE_DIRECTORY="$BUILD/hypothesis"

if [[ -t 1 ]]; then bold=$'\e[1m' red=$'\e[31m' plain=$'\e[0m'; else bold='' red='' plain=''; fi

say() { printf '%s==> %s%s\n' "$bold" "$*" "$plain"; }
note() { printf '    %s\n' "$*"; }
complain() { printf '%s==> %s%s\n' "$red" "$*" "$plain" >&2; }
die() {
    complain "$@"
    exit 1
}

seconds_since() {
    local microseconds=$((${EPOCHREALTIME/[.,]/} - ${1/[.,]/}))
    printf '%d.%d s' $((microseconds / 1000000)) $((microseconds / 100000 % 10))
}

# step "what it does" command...: says it, does it, says how long it took; the command's exit status is its own.
step() {
    local what="$1" started="$EPOCHREALTIME" status=0
    shift
    say "$what"
    "$@" || status=$?
    if ((status == 0)); then
        note "done in $(seconds_since "$started")"
    else
        complain "failed after $(seconds_since "$started"): $what"
    fi
    return "$status"
}

# record NAME passed|failed: one line for the sum at the end of `./dev test`; outside of it, nothing.
record() {
    [[ -z "${SOUK_STEP_RESULTS:-}" ]] || printf '%s\t%s\n' "$1" "$2" >>"$SOUK_STEP_RESULTS"
}

# recorded NAME "what it does" command...: a step that counts as a test and never ends the script.
recorded() {
    local name="$1"
    shift
    if step "$@"; then record "$name" passed; else
        record "$name" failed
        failures=$((${failures:-0} + 1))
    fi
}

# Two builds at once would fight over cores and over the same files: the second waits for the first.
with_build_lock() {
    (
        exec 9>"$BUILD/.lock"
        if ! flock --nonblock 9; then
            note "another build is running; waiting for it"
            flock 9
        fi
        "$@" 9>&-
    )
}

configure() {
    local preset="$1" stamp="$BUILD/$1/.configured"
    [[ -f "$stamp" && -f "$BUILD/$preset/build.ninja" && ! CMakePresets.json -nt "$stamp" ]] && return
    cmake --preset "$preset" && touch "$stamp"
}

configure_and_build() {
    local preset="$1"
    shift
    configure "$preset" && NINJA_STATUS='[%f/%t, %e s] ' ninja -C "$BUILD/$preset" "$@"
}

# build PRESET [TARGET...]: without a target, everything.
build() { with_build_lock configure_and_build "$@"; }

# The C++ files of the tree, each ended by a zero byte.
cpp_files() {
    local folders=() folder
    for folder in src tests bench fuzz; do [[ -d "$folder" ]] && folders+=("$folder"); done
    ((${#folders[@]})) || return 0
    find "${folders[@]}" -name node_modules -prune -o -type f \( -name '*.h' -o -name '*.cpp' \) -print0
}

# A built program that is newer than every source it is made of, or nothing.
fresh_binary() {
    local binary
    for binary in "$BUILD/release/souk" "$BUILD/dev/souk"; do
        [[ -x "$binary" ]] || continue
        [[ -n "$(find src -type f -newer "$binary" ! -path '*/tests/*' -print -quit)" ]] && continue
        printf '%s' "$binary"
        return
    done
}

# The settings as a document, free of what this machine's environment or souk.toml happens to say.
write_config_document() {
    local elsewhere
    elsewhere="$(mktemp -d)"
    (cd "$elsewhere" && env -i PATH="$PATH" HOME="$elsewhere" "$1" config --markdown)
    local status=$?
    rm -rf "$elsewhere"
    return "$status"
}
