"""A wall clock that a test sets, forwards or backwards, under a program that runs: a small library preloaded into it."""

import os
import shutil
import struct
import subprocess
import sys

SOURCE = os.path.join(os.path.dirname(__file__), "wall_clock.c")


def why_not():
    """Why no such clock can be had here, else None."""
    if not sys.platform.startswith("linux"):
        return "LD_PRELOAD is needed, which only Linux has"
    return None if _compiler() else "no C compiler (cc, clang or gcc) is there"


def _compiler():
    return next(filter(None, map(shutil.which, ("cc", "clang", "gcc"))), None)


class WallClock:
    """`settings` puts it into a program's environment."""

    def __init__(self, directory):
        library, self._file = directory / "wall_clock.so", directory / "offset"
        subprocess.run([_compiler(), "-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-o", library, SOURCE], check=True)
        self._file.write_bytes(struct.pack("=q", 0))
        self.settings = {"LD_PRELOAD": str(library), "TEST_WALL_CLOCK": str(self._file)}

    def set(self, seconds):
        """So many seconds ahead of the machine's clock; behind it where they are negative."""
        with open(self._file, "r+b", buffering=0) as file:
            file.write(struct.pack("=q", seconds))
