"""What was measured, beside its budget: for a terminal, as JSON and as a section of docs/benchmarks.md."""

from __future__ import annotations

import datetime
import os
import platform
import re
import subprocess
import textwrap
from dataclasses import asdict, dataclass, field
from pathlib import Path

MEASURED_WIDTH = 80


@dataclass
class Row:
    case: str
    what: str
    measured: str
    budget: str = ""
    met: bool | None = None      # None: there is no budget, the figure is for information
    figures: dict = field(default_factory=dict)

    def verdict(self) -> str:
        return {True: "met", False: "MISSED", None: ""}[self.met]


@dataclass
class Report:
    conditions: dict[str, str]
    rows: list[Row] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    judged: bool = True          # False when the run was too short to hold it against a budget

    def add(self, case: str, what: str, measured: str, budget: str = "", met: bool | None = None, **figures) -> None:
        self.rows.append(Row(case, what, measured, budget, met if self.judged else None, figures))

    def as_json(self) -> dict:
        return {"conditions": self.conditions, "rows": [asdict(row) for row in self.rows], "problems": self.problems}

    def table(self) -> str:
        cells = [("", "measurement", "measured", "budget", "")]
        for row in self.rows:
            first, *more = textwrap.wrap(row.measured, MEASURED_WIDTH)
            cells.append((row.case, row.what, first, row.budget, row.verdict()))
            cells += [("", "", line, "", "") for line in more]
        widths = [max(len(line[column]) for line in cells) for column in range(5)]
        return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(line, widths)).rstrip() for line in cells)

    def markdown(self) -> str:
        lines = [f"## Measured on {self.conditions['date']}", ""]
        lines += [f"- {name}: {value}" for name, value in self.conditions.items() if name != "date"]
        lines += ["", "| Benchmark | Measurement | Measured | Budget | |", "| --- | --- | --- | --- | --- |"]
        for row in self.rows:
            lines.append(f"| {row.case} | {row.what} | {row.measured} | {row.budget} | {row.verdict()} |")
        lines += [""] + [f"Not measured: {problem}" for problem in self.problems]
        return "\n".join(lines).rstrip() + "\n"


def _first_line(*command: str) -> str:
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "not found"
    text = (done.stdout + done.stderr).strip()
    return text.splitlines()[0] if text and done.returncode == 0 else "unknown"


def _debian_version(package: str) -> str:
    return _first_line("dpkg-query", "-W", "-f=${Version}", package)


def describe(root: Path, souk: Path, work: Path) -> dict[str, str]:
    """Everything about the machine and the programs that the figures depend on."""
    model = re.search(r"^model name\s*:\s*(.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    commit = _first_line("git", "-C", str(root), "rev-parse", "--short", "HEAD")
    changes = _first_line("git", "-C", str(root), "status", "--porcelain", "--untracked-files=no")
    system = re.search(r'PRETTY_NAME="(.*)"', Path("/etc/os-release").read_text())
    program = f"{_first_line(str(souk), 'version')}, commit {commit}"
    return {
        "date": datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC"),
        "processor": f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores, "
                     f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB",
        "system": f"{system[1] if system else 'unknown'}, kernel {platform.release()}",
        "disk": _first_line("findmnt", "-n", "-o", "FSTYPE,OPTIONS", "-T", str(work)),
        "souk": f"{program}{'' if changes == 'unknown' else ' with changes'}",
        "versions": f"clang {_debian_version('clang-19')}, Boost {_debian_version('libboost1.81-dev')}, "
                    f"SQLite {_debian_version('libsqlite3-0')}, wrk {_debian_version('wrk')}",
    }
