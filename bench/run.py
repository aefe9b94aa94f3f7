#!/usr/bin/env python3
"""Measures the release of Souk beside the bare floor and its budgets; `./dev bench` builds first and calls this.

Ends with 0 when everything asked for was measured, whether or not it met its budget, else with 1.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import shutil
import sqlite3
import sys
import tempfile
import time
from pathlib import Path

from cases import accepted, crash, hot, memory, profile, restart, soak, start, store
from harness.plan import LONG, PLANS, Bench, Plan
from harness.processes import BenchError, raise_file_limit
from harness.report import Report, describe

ROOT = Path(__file__).resolve().parent.parent
# What ends one benchmark and lets the others go on.
FAILURES = (BenchError, OSError, sqlite3.Error, http.client.HTTPException)
CASES = {"hot": hot, "accepted": accepted, "profile": profile, "memory": memory, "start": start, "restart": restart,
         "soak": soak, "crash": crash, "store": store}


def read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which to run (default all): {', '.join(CASES)}")
    length = parser.add_mutually_exclusive_group()
    length.add_argument("--full", action="store_const", const="full", dest="plan", help="as long as the budgets say")
    length.add_argument("--brief", action="store_const", const="brief", dest="plan",
                        help="a few seconds, to show that every benchmark still works")
    parser.set_defaults(plan="default")
    parser.add_argument("--orders", type=int, help="orders stored before `accepted` begins, and the backlog of `restart`")
    parser.add_argument("--products", type=int, help="products in the shop of `store`")
    parser.add_argument("--seconds", type=float, help="how long `accepted` and `soak` offer their rate")
    parser.add_argument("--kills", type=int, help="kills of `crash` on each database")
    parser.add_argument("--seed", type=int, help="first seed of `crash`, to replay it")
    parser.add_argument("--rounds", type=int, help="rounds of `hot`")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write everything measured to FILE")
    parser.add_argument("--markdown", action="store_true", help="print the section for docs/benchmarks.md")
    parser.add_argument("--binary", type=Path, default=Path(os.environ.get("SOUK_BINARY", ROOT / "build/release/souk")),
                        help="what is measured; floor and offer are taken from the folder bench beside it")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in CASES]
    if unknown:
        parser.error(f"unknown benchmark {', '.join(unknown)}; there are {', '.join(CASES)}")
    return arguments


def chosen_plan(arguments: argparse.Namespace) -> Plan:
    plan = dict(vars(PLANS[arguments.plan]))
    if arguments.plan == "default":
        plan |= {field: getattr(PLANS["full"], field) for name in arguments.names for field in LONG.get(name, ())}
    asked = {"stored_orders": arguments.orders, "stored_products": arguments.products, "restart_backlog": arguments.orders,
             "accepted_seconds": arguments.seconds, "soak_seconds": arguments.seconds,
             "rounds": arguments.rounds, "kills": arguments.kills, "seed": arguments.seed}
    return Plan(**plan | {field: value for field, value in asked.items() if value is not None})


def require_programs(programs: list[Path]) -> None:
    missing = [str(path) for path in programs if not os.access(path, os.X_OK)]
    missing += [name for name in ("wrk", "taskset") if not shutil.which(name)]
    if missing:
        sys.exit(f"bench: missing {', '.join(missing)}; ./dev bench builds and installs what is needed")
    if len(os.sched_getaffinity(0)) < 2:
        sys.exit("bench: two cores are needed, one for the server and one for the load")


def run_cases(bench: Bench, names: list[str]) -> None:
    for name in names:
        print(f"==> {name}", flush=True)
        try:
            CASES[name].run(bench)
        except FAILURES as problem:
            bench.report.problems.append(f"{name}: {problem}")
            print(f"    not measured: {problem}", file=sys.stderr, flush=True)


def main() -> int:
    arguments = read_arguments()
    tools = arguments.binary.resolve().parent / "bench"
    programs = [arguments.binary, tools / "floor", tools / "offer"]
    require_programs(programs)
    raise_file_limit()
    # On the disk of the build, because /tmp may be memory, which syncs in no time.
    place = ROOT / "build/bench"
    place.mkdir(parents=True, exist_ok=True)
    started = time.monotonic()
    with tempfile.TemporaryDirectory(dir=place) as work:
        plan = chosen_plan(arguments)
        conditions = describe(ROOT, programs[0], Path(work)) | {
            "durations": plan.describe(),
            "cores": "hot: server on core 0 with one loop, wrk on core 1; others share both",
        }
        bench = Bench(plan, *programs, Path(work), Report(conditions, judged=arguments.plan != "brief"))
        run_cases(bench, arguments.names or list(CASES))
    report = bench.report
    print(f"\n{report.markdown() if arguments.markdown else report.table()}")
    missed = f"{sum(row.met is False for row in report.rows)} budgets missed" if report.judged else "no budget judged"
    print(f"\n{len(report.rows)} measurements in {time.monotonic() - started:.0f} s, {missed}, "
          f"{len(report.problems)} benchmarks failed")
    if arguments.json:
        arguments.json.write_text(json.dumps(report.as_json(), indent=1) + "\n")
    return 1 if report.problems else 0


if __name__ == "__main__":
    sys.exit(main())
