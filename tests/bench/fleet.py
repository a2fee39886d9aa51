#!/usr/bin/env python3
"""What a fleet pays for a recipe that nobody has built: many clients at once.

    tests/bench/fleet.py [--clients N] [--workspace DIR] [--json FILE]

One client cooks alone, against a server of its own; then N at once against
another. Each has a CARGO_HOME, a cache folder and a checkout of its own. What rustc and the
build scripts it made took is added up by a rustc that is first on PATH. Needs
release builds of both binaries, cargo and /usr/bin/time. Everything lies under
build/bench.
"""
import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys

from figures import Run, Table
from layers import BIN, ROOT, WORK, Server, about_machine

RUSTC = """#!/bin/sh
# Notes what each compile took, then is the real rustc.
case "$*" in
  *"--crate-name ___"*) exec "{rustc}" "$@" ;;
  *"--crate-name "*) exec /usr/bin/time -a -o "{log}" -f '%U %S' "{rustc}" "$@" ;;
  *) exec "{rustc}" "$@" ;;
esac
"""


class Fleet:
    def __init__(self, options):
        self.options = options
        self.home = WORK / "fleet-home"
        self.fill(self.home)
        self.rustc = subprocess.run(["rustc", "--print", "sysroot"], capture_output=True, text=True,
                                    check=True).stdout.strip() + "/bin/rustc"

    def fill(self, home):
        """The sources, downloaded once."""
        shutil.rmtree(home, ignore_errors=True)
        Run(["cargo", "fetch", "--locked"], cwd=self.options.workspace, env=dict(os.environ, CARGO_HOME=str(home)))

    def start(self, name, server):
        folder = WORK / "fleet" / name
        (folder / "bin").mkdir(parents=True)
        shutil.copytree(self.options.workspace, folder / "checkout", ignore=shutil.ignore_patterns("target"))
        shutil.copytree(self.home, folder / "cargo", ignore=shutil.ignore_patterns("src"))
        shim = folder / "bin/rustc"
        shim.write_text(RUSTC.format(rustc=self.rustc, log=folder / "times"))
        shim.chmod(0o755)
        environment = dict(os.environ, CARGO_HOME=str(folder / "cargo"), XDG_CACHE_HOME=str(folder / "cache"),
                           DEPCACHE_SERVER=server.address,
                           PATH=f"{folder / 'bin'}:{os.environ['PATH']}")
        return subprocess.Popen([BIN / "depcache-client", "cook", "--json"], cwd=folder / "checkout", env=environment,
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)

    def cook(self, clients):
        """Compiles, and seconds of rustc, of all clients together."""
        shutil.rmtree(WORK / "fleet", ignore_errors=True)
        server = Server(WORK / "fleet-server")
        running = [self.start(f"client-{i}", server) for i in range(clients)]
        summaries = [json.loads(process.communicate()[0]) for process in running]
        server.stop()
        assert all(summary["exit_code"] == 0 for summary in summaries), summaries
        lines = [line for file in (WORK / "fleet").glob("*/times") for line in file.read_text().splitlines()
                 if not line.startswith("Command")]
        return len(lines), sum(float(number) for line in lines for number in line.split()), summaries


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace", type=pathlib.Path, default=ROOT / "tests/workspaces/small")
    parser.add_argument("--clients", type=int, default=16)
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    table, fleet = Table(about_machine(options.workspace.name)), Fleet(options)
    compiles, seconds, _ = fleet.cook(1)
    table.add("one client: rustc", seconds, "s", note=f"{compiles} compiles")
    all_compiles, all_seconds, summaries = fleet.cook(options.clients)
    longest = max(summary["seconds"]["total"] for summary in summaries)
    table.add(f"{options.clients} clients at once: rustc", all_seconds, "s", "one client", all_seconds / seconds, 1.1,
              f"{all_compiles} compiles, the last was done after {longest:.1f} s")
    table.add("  compiles", all_compiles, "", "one client", all_compiles / compiles, 1.1)
    if options.json:
        table.write(options.json)


if __name__ == "__main__":
    sys.exit(main())
