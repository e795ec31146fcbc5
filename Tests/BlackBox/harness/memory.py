"""What a process holds, as the kernel counts it. Linux only."""

import os


def resident_mebibytes(pid):
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) / 1024
    raise AssertionError(f"process {pid} has no resident size")


def open_files(pid):
    return len(os.listdir(f"/proc/{pid}/fd"))
