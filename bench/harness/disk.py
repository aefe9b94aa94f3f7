"""What the disk does on its own: the bytes and syncs of a run again, written by two bare threads, without Souk."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path
from typing import NamedTuple

from harness.processes import BenchError

LOG_BYTES = 4 * 2**20           # one file is written over and over, as a write-ahead log is
TABLE_BYTES = 64 * 2**20
LOG_SHARE = 0.3                 # of the bytes; the rest is the tables', synced four times a second
TABLE_SYNCS_PER_SECOND = 4
PAGE = 4096


class Writes(NamedTuple):
    """What a program was seen to write in `seconds`."""
    bytes: int
    syncs: int
    seconds: float


class Sync(NamedTuple):
    begun: float
    ended: float


class Alone(NamedTuple):
    p999_ms: float
    longest_ms: float
    bytes_per_second: float


def written_by(pid: int) -> int:
    """Bytes that this process has caused to be written to disks."""
    fields = dict(line.split(": ") for line in Path(f"/proc/{pid}/io").read_text().splitlines())
    return int(fields["write_bytes"])


def write_and_sync(file: Path, file_bytes: int, bytes_each: float, per_second: float, seconds: float) -> list[Sync]:
    """Pieces of `bytes_each` at most `per_second`, each synced, round and round in a file that does not grow."""
    piece = os.urandom(max(PAGE, round(bytes_each / PAGE) * PAGE))
    syncs: list[Sync] = []
    descriptor = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.pwrite(descriptor, bytes(file_bytes), 0)
        os.fsync(descriptor)
        place, due = 0, time.monotonic()
        until = due + seconds
        while (begun := time.monotonic()) < until:
            if begun < due:
                time.sleep(due - begun)
                continue
            os.pwrite(descriptor, piece, place)
            os.fdatasync(descriptor)
            syncs.append(Sync(begun, time.monotonic()))
            place = 0 if place + 2 * len(piece) > file_bytes else place + len(piece)
            due = begun + 1 / per_second
    finally:
        os.close(descriptor)
        file.unlink()
    return syncs


def waits_ms(syncs: list[Sync], step: float = 0.0005) -> list[float]:
    """How long an order waits that is due at any moment: for the end of the next sync that begins."""
    waits = []
    for before, sync in zip(syncs, syncs[1:]):
        due = before.begun
        while due < sync.begun:
            waits.append((sync.ended - due) * 1000)
            due += step
    return sorted(waits)


def alone(folder: Path, like: Writes, seconds: float) -> Alone:
    """The same bytes and syncs per second for `seconds`, into files of `folder`."""
    per_second = like.bytes / like.seconds
    syncs_per_second = max(like.syncs / like.seconds, 1)
    tables = threading.Thread(target=write_and_sync, args=(
        folder / "disk-tables", TABLE_BYTES, per_second * (1 - LOG_SHARE) / TABLE_SYNCS_PER_SECOND,
        TABLE_SYNCS_PER_SECOND, seconds))
    tables.start()
    syncs = write_and_sync(folder / "disk-log", LOG_BYTES, per_second * LOG_SHARE / syncs_per_second, syncs_per_second,
                           seconds)
    tables.join()
    waits = waits_ms(syncs)
    if not waits:
        raise BenchError(f"the disk synced {len(syncs)} times in {seconds:.1f} s, too few to say anything")
    return Alone(waits[int(len(waits) * 0.999)], waits[-1], per_second)
