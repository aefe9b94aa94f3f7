"""Resident memory: the whole program idle, and per open connection."""

from __future__ import annotations

import contextlib
import socket

from harness import http
from harness.plan import Bench
from harness.processes import BenchError, Souk, raise_file_limit

IDLE_MB_MAX = 40
SPARE_FILES = 500
HEALTH = b"GET /health HTTP/1.1\r\nHost: localhost\r\n\r\n"


def run(bench: Bench) -> None:
    count = bench.plan.idle_connections
    if raise_file_limit() < count + SPARE_FILES:
        raise BenchError(f"{count} connections need a hard limit of {count + SPARE_FILES} open files (ulimit -Hn)")
    # Loops as in everyday use, and every service there is.
    with Souk(bench.souk, bench.fresh_data("memory"), core=None, loops=None, services=()) as souk, \
            contextlib.ExitStack() as open_connections:
        idle = souk.resident_bytes()
        bench.report.add("memory", "whole program idle, resident", f"{idle / 2**20:.1f} MB", f"<= {IDLE_MB_MAX} MB",
                         idle <= IDLE_MB_MAX * 2**20, idle_bytes=idle)

        bench.say(f"opening {count:,} connections")
        connections = [open_connections.enter_context(socket.create_connection(("127.0.0.1", souk.port), 10))
                       for _ in range(count)]
        for connection in connections:
            connection.sendall(HEALTH)
            if http.status_of(http.read_answer(connection)) != 200:
                raise BenchError("a connection was refused before all of them were open")
        # The first connection must still be there, or fewer than all are counted.
        connections[0].sendall(HEALTH)
        http.read_answer(connections[0])
        each = (souk.resident_bytes() - idle) / count
        bench.report.add("memory", f"per idle keep-alive connection ({count:,} open)", f"{each / 1024:.2f} KB",
                         bytes_each=each)
