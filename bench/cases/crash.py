"""The crash driver of tests/crash at length, on SQLite and on PostgreSQL, which is killed as well."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

from harness.plan import Bench
from harness.processes import BenchError

ROOT = Path(__file__).resolve().parents[2]
STORAGES = {"sqlite": "SQLite", "postgres": "PostgreSQL"}


def drive(bench: Bench, storage: str, kills: int, seed: int) -> dict:
    """Runs the driver; a broken promise ends the benchmark with what the driver told, replay included."""
    outcome = bench.work / f"crash-{storage}.json"
    command = [sys.executable, "-m", "tests.crash", "flash", "--storage", storage, "--kills", str(kills), "--seed", str(seed),
               "--quiet", "--json", str(outcome)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ | {"SOUK_BINARY": str(bench.souk)}, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False)
    if done.returncode != 0:
        print(done.stdout, file=sys.stderr, flush=True)
        raise BenchError(f"{STORAGES[storage]}, seed {seed}: {done.stdout.strip()[-2000:]}")
    return json.loads(outcome.read_text())


def run(bench: Bench) -> None:
    kills = bench.plan.kills
    seed = random.SystemRandom().randrange(2**31) if bench.plan.seed is None else bench.plan.seed
    for storage, name in STORAGES.items():
        bench.say(f"{name}: {kills} kills from seed {seed} on")
        result = drive(bench, storage, kills, seed)
        deaths = ", ".join(f"{count} x {how}" for how, count in sorted(result["deaths"].items()))
        phases = ", ".join(f"{phase} {seconds:.0f} s" for phase, seconds in result["phases"].items())
        bench.report.add("crash", f"{name}: kills", f"{sum(result['deaths'].values())} ({deaths})", **result)
        bench.report.add("crash", f"{name}: orders promised, lost or changed", f"{result['promised']:,}, 0",
                         "0 of the promised", True)
        bench.report.add("crash", f"{name}: checks", f"{result['checked']:,} orders looked up in {result['checks']} "
                         f"checks; seeds {result['seeds'][0]} to {result['seeds'][-1]}, "
                         f"{result['seconds']:.0f} s ({phases})")
