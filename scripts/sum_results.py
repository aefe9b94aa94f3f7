#!/usr/bin/env python3
"""Adds up a folder of test results and ends with the one line `N passed, N failed`.

The folder holds JUnit reports (NAME.xml) of ctest and pytest, the exit status of each runner (NAME.status), and
steps.tsv, a line for each check and build. A runner that failed without a failed test in its report (it crashed, found
nothing, or wrote none) counts as one failure. Exits 1 when something failed or no test ran.
"""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import NamedTuple


class Results(NamedTuple):
    passed: list[str]
    failed: list[str]
    skipped: list[str]


def none_yet() -> Results:
    return Results([], [], [])


def read_case(case: ElementTree.Element, runner: str, into: Results) -> None:
    name, group = case.get("name", "?"), case.get("classname")
    if group and group != name:  # ctest gives the name twice.
        name = f"{group}.{name}"
    skipped = case.find("skipped")
    reason = skipped.get("message", "") if skipped is not None else ""
    # ctest's word for a test whose program is missing is "notrun" with a <skipped>, which is no skipping.
    was_lost = case.get("status") == "notrun" and "SKIP_" not in reason
    if case.find("failure") is not None or case.find("error") is not None or was_lost:
        into.failed.append(f"{runner}: {name}")
    elif skipped is not None or case.get("status") == "disabled":
        into.skipped.append(f"{runner}: {name}: {reason or 'disabled'}")
    else:
        into.passed.append(f"{runner}: {name}")


def read_runner(status_file: Path) -> Results:
    runner, results = status_file.stem, none_yet()
    status = int(status_file.read_text())
    report = status_file.with_suffix(".xml")
    broken = "wrote no report"
    if report.is_file():
        broken = ""
        try:
            for case in ElementTree.parse(report).iter("testcase"):
                read_case(case, runner, results)
        except ElementTree.ParseError as error:
            broken = f"left a broken report ({error})"
    if broken or (status != 0 and not results.failed):
        results.failed.append(f"{runner}: the runner ended with status {status} and {broken or 'no failed test'}")
    return results


def read_steps(file: Path) -> Results:
    results = none_yet()
    for line in file.read_text().splitlines() if file.is_file() else []:
        name, outcome = line.split("\t")
        (results.passed if outcome == "passed" else results.failed).append(name)
    return results


def main(folder: Path) -> int:
    runners = [read_runner(file) for file in sorted(folder.glob("*.status"))]
    tests_run = sum(len(results.passed) + len(results.failed) for results in runners)
    everything = [*runners, read_steps(folder / "steps.tsv")]
    for title, kind in (("Skipped", "skipped"), ("Failed", "failed")):
        names = [name for results in everything for name in getattr(results, kind)]
        if names:
            print(f"{title} ({len(names)}):", *names, sep="\n    ")
    passed = sum(len(results.passed) for results in everything)
    failed = sum(len(results.failed) for results in everything)
    if tests_run == 0:
        print("No test ran.")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or tests_run == 0 else 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
