"""cmake/migrations.cmake embeds the right files in the right order, and stops at every other."""

import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

SCRIPT = Path(__file__).resolve().parents[2] / "cmake/migrations.cmake"


def embed(folder: Path, files: dict[str, str]) -> tuple[int, str, str]:
    """Exit status, header (empty when there is none) and what was said."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    for name, text in files.items():
        (folder / name).write_bytes(text.encode())
    header = folder.parent / "schema.h"
    header.unlink(missing_ok=True)
    ran = subprocess.run(
        ["cmake", "-D", "SERVICE=shop", "-D", f"DIR={folder}", "-D", f"HEADER={header}", "-P", str(SCRIPT)],
        capture_output=True, text=True)
    return ran.returncode, header.read_text() if header.exists() else "", ran.stderr


def embedded(header: str) -> list[tuple[int, str, str, str]]:
    row = re.compile(r'\{(\d+), "(\w+)",\nR"souk_sql\((.*?)\)souk_sql",\nR"souk_sql\((.*?)\)souk_sql"\}', re.S)
    return [(int(number), name, sqlite, postgres) for number, name, sqlite, postgres in row.findall(header)]


def test_texts_of_both_engines_arrive_in_order(tmp_path: Path) -> None:
    status, header, said = embed(tmp_path / "schema", {
        "010_later.sql": "SELECT 10;\n",
        "002_types.sqlite.sql": "CREATE TABLE t (x INTEGER);\n",
        "002_types.postgres.sql": "CREATE TABLE t (x BIGINT);\n",
        "001_first.sql": "SELECT 1;\n",
    })
    assert status == 0, said
    assert embedded(header) == [
        (1, "first", "SELECT 1;\n", "SELECT 1;\n"),
        (2, "types", "CREATE TABLE t (x INTEGER);\n", "CREATE TABLE t (x BIGINT);\n"),
        (10, "later", "SELECT 10;\n", "SELECT 10;\n"),
    ]


@pytest.mark.parametrize("files, reason", [
    (["1_a.sql"], "is named 001_some_words.sql"),
    (["0001_a.sql"], "is named 001_some_words.sql"),
    (["001.sql"], "is named 001_some_words.sql"),
    (["001_A.sql"], "is named 001_some_words.sql"),
    (["001_a-b.sql"], "is named 001_some_words.sql"),
    (["001_a.mysql.sql"], "is named 001_some_words.sql"),
    (["001_a b.sql"], "is named 001_some_words.sql"),
    (["001_a.sql", "001_b.sql"], "two migrations have the number 1"),
    (["000_a.sql"], "two migrations have the number 0"),
    (["001_a.sqlite.sql"], "has no text for postgres"),
    (["001_a.postgres.sql"], "has no text for sqlite"),
    ([], "holds no migrations"),
])
def test_wrong_files_stop_the_build(tmp_path: Path, files: list[str], reason: str) -> None:
    status, header, said = embed(tmp_path / "schema", dict.fromkeys(files, "SELECT 1;\n"))
    assert status != 0 and header == ""
    assert reason in " ".join(said.split())


@settings(max_examples=25, deadline=None, database=None, derandomize=True,
          suppress_health_check=list(HealthCheck))
@given(st.lists(st.text(alphabet="abz;\"'\\$[]{}()@#%/*-\n ß", max_size=60), min_size=1, max_size=3))
def test_any_text_arrives_unchanged(tmp_path: Path, texts: list[str]) -> None:
    status, header, said = embed(
        tmp_path / "schema", {f"{number:03}_step.sql": text for number, text in enumerate(texts, start=1)})
    assert status == 0, said
    assert embedded(header) == [(number, "step", text, text) for number, text in enumerate(texts, start=1)]
