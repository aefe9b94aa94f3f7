#!/usr/bin/env python3
"""Runs clang-tidy on the units that changed, a few at a time.

Changed means: since the merge base with origin/main, or since the commit before the last one when there is nothing
else to compare with, the working tree counted in. A unit found clean is not looked at again until it, something it
includes, its command or .clang-tidy changes. With --seconds, no unit is begun after that time; what is left over is
named and comes next time.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from source_tree import CPP_SUFFIXES, HEADER_SUFFIXES, includes_of

ROOT = Path(__file__).resolve().parent.parent
CLANG_TIDY = "clang-tidy-19"


def git(*arguments: str) -> str | None:
    """What git says, or nothing when it has no answer (no such commit, no repository)."""
    answer = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True)
    return answer.stdout.strip() if answer.returncode == 0 else None


def commit_to_compare_with() -> str | None:
    head = git("rev-parse", "--verify", "--quiet", "HEAD")
    base = git("merge-base", "HEAD", "origin/main")
    return base if base and base != head else git("rev-parse", "--verify", "--quiet", "HEAD~1")


def changed_files() -> set[Path] | None:
    """Absolute paths; nothing when there is no commit to compare with, so that everything counts as changed."""
    base = commit_to_compare_with()
    if base is None:
        return None
    tracked = git("diff", "--name-only", base)
    untracked = git("ls-files", "--others", "--exclude-standard")
    return {ROOT / name for name in f"{tracked}\n{untracked}".split("\n") if name}


def without_precompiled_header(command: str) -> str:
    """clang-tidy cannot read a header precompiled for another build step, and does not need it."""
    words = command.split(" ")
    kept: list[str] = []
    place = 0
    while place < len(words):
        if words[place:place + 2] == ["-Xclang", "-include-pch"]:
            place += 4
        else:
            kept.append(words[place])
            place += 1
    return " ".join(kept)


def read_commands(build: Path) -> dict[Path, dict[str, str]]:
    """The compile command of each unit of ours; generated units in the build folder are nobody's to mend."""
    commands = {}
    for entry in json.loads((build / "compile_commands.json").read_text()):
        unit = Path(entry["directory"], entry["file"]).resolve()
        if unit.is_file() and ROOT in unit.parents and ROOT / "build" not in unit.parents:
            commands[unit] = {**entry, "command": without_precompiled_header(entry["command"])}
    return commands


def headers_of(unit: Path, known: dict[Path, list[Path]]) -> set[Path]:
    """Every header of ours that the unit includes, directly or not."""
    found: set[Path] = set()
    waiting = [unit]
    while waiting:
        file = waiting.pop()
        if file not in known:
            paths = [ROOT / "src" / include.path for include in includes_of(file)]
            known[file] = [path for path in paths if path.is_file()]
        new = set(known[file]) - found
        found |= new
        waiting.extend(new)
    return found


def units_to_look_at(units: dict[Path, set[Path]], changed: set[Path] | None) -> set[Path]:
    """The changed units, and for each changed header the unit of its name, or else one that includes it."""
    if changed is None or ROOT / ".clang-tidy" in changed:
        return set(units)
    wanted = units.keys() & changed
    for header in sorted(path for path in changed if path.suffix in HEADER_SUFFIXES):
        if wanted & {header.with_suffix(suffix) for suffix in CPP_SUFFIXES}:
            continue
        users = sorted(unit for unit, headers in units.items() if header in headers)
        by_name = [unit for unit in users if unit.stem == header.stem]
        if not wanted & set(users) or by_name:
            wanted |= set((by_name or users)[:1])
    return wanted


def fingerprint(unit: Path, headers: set[Path], command: str) -> str:
    digest = hashlib.sha256(command.encode())
    for file in [ROOT / ".clang-tidy", unit, *sorted(headers)]:
        digest.update(str(file).encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def lint(unit: Path, folder: Path, stop_at: float) -> tuple[Path, bool | None, str]:
    """The unit, whether it is clean (nothing: it was too late to begin), and what clang-tidy says."""
    if time.monotonic() > stop_at:
        return unit, None, ""
    answer = subprocess.run([CLANG_TIDY, "--quiet", "-p", str(folder), str(unit)], cwd=ROOT,
                            capture_output=True, text=True)
    # Standard error only counts what was suppressed, unless clang-tidy itself failed.
    said = answer.stdout if answer.returncode == 0 or answer.stdout.strip() else answer.stderr
    return unit, answer.returncode == 0, said.strip()


def lint_all(prints: dict[Path, str], folder: Path, seconds: float) -> int:
    stop_at = time.monotonic() + seconds if seconds else float("inf")
    newest_first = sorted(prints, key=lambda unit: unit.stat().st_mtime, reverse=True)
    clean, faulty, left_over = 0, 0, []
    with ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for unit, is_clean, said in pool.map(lambda unit: lint(unit, folder, stop_at), newest_first):
            if is_clean is None:
                left_over.append(str(unit.relative_to(ROOT)))
            elif is_clean:
                clean += 1
                (folder / prints[unit]).touch()
            else:
                faulty += 1
                print(f"{unit.relative_to(ROOT)}:\n{said}")
    print(f"    {clean} units clean, {faulty} with faults")
    if left_over:
        print(f"    time is up; {len(left_over)} units are for the next run:", *left_over)
    return 1 if faulty else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", type=Path, required=True, help="a configured build with compile_commands.json")
    parser.add_argument("--seconds", type=float, default=0, help="begin no unit after this time; 0 for no limit")
    options = parser.parse_args()

    commands = read_commands(options.build)
    known: dict[Path, list[Path]] = {}
    units = {unit: headers_of(unit, known) for unit in commands}
    folder = ROOT / "build" / "tidy"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "compile_commands.json").write_text(json.dumps(list(commands.values())))

    wanted = units_to_look_at(units, changed_files())
    prints = {unit: fingerprint(unit, units[unit], commands[unit]["command"]) for unit in wanted}
    unknown = {unit: print_ for unit, print_ in prints.items() if not (folder / print_).exists()}
    print(f"    {len(wanted)} units changed, {len(wanted) - len(unknown)} of them known to be clean")
    return lint_all(unknown, folder, options.seconds)


if __name__ == "__main__":
    sys.exit(main())
