"""The scripts under test stand one folder up and are imported by name."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))


class Tree:
    """A source tree made up for one test."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: str, text: str) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def header(self, path: str, *includes: str) -> None:
        lines = ["#pragma once", *(f'#include "{include}"' for include in includes)]
        self.write(path, "\n".join(lines) + "\n")


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path)
