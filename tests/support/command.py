# One run of the program's command line, to its end.
import subprocess
from dataclasses import dataclass

from support.souk import binary, clean_environment, environment_name


@dataclass
class Ended:
    code: int
    out: str
    err: str

    @property
    def said(self):
        return self.out + self.err


def run(*arguments, cwd, env=None, seconds=20, **settings):
    """Runs `souk ARGUMENTS` in cwd. Settings as for Souk (rate_limit_rps=5), env as plain names."""
    names = {environment_name(k): str(v) for k, v in settings.items() if v is not None}
    ended = subprocess.run(
        [binary(), *map(str, arguments)], cwd=cwd, env=clean_environment() | names | (env or {}),
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds)
    return Ended(ended.returncode, ended.stdout, ended.stderr)
