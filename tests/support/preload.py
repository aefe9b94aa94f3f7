# A system that behaves badly: a library beside this file (NAME.c) in LD_PRELOAD, for programs that start while it
# is there. It does its work while a file exists, whose name it is told as NAME.
import subprocess
from pathlib import Path


class Preload:
    def __init__(self, name, folder, monkeypatch):
        self.switch = folder / f"{name}.on"
        library = folder / f"{name}.so"
        source = Path(__file__).with_name(f"{name}.c")
        subprocess.run(["clang-19", "-shared", "-fPIC", "-O1", "-o", str(library), str(source)], check=True)
        monkeypatch.setenv("LD_PRELOAD", str(library))
        monkeypatch.setenv(name.upper(), str(self.switch))

    def on(self):
        self.switch.touch()

    def off(self):
        self.switch.unlink(missing_ok=True)
