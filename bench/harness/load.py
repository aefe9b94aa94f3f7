"""Runs the load generators, pinned or not, and reads their results."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Iterable, NamedTuple

from harness.processes import LOAD_CORE, BenchError, ForeignLoad, Server

SCRIPTS = Path(__file__).resolve().parent.parent / "wrk"
# wrk takes whole seconds only; it is told more than enough and interrupted, upon which it reports as usual.
WRK_SECONDS_SPARE = 60
SIGINT_BIT = 1 << (signal.SIGINT - 1)


class WrkRun(NamedTuple):
    requests: int
    per_second: float
    cpu_us: float        # of the server, per request
    busy: float          # share of one core the server used
    p50_us: int
    p99_us: int
    above_399: int
    foreign_cores: float


def handles_interrupt(pid: int) -> bool:
    """Whether wrk has come so far that SIGINT ends its run and not its life."""
    caught = re.search(r"^SigCgt:\s*(\w+)", Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)
    return bool(caught and int(caught[1], 16) & SIGINT_BIT)


def run_for(command: list[str], seconds: float) -> str:
    """Lets wrk run for that long, then has it report; its output."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        while process.poll() is None and not handles_interrupt(process.pid):
            time.sleep(0.005)
        time.sleep(seconds)
        try:
            for _ in range(WRK_SECONDS_SPARE):
                # Again and again, because one that comes just before wrk falls asleep does not wake it.
                process.send_signal(signal.SIGINT)
                try:
                    return process.communicate(timeout=0.5)[0]
                except subprocess.TimeoutExpired:
                    continue
            raise BenchError("wrk does not end when interrupted")
        finally:
            process.kill()


def wrk(server: Server, port: int, *, mode: str, product: str, run: int, connections: int,
        seconds: float) -> WrkRun:
    """Orders, as wrk/orders.lua makes them."""
    return measured(server, port, [SCRIPTS / "orders.lua", "--", mode, product, run], connections, seconds)


def wrk_file(server: Server, port: int, requests: Path, *, connections: int, seconds: float) -> WrkRun:
    """The requests of a file that write_requests() made, over and over."""
    return measured(server, port, [SCRIPTS / "requests.lua", "--", requests], connections, seconds)


def write_requests(path: Path, requests: Iterable[bytes]) -> Path:
    with path.open("wb") as file:
        for request in requests:
            file.write(b"%d\n%s" % (len(request), request))
    return path


def measured(server: Server, port: int, script: list, connections: int, seconds: float) -> WrkRun:
    """One run of wrk with a script and its arguments."""
    command = ["taskset", "-c", str(LOAD_CORE), "wrk", "-t1", f"-c{connections}",
               f"-d{int(seconds) + WRK_SECONDS_SPARE}s", "-s", str(script[0]), f"http://127.0.0.1:{port}/",
               *map(str, script[1:])]
    foreign = ForeignLoad(server)
    cpu_before = server.cpu_seconds()
    output = run_for(command, seconds)
    cpu = server.cpu_seconds() - cpu_before

    found = re.search(r"^RESULT (.*)$", output, re.MULTILINE)
    if not found:
        raise BenchError(f"wrk printed no result: {output.strip()[-300:]}")
    result = json.loads(found[1])
    if result["broken"] or not result["requests"]:
        raise BenchError(f"wrk completed {result['requests']} requests and met {result['broken']} broken connections "
                         "or timeouts")
    length = result["duration_us"] / 1e6
    return WrkRun(result["requests"], result["requests"] / length, cpu * 1e6 / result["requests"], cpu / length,
                  result["p50_us"], result["p99_us"], result["above_399"], foreign.cores())


def offer(binary: Path, *arguments: object, core: int | None = LOAD_CORE) -> dict:
    """One run of the open-loop or profile generator; its JSON."""
    pin = [] if core is None else ["taskset", "-c", str(core)]
    done = subprocess.run(pin + [str(binary), *map(str, arguments)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"offer {' '.join(map(str, arguments))}: {done.stderr.strip()}")
    return json.loads(done.stdout)
