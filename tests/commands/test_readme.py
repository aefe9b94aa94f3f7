# The README's tour, as a reader would type it: every `$` line is run by a shell, and what it prints is what the
# README shows below it. Ports, paths, times and ids differ from machine to machine; nothing else may.
import re
import subprocess
from dataclasses import dataclass

import pytest

from support.eventually import eventually
from support.souk import REPOSITORY, binary
from support.store import Both

SALE, SHOP = "## A tour of two minutes", "### And the shop"
VARYING = [
    (re.compile(r"\d{4}-\d\d-\d\d([T ])\d\d:\d\d:\d\d"), r"DAY\1TIME"),
    (re.compile(r"(?m)^date: .* GMT$"), "date: NOW"),
    (re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"), "ID"),
    (re.compile(r'("(?:acceptedAt|updatedAt)"):\d{13}'), r"\1:MILLISECONDS"),
    (re.compile(r"(?m)^ *\d+ (?=\d{3} )"), "SOME "),  # how many of a rush were let through
    (re.compile(r"(?m)[ \r]+$"), ""),
]


@dataclass
class Step:
    command: str
    shown: str


def tour(heading):
    """The commands between this heading and the next, each with what is shown below it."""
    text = (REPOSITORY / "README.md").read_text()
    section = re.split(r"(?m)^##+ ", text[text.index(heading) + len(heading):])[0]
    steps = []
    for block in re.findall(r"(?ms)^```\n(.*?)^```$", section):
        for said in re.split(r"(?m)^\$ ", block.replace("\\\n", " "))[1:]:
            steps.append(Step(*said.split("\n", 1)))
    return steps


def masked(text):
    for pattern, instead in VARYING:
        text = pattern.sub(instead, text)
    return text.strip()


class Reader:
    def __init__(self, souk):
        self.souk = souk
        self.variables = []  # assignments so far, since each command has a shell of its own

    def type(self, command):
        command = self.here(command)
        if re.match(r"[A-Z]+=", command):
            self.variables.append(command)
        ended = subprocess.run(
            ["bash", "-c", "\n".join([*self.variables, command])], cwd=self.souk.owned, env=self.souk.environment(),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)
        assert ended.returncode == 0, f"{command}\nended with {ended.returncode}: {ended.stdout}{ended.stderr}"
        return ended.stdout

    def here(self, command):
        """The same for this test's program, ports and paths."""
        for theirs, ours in {
            "build/release/souk": binary(), "build/run": str(self.souk.data_dir),
            "localhost:3000": f"127.0.0.1:{self.souk.flash_port}", "localhost:8001": f"127.0.0.1:{self.souk.api_port}",
            "localhost:9090": f"127.0.0.1:{self.souk.ops_port}",
        }.items():
            command = command.replace(theirs, ours)
        return command

    def follows(self, step):
        """Types it and looks at what is printed."""
        if step.command.startswith("kill "):
            self.type(step.command)
            self.souk.process.wait(10)
            self.souk.launch()
        elif step.command.startswith("curl localhost"):
            eventually(lambda: self.is_as_shown(step), 5, step.command)  # a reader is not as fast as this
        else:
            self.is_as_shown(step)

    def is_as_shown(self, step):
        assert masked(self.type(step.command)) == masked(step.shown), step.command
        return True


@pytest.fixture
def reader():
    program = Both()
    try:
        yield Reader(program.launch())
        program.close()
    finally:
        program.kill()
        program.discard()


@pytest.mark.parametrize("heading, commands", [(SALE, 10), (SHOP, 10)])
def test_the_tour_of_the_readme_is_as_shown(reader, heading, commands):
    steps = tour(heading)
    assert len(steps) == commands, [step.command for step in steps]
    for step in steps:
        reader.follows(step)
