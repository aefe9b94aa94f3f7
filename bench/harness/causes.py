"""Why nobody was answered for a while: the server's own lines and the generator's standstills, matched by time."""

from __future__ import annotations

import datetime
import json
from pathlib import Path
from typing import NamedTuple

SLACK_MS = 2.0          # lines are dated in whole milliseconds
SHARE_MIN = 0.25        # of the pause; what covers less of it did not cause it
CAUSES_MAX = 2


class Span(NamedTuple):
    """Something that took its time, in milliseconds since 1970."""

    begin: float
    end: float
    text: str

    def overlap(self, other: Span) -> float:
        return min(self.end, other.end) - max(self.begin, other.begin)


def server_spans(log: Path) -> list[Span]:
    """From the lines that carry `pause_ms`; each was written when its pause was over."""
    spans = []
    for line in log.read_text(errors="replace").splitlines():
        if '"pause_ms"' not in line:
            continue
        entry = json.loads(line)
        end = datetime.datetime.fromisoformat(entry["time"].replace("Z", "+00:00")).timestamp() * 1000
        spans.append(Span(end - entry["pause_ms"] - SLACK_MS, end + SLACK_MS, entry["message"]))
    return spans


def generator_spans(result: dict) -> list[Span]:
    return [span_of(result, pause, f"the load generator itself did not run for {pause['length_us'] / 1000:.0f} ms")
            for pause in result["generator_pauses"]]


def span_of(result: dict, pause: dict, text: str = "") -> Span:
    begin = result["started_at_ms"] + pause["at_us"] / 1000
    return Span(begin, begin + pause["length_us"] / 1000, text)


def cause_of(pause: Span, candidates: list[Span], told_from_ms: int) -> str:
    least = SHARE_MIN * (pause.end - pause.begin)
    causes = sorted((span for span in candidates if span.overlap(pause) >= least), key=lambda span: -span.overlap(pause))
    if not causes:
        return f"no disk step or standstill of {told_from_ms} ms: many short ones, or the CPU"
    return "; ".join(dict.fromkeys(span.text for span in causes[:CAUSES_MAX]))
