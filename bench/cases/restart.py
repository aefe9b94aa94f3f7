"""A kill with a million orders in the log that are not in the database yet: how long until orders are taken again, and
until all of them are written."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path

from cases.accepted import PRODUCT, check_all_accepted, offer_rate
from harness.plan import ENDLESS_STOCK, Bench
from harness.processes import BenchError, Souk
from harness.watch import database_bytes

PREPARE_RATE = 30_000
PREPARE_SECONDS_MIN = 0.5
DRAIN_SECONDS_SPARE = 120
CONNECTIONS = 256
# Keys would be restored as well, in any time that the preparation takes.
SETTINGS = {"FLASH_IDEMPOTENCY_TTL_SECONDS": "3600"}


@contextlib.contextmanager
def database_held_back(data: Path) -> Iterator[None]:
    """Somebody else has the write lock, so that the worker cannot write and accepted orders wait in the log."""
    with contextlib.closing(sqlite3.connect(data / "flash.db", timeout=30, isolation_level=None)) as connection:
        connection.execute("PRAGMA wal_autocheckpoint = 0")     # the file has one writer
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


def peak_bytes(souk: Souk) -> int:
    status = Path(f"/proc/{souk.pid}/status").read_text()
    return int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.MULTILINE)[1]) * 1024


def fill_log(bench: Bench, data: Path, count: int) -> tuple[dict, float]:
    """Leaves a data directory as SIGKILL does; gives the generator's result and how many bytes each order took."""
    seconds = max(count / PREPARE_RATE, PREPARE_SECONDS_MIN)
    with Souk(bench.souk, data, core=None, settings=SETTINGS) as souk:
        souk.init(PRODUCT, ENDLESS_STOCK)
        souk.wait_drained()
        idle = souk.resident_bytes()
        with database_held_back(data):
            result = offer_rate(bench, souk, int(count / seconds), seconds, CONNECTIONS)
            check_all_accepted(result)
            backlog, grown = souk.backlog(), souk.resident_bytes() - idle
            souk.process.kill()
            souk.process.wait()
    if backlog < 0.9 * result["accepted"]["count"]:
        raise BenchError(f"only {backlog:,} of {result['accepted']['count']:,} orders waited in the log")
    return result, grown / max(backlog, 1)


def stored(data: Path) -> int:
    with contextlib.closing(sqlite3.connect(f"file:{data / 'flash.db'}?mode=ro", uri=True)) as database:
        return database.execute("SELECT count(*) FROM orders").fetchone()[0]


def run(bench: Bench) -> None:
    data = bench.fresh_data("restart")
    bench.say(f"accepting {bench.plan.restart_backlog:,} orders with the database held back")
    began = time.monotonic()
    filled, bytes_each = fill_log(bench, data, bench.plan.restart_backlog)
    count = filled["accepted"]["count"]
    prepared = time.monotonic() - began
    log_bytes = sum(path.stat().st_size for path in data.glob("flash-log.db*"))
    bench.say(f"{count:,} orders in {prepared:.0f} s; killed; starting again")
    with Souk(bench.souk, data, core=None, settings=SETTINGS) as souk:
        ready_resident, backlog = souk.resident_bytes(), souk.backlog()
        ready_peak = peak_bytes(souk)
        drain = souk.wait_drained(DRAIN_SECONDS_SPARE + count / 1_000)
        after = souk.resident_bytes()
    rows = stored(data)
    # Those under way at the kill may or may not have made it.
    if not count <= rows <= count + filled["unanswered"]:
        raise BenchError(f"{count:,} orders were accepted before the kill, {rows:,} are stored")
    bench.report.add("restart", f"SIGKILL with {count:,} orders in the log ({log_bytes / 2**20:.0f} MB): to ready for "
                     "orders", f"{souk.start_seconds:.2f} s ({souk.start_seconds * 1e6 / count:.2f} us for each)",
                     seconds=souk.start_seconds, orders=count)
    bench.report.add("restart", "memory then", f"{ready_resident / 2**20:.0f} MB, most {ready_peak / 2**20:.0f} MB; "
                     f"{after / 2**20:.0f} MB when drained; {bytes_each:.0f} bytes an order while they came in")
    bench.report.add("restart", "to drain", f"{drain:.1f} s for the {backlog:,} left when it was ready "
                     f"({backlog / max(drain, 1e-6):,.0f}/s); {rows:,} rows, {database_bytes(data) / 2**20:.0f} MB",
                     seconds=drain)
