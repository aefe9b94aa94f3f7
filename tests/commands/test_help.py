# What the command line teaches, and its exit codes: 0, 1 refused, 2 usage, 3 unavailable.
import re

import pytest

from support.command import run


def test_help_names_every_command_and_says_what_it_does(tmp_path):
    ended = run("--help", cwd=tmp_path)
    assert (ended.code, ended.err) == (0, "")
    for command in ("serve", "config", "migrate", "version", "flash", "store"):
        line = re.search(rf"^\s+(?:souk )?{command}\b.*\S+ \S+", ended.out, re.M)
        assert line, f"--help has no line about {command}:\n{ended.out}"


@pytest.mark.parametrize("command", [["serve"], ["config"], ["migrate"], ["version"], ["flash"],
                                     ["flash", "init"], ["store"], ["store", "token"], ["store", "contact", "list"],
                                     ["store", "contact", "resend"], ["store", "orders", "list"],
                                     ["store", "orders", "resend"]])
def test_every_command_has_a_help_of_its_own(tmp_path, command):
    ended = run(*command, "--help", cwd=tmp_path)
    assert (ended.code, ended.err) == (0, "")
    assert command[-1] in ended.out


def test_the_help_of_flash_init_shows_its_arguments(tmp_path):
    out = run("flash", "init", "--help", cwd=tmp_path).out.upper()
    for word in ("PRODUCT", "QUANTITY", "--URL"):
        assert word in out


def test_version_is_printed(tmp_path):
    ended = run("version", cwd=tmp_path)
    assert (ended.code, ended.err) == (0, "")
    assert re.search(r"\d+\.\d+", ended.out)


@pytest.mark.parametrize("arguments", [
    ["no-such-command"], ["--no-such-flag"], ["serve", "no-such-service"], ["serve", "--no-such-flag"],
    ["flash"], ["flash", "no-such-command"], ["flash", "init"], ["flash", "init", "product"],
    ["flash", "init", "product", "many"], ["flash", "init", "product", "-1"],
    ["serve", "flash", "no-such-service"], ["store"], ["store", "token"], ["store", "contact"],
    ["store", "contact", "resend"], ["store", "contact", "resend", "1", "--failed"], ["store", "orders"],
    ["store", "orders", "resend"], ["store", "orders", "resend", "0"], ["store", "orders", "list", "--state", "sent"],
    ["flash", "init", "product", "1.5"], ["flash", "init", "product", "2147483648"],
    ["flash", "init", "product", "1", "too much"],
])
def test_a_mistake_in_the_command_line_is_exit_code_2_with_a_message(tmp_path, arguments):
    ended = run(*arguments, cwd=tmp_path)
    assert ended.code == 2, ended
    assert ended.err.strip()


def test_looking_at_things_leaves_no_files_behind(tmp_path):
    for arguments in (["--help"], ["version"], ["config"], ["config", "--json"]):
        assert run(*arguments, cwd=tmp_path).code == 0
    assert list(tmp_path.iterdir()) == []
