"""What the checks know about the source tree: which files there are and what they include."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Iterator, NamedTuple

HEADER_SUFFIXES = {".h", ".hpp"}
CPP_SUFFIXES = HEADER_SUFFIXES | {".cpp", ".cc"}
FOLDERS_OF_OTHERS = {"node_modules", "build", "__pycache__"}

_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


class Include(NamedTuple):
    line: int
    path: str
    quoted: bool


def files_below(root: Path, folders: list[str], suffixes: set[str]) -> Iterator[Path]:
    for folder in folders:
        for path in sorted((root / folder).rglob("*")):
            if path.suffix in suffixes and not FOLDERS_OF_OTHERS & set(path.relative_to(root).parts):
                yield path


def includes_of(path: Path) -> list[Include]:
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if match := _INCLUDE.match(line):
            found.append(Include(number, match[2], match[1] == '"'))
    return found


def is_test(path: Path) -> bool:
    """Tests stand in a folder `tests` or say so in their name; black-box tests do both."""
    return "tests" in path.parts or path.stem.endswith("_test") or path.stem.startswith("test_")
