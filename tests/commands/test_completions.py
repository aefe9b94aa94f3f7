# `souk completions`: in bash, zsh and fish themselves, as somebody sees them who presses the tab key.
import re
import subprocess

import pytest

from support.command import run
from support.terminal import Terminal

SHELLS = ["bash", "zsh", "fish"]
COMMANDS = {"serve", "config", "migrate", "version", "doctor", "backup", "restore", "completions", "flash", "store"}

# What is typed, what is offered, and what is not.
ASKED = [
    ("souk ", COMMANDS, {"--help", "token", "a-file"}),
    ("souk c", {"config", "completions"}, {"serve", "a-file"}),
    ("souk serve ", {"flash", "store"}, {"--store-port", "serve", "a-file"}),
    ("souk serve flash ", {"flash", "store"}, {"a-file"}),
    ("souk serve --store-p", {"--store-port"}, {"--store-checkout", "a-file"}),
    ("souk store ", {"token", "contact", "orders"}, {"serve", "flash", "a-file"}),
    ("souk store orders ", {"list", "resend"}, {"token", "a-file"}),
    ("souk store orders resend --", {"--failed", "--json"}, {"--state", "a-file"}),
    ("souk store orders list --state ", {"pending", "failed", "settled"}, {"disabled", "a-file"}),
    ("souk flash ", {"init", "orders", "sales", "dead-letters"}, {"token", "a-file"}),
    ("souk completions ", set(SHELLS), {"serve", "a-file"}),
    ("souk config --json ", {"flash", "store"}, {"a-file"}),
    ("souk backup ", {"a-file"}, {"serve", "flash"}),
    ("souk serve --config ", {"a-file"}, {"flash"}),
]


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a-file").touch()
    (tmp_path / "a-file-too").touch()
    for shell in SHELLS:
        ended = run("completions", shell, cwd=tmp_path)
        assert (ended.code, ended.err) == (0, "")
        (tmp_path / f"souk.{shell}").write_text(ended.out)
    (tmp_path / "functions").mkdir()
    (tmp_path / "functions" / "_souk").write_text((tmp_path / "souk.zsh").read_text())
    return tmp_path


def words_of(shown):
    return set(re.findall(r"[A-Za-z-][A-Za-z0-9-]*", shown))


def check_all(complete):
    for line, offered, others in ASKED:
        shown = complete(line)
        unwanted = words_of(shown) & (others - words_of(line))
        assert offered <= words_of(shown), f"{line!r} does not offer {offered - words_of(shown)}:\n{shown}"
        assert not unwanted, f"{line!r} offers {unwanted}:\n{shown}"


def test_in_bash(folder):
    with Terminal("bash", "--norc", "--noprofile", "-i", cwd=folder) as shell:
        shell.run("bind 'set show-all-if-ambiguous on'; bind 'set page-completions off'; "
                  "bind 'set completion-query-items 0'; bind 'set bell-style none'; . ./souk.bash")
        check_all(shell.complete)
        (folder / "store").mkdir()
        assert "store/" not in shell.complete("souk stor"), "a command is no folder"


@pytest.mark.parametrize("way", ["source ./souk.zsh", "true"], ids=["sourced", "found in fpath"])
def test_in_zsh(folder, way):
    with Terminal("zsh", "-f", "-i", cwd=folder) as shell:
        path = "" if way.startswith("source") else f"fpath=({folder}/functions $fpath); "
        shell.run(f"{path}autoload -U compinit; compinit -u -D; LISTMAX=10000; unsetopt prompt_sp prompt_cr list_ambiguous; {way}")
        check_all(shell.complete)


def test_in_fish(folder):
    def complete(line):
        script = f"source souk.fish; complete -C '{line}'"
        ended = subprocess.run(["fish", "--no-config", "-c", script], cwd=folder, capture_output=True, text=True,
                               timeout=30, env={"HOME": str(folder), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"})
        assert (ended.returncode, ended.stderr) == (0, ""), ended
        return "\n".join(offer.split("\t")[0] for offer in ended.stdout.splitlines())
    check_all(complete)


@pytest.mark.parametrize("shell", SHELLS)
def test_every_command_and_flag_is_named_and_no_secret(folder, shell):
    script = (folder / f"souk.{shell}").read_text()
    for word in ("serve", "dead-letters", "backup", "flash-rate-limit-rps", "retry", "store contact list", "failed",
                 "store-port"):
        assert word in script
    assert "admin-token" not in script, "secrets are no flags"
