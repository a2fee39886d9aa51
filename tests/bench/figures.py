"""Measured figures: medians of several runs, ratios, a table and JSON."""
import json
import os
import statistics
import subprocess
import sys
import time


class Run:
    """One finished process: wall seconds and peak memory."""

    def __init__(self, argv, **popen):
        self.argv = argv
        start = time.monotonic()
        process = subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **popen)
        self.out, self.err = process.communicate()
        self.seconds = time.monotonic() - start
        self.code = process.returncode
        if self.code != 0:
            sys.exit(f"{argv} ended with {self.code}:\n{self.err.decode(errors='replace')[-3000:]}")


def peak_bytes(argv, **popen):
    """Runs a process and gives its peak resident memory."""
    pid = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, **popen).pid
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        sys.exit(f"{argv} ended with status {status}")
    return usage.ru_maxrss * 1024


def memory_high(pid):
    """Peak resident memory of a running process."""
    with open(f"/proc/{pid}/status") as status:
        for line in status:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def have_free_pages(size):
    """Takes that much memory once and gives it back, so that what runs next
    finds its pages at hand. A virtual machine gives free pages back to its host
    after a moment, and then a page costs ten times the copy into it; on a full
    machine the reclaim of what was cached before is paid instead."""
    # In a process of its own: a child's peak memory begins with its parent's.
    take = "import mmap, sys; mmap.mmap(-1, int(sys.argv[1]), flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | mmap.MAP_POPULATE)"
    subprocess.run([sys.executable, "-c", take, str(size)], check=True)


def tree_bytes(folder):
    total = 0
    for root, _, files in os.walk(folder):
        for name in files:
            info = os.lstat(os.path.join(root, name))
            total += info.st_size
    return total


def alternate(rounds, *steps):
    """Runs the steps one after the other, `rounds` times, so that a slow minute
    of the machine meets all of them. Each gives seconds; medians come back."""
    seconds = [[] for _ in steps]
    for _ in range(rounds):
        for i, step in enumerate(steps):
            seconds[i].append(step())
    return [statistics.median(times) for times in seconds], seconds


class Table:
    def __init__(self, about):
        self.about = about
        self.rows = []

    def add(self, case, value, unit, against="", ratio=None, bound=None, note=""):
        self.rows.append({"case": case, "value": round(value, 3), "unit": unit, "against": against,
                          "ratio": None if ratio is None else round(ratio, 3), "bound": bound,
                          "note": note})
        print(self.line(self.rows[-1]), flush=True)

    @staticmethod
    def line(row):
        text = f"{row['case']:<44} {row['value']:>9} {row['unit']:<4}"
        if row["ratio"] is not None:
            text += f"  {row['ratio']:>6} x {row['against']}"
            if row["bound"] is not None:
                text += f" (bound {row['bound']}: {'met' if row['ratio'] <= row['bound'] else 'MISSED'})"
        elif row["bound"] is not None:
            text += f"  (bound {row['bound']}: {'met' if row['value'] <= row['bound'] else 'MISSED'})"
        return text + (f"  {row['note']}" if row["note"] else "")

    def write(self, path):
        with open(path, "w") as file:
            json.dump({"about": self.about, "rows": self.rows}, file, indent=2)
            file.write("\n")
