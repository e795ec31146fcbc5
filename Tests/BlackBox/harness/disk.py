"""A disk that is slow, fails or is full, under a program that runs: strace delays its syncs or makes them fail."""

import os
import re
import shutil
import subprocess
import time

from .waiting import eventually

SYNCS = "fdatasync,fsync"
LINE = re.compile(r"^(\d+) +(\d+\.\d+) (?:fdatasync|fsync)\(")


def why_no_strace():
    """Why syncs cannot be tampered with here, else None."""
    if not shutil.which("strace"):
        return "strace is missing (Debian's package strace)"
    probe = subprocess.run(
        ["strace", "-f", "-D", "--seccomp-bpf", "-e", f"trace={SYNCS}", "-o", os.devnull, "true"],
        capture_output=True,
        text=True,
    )
    return None if probe.returncode == 0 and not probe.stderr else f"strace may not trace here: {probe.stderr[:200]}"


class SlowSyncs:
    """Each sync of a gateway takes so long. `under` is what it is started with."""

    def __init__(self, directory, seconds):
        self._file = directory / "syncs"
        self.under = [
            *("strace", "-f", "-D", "--seccomp-bpf", "-qq", "-ttt", "-o", str(self._file), "-e", f"trace={SYNCS}"),
            *("-e", f"inject={SYNCS}:delay_enter={int(seconds * 1_000_000)}"),
        ]

    def count(self, since, until):
        """How many syncs began between the two times of the wall clock."""
        lines = self._file.read_text().splitlines()
        times = [float(match[2]) for line in lines if (match := LINE.match(line))]
        return sum(1 for at in times if since <= at <= until)


class FailingSync:
    """From now on one sync of a program that runs fails, the `nth` that its thread begins; all later ones are good."""

    def __init__(self, pid, directory, nth):
        self._file = directory / f"failing-sync-{nth}"
        self._strace = subprocess.Popen(
            [
                *("strace", "-f", "-p", str(pid), "-ttt", "-o", str(self._file), "-e", f"trace={SYNCS}"),
                *("-e", f"inject={SYNCS}:error=EIO:when={nth}"),
            ],
            stderr=subprocess.PIPE,
            text=True,
        )
        line = self._strace.stderr.readline()
        assert "attached" in line, line

    @property
    def has_failed(self):
        return "EIO" in self._file.read_text()

    def stop(self):
        self._strace.terminate()
        self._strace.wait(10)
        self._strace.stderr.close()


class SmallDisk:
    """A file system of its own in memory, which can be filled. Needs the right to mount."""

    def __init__(self, directory, size="2m"):
        self.path = directory / "small-disk"
        self.path.mkdir()
        made = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(self.path)], capture_output=True, text=True
        )
        self.why_not = made.stderr.strip() if made.returncode else None

    def fill(self):
        with open(self.path / "filler", "wb", buffering=0) as file:
            for size in (65536, 4096):
                try:
                    while file.write(b"\0" * size) == size:
                        pass
                except OSError:
                    pass

    def make_room(self):
        (self.path / "filler").unlink()

    def unmount(self):
        subprocess.run(["umount", "-l", str(self.path)], check=True)
