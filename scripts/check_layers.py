#!/usr/bin/env python3
"""The walls of the house, read from the #include lines under src/.

A lower floor never includes a higher one, the platform knows no room, no room knows another, and inside a room each
kind of file touches only the floors its row names. Also: no header includes itself in a circle, and none lacks
`#pragma once`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Iterator

from source_tree import CPP_SUFFIXES, HEADER_SUFFIXES, Include, files_below, includes_of, is_test

# The floors of src/platform, low to high. Floors of one line are neighbours and do not include each other.
FLOORS = [
    {"core"},
    {"json", "log", "metrics", "config"},
    {"net"},
    {"db", "cache", "queue"},
    {"jobs"},
    {"mail", "auth"},
    {"http"},
    {"ws"},
    {"testing"},
]

ANYTHING = set().union(*FLOORS)

# The files of a room: how the name begins, and the platform floors such a file may include. `store` is also the row of
# `store_links`; the longest fitting row counts.
ROOM_FILES = {
    "service": ANYTHING,
    "settings": {"core", "config"},
    "types": {"core"},
    "errors": {"core"},
    "ports": {"core"},
    "rules": {"core"},
    "operations": {"core", "log"},
    "store": {"core", "db", "cache", "log"},
    "wire": {"core", "json"},
    "http": {"core", "http", "ws", "json", "metrics"},
    "events": {"core", "json", "queue", "ws"},
    "metrics": {"core", "metrics"},
    # flash: admission, the durable log of orders, and what moves it on.
    "gate": {"core"},
    "sale_counter": {"core"},
    "fingerprint": set(),
    "limiter": {"core"},
    "client_limits": {"core"},
    "backlog": {"core"},
    "cancels": {"core"},
    "hand_over": {"core"},
    "pending_order": {"core"},
    "waiting_room": {"core", "http"},
    "order_log": {"core", "db", "log"},
    "recovery": {"core", "db", "log"},
    "shop": {"core", "db", "log", "metrics"},
    "worker": {"core", "db", "log", "metrics"},
    "order_rows": {"core", "db"},
    "dead_letters": {"core", "db"},
    "retention": {"core", "db", "log", "metrics"},
    # flash: for the people who run it.
    "backup": {"core", "db"},
    "reports": {"core", "db"},
    "panel": {"core", "db", "jobs", "log", "metrics"},
    # store: who calls, what is signed and hashed, the cached list, the contact form and its jobs.
    "authentication": {"core", "http", "auth"},
    "keyed_hash": set(),
    "upload_signature": {"core"},
    "product_lists": {"core", "cache", "db"},
    "list_changes": {"core", "db", "jobs"},
    "contact": {"core", "cache", "db", "jobs", "mail", "net"},
    "order_confirmation": {"core", "jobs", "mail"},
    "confirmations": {"core", "db", "jobs"},
    "keeper": {"core", "db", "jobs", "log"},
}

OUR_TOP_FOLDERS = {"platform", "services", "main"}
HEADER_FOLDERS = ["src", "tests", "bench", "fuzz"]

LEVEL_OF_FLOOR = {floor: level for level, floors in enumerate(FLOORS) for floor in floors}


def room_of(path: Path) -> Path | None:
    """The room a path under src/ belongs to: its folder below services/, tests and schema counted in."""
    if path.parts[0] != "services" or len(path.parts) < 3:
        return None
    folders = list(path.parent.parts)
    if "tests" in folders:  # also what lies in a folder of its own there
        folders = folders[:folders.index("tests")]
    folders = [part for part in folders if part != "schema"]
    return Path(*folders)


def row_of(stem: str) -> str | None:
    fitting = [row for row in ROOM_FILES if stem == row or stem.startswith(row + "_")]
    return max(fitting, key=len, default=None)


def check_platform(file: Path, target: Path) -> str | None:
    if target.parts[0] != "platform":
        return f"the platform must not include {target.parts[0]}/"
    own, other = file.parts[1], target.parts[1]
    if own not in LEVEL_OF_FLOOR:
        return f"platform/{own} is no floor that scripts/check_layers.py knows"
    if other not in LEVEL_OF_FLOOR:
        return f"platform/{other} is no floor that scripts/check_layers.py knows"
    if own == other or is_test(file) or LEVEL_OF_FLOOR[other] < LEVEL_OF_FLOOR[own]:
        return None
    where = "beside" if LEVEL_OF_FLOOR[other] == LEVEL_OF_FLOOR[own] else "above"
    return f"platform/{own} must not include platform/{other}, which lies {where} it"


def check_room(file: Path, target: Path) -> str | None:
    room = room_of(file)
    if target.parts[0] == "main":
        return "a room must not include main/"
    if target.parts[0] == "services":
        other = room_of(target)
        # A house of sub-rooms may use their doors; sub-rooms know neither the house nor each other.
        is_door_below = room in other.parents and target.stem == "service" if other and room else False
        return None if other == room or is_door_below else f"{room} must not include {other or target}"
    if is_test(file):
        return None
    row = row_of(file.stem)
    if row is None:
        return None  # Said once for the file, not for each of its includes.
    allowed = ROOM_FILES[row]
    if target.parts[1] in allowed:
        return None
    return f"{row}* may include of the platform only {', '.join(sorted(allowed))}; not {target.parts[1]}"


def check_include(source: Path, file: Path, include: Include) -> str | None:
    """What is wrong with one include; `file` and the answer speak of paths from src/."""
    target = Path(include.path)
    if ".." in target.parts:
        return f'"{include.path}": paths start at src/, without ..'
    is_beside = (source / file).parent.joinpath(target).is_file()
    if include.quoted and is_beside and not (source / target).is_file():
        return f'"{include.path}": paths start at src/'
    if target.parts[0] not in OUR_TOP_FOLDERS or len(target.parts) < 2:
        return None
    if not include.quoted:
        return f'<{include.path}> is ours: write it with quotation marks'
    if file.parts[0] == "platform":
        return check_platform(file, target)
    return check_room(file, target) if file.parts[0] == "services" else None


def check_includes(root: Path) -> Iterator[str]:
    source = root / "src"
    for path in files_below(root, ["src"], CPP_SUFFIXES):
        file = path.relative_to(source)
        if file.parts[0] == "services" and not is_test(file) and row_of(file.stem) is None:
            yield f"src/{file}:1: no row in scripts/check_layers.py names this kind of room file"
        for include in includes_of(path):
            if fault := check_include(source, file, include):
                yield f"src/{file}:{include.line}: {fault}"


def check_pragma_once(root: Path) -> Iterator[str]:
    for path in files_below(root, HEADER_FOLDERS, HEADER_SUFFIXES):
        lines = path.read_text(encoding="utf-8").splitlines()
        if not any(line.strip() == "#pragma once" for line in lines):
            yield f"{path.relative_to(root)}:1: the header lacks #pragma once"


def check_circles(root: Path) -> Iterator[str]:
    """Each circle once, found by walking every header's includes with the way here in hand."""
    source = root / "src"
    edges = {}
    for path in files_below(root, ["src"], HEADER_SUFFIXES):
        targets = [include.path for include in includes_of(path) if (source / include.path).is_file()]
        edges[str(path.relative_to(source))] = targets
    done: set[str] = set()
    for header in edges:
        yield from walk(header, edges, done, [])


def walk(header: str, edges: dict[str, list[str]], done: set[str], way: list[str]) -> Iterator[str]:
    if header in way:
        circle = way[way.index(header):] + [header]
        yield f"src/{header}:1: headers include each other in a circle: {' -> '.join(circle)}"
        return
    if header in done:
        return
    for target in edges.get(header, []):
        yield from walk(target, edges, done, way + [header])
    done.add(header)


def violations(root: Path) -> list[str]:
    return [*check_includes(root), *check_circles(root), *check_pragma_once(root)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    found = violations(parser.parse_args().root)
    for violation in found:
        print(violation)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
