"""Runs node's own test runner for the tests of the pages."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
DEADLINE_SECONDS = 600


@pytest.fixture(scope="session")
def run_node() -> Callable[..., None]:
    """A function that runs a command in web/ and fails with everything it said when it failed."""
    subprocess.run(["node", "install.mjs"], cwd=ROOT / "web", check=True, timeout=DEADLINE_SECONDS)

    def run(command: list[str], environment: dict[str, str]) -> None:
        ended = subprocess.run(
            command,
            cwd=ROOT / "web",
            env=os.environ | environment,
            capture_output=True,
            text=True,
            timeout=DEADLINE_SECONDS,
        )
        assert ended.returncode == 0, f"{ended.stdout}\n{ended.stderr}"

    return run
