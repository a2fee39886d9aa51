#!/usr/bin/env python3
"""What a whole layer costs, against the ways people copy target directories.

    tests/bench/layers.py [--workspace DIR] [--rounds N] [--cold-pairs N] [-p PACKAGE]... [--seed STORE] [--json FILE]

Default: the colony in release, dependencies of backend and coordinator. Needs
release builds of both binaries, zstd, and cargo; sources are downloaded once.
Everything lies under build/bench. Nothing else should run on the machine.
"""
import argparse
import atexit
import json
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile

from figures import Run, Table, alternate, have_free_pages, memory_high, peak_bytes, tree_bytes

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / "build" / "release" / "bin"
WORK = ROOT / "build" / "bench"
FREE_BYTES = 3 << 30  # the colony's files, and what both processes take

REFUSING = """#!/bin/sh
# Compiles registry packages, refuses members: the same units as a cook.
case "$*" in
  *"--crate-name ___"*) exec "$@" ;;
  *--crate-name*) case "${CARGO_MANIFEST_DIR:-}" in */registry/src/*) exec "$@" ;; *) exit 1 ;; esac ;;
  *) exec "$@" ;;
esac
"""


class Server:
    def __init__(self, folder, seed=None):
        self.folder = folder
        shutil.rmtree(folder, ignore_errors=True)
        if seed:
            shutil.copytree(seed, folder)
        self.process = subprocess.Popen(
            [BIN / "depcache-server", "--listen", "127.0.0.1:0", "--data", folder],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        self.address = "127.0.0.1:" + re.search(r"port (\d+)", self.process.stdout.readline()).group(1)

    def stop(self):
        self.process.terminate()
        self.process.wait()


class Bench:
    def __init__(self, options):
        self.options = options
        self.packages = [word for name in options.package for word in ("-p", name)]
        WORK.mkdir(parents=True, exist_ok=True)
        self.checkout = WORK / "checkout"
        shutil.rmtree(self.checkout, ignore_errors=True)
        shutil.copytree(options.workspace, self.checkout, ignore=shutil.ignore_patterns("target"))
        self.trash = WORK / "trash"
        self.trash.mkdir(exist_ok=True)
        atexit.register(shutil.rmtree, self.trash)
        self.home = WORK / "cargo-home"
        self.target = WORK / "target"
        # The list of build directories that a second checkout is copied from.
        shutil.rmtree(WORK / "cache", ignore_errors=True)
        self.environment = dict(os.environ, CARGO_HOME=str(self.home), CARGO_TARGET_DIR=str(self.target),
                                XDG_CACHE_HOME=str(WORK / "cache"))
        for name in list(self.environment):
            if name.startswith("DEPCACHE_"):
                del self.environment[name]
        Run(["cargo", "fetch", "--locked"], cwd=self.checkout, env=self.environment)

    def env(self, server=None, **more):
        environment = dict(self.environment, **{key: str(value) for key, value in more.items()})
        if server:
            environment["DEPCACHE_SERVER"] = server.address
        return environment

    def cook(self, server, **more):
        run = Run([BIN / "depcache-client", "cook", "--release", *self.packages, "--json"],
                  cwd=self.checkout, env=self.env(server, **more))
        run.summary = json.loads(run.out)
        return run

    def plain_cargo(self):
        """Seconds of plain cargo for the same units as a cook."""
        wrapper = WORK / "refuse-members"
        wrapper.write_text(REFUSING)
        wrapper.chmod(0o755)
        argv = ["cargo", "build", "--release", "--offline", "--keep-going", *self.packages,
                "--config", f'build.rustc-wrapper="{wrapper}"']
        # It ends with 101: members are refused.
        return Run(["sh", "-c", '"$@" || [ $? -eq 101 ]', "sh", *argv], cwd=self.checkout, env=self.env()).seconds

    def clear(self, *folders):
        """Moves folders out of the way: ext4 goes through every inode that was
        deleted in the last minutes when it makes a new one, which would be most
        of what is measured after a deletion."""
        for folder in folders or (self.target,):
            if folder.exists():
                trash = pathlib.Path(tempfile.mkdtemp(dir=self.trash))
                folder.rename(trash / folder.name)
        os.sync()
        have_free_pages(FREE_BYTES)


def exact_hit(bench, server, table):
    source, copy, packed = WORK / "same-files", WORK / "copy", WORK / "same-files.tar.zst"
    bench.clear(bench.target, source, copy)
    hit = bench.cook(server)
    assert hit.summary["result"] == "hit", hit.summary
    shutil.copytree(bench.target, source, symlinks=True)
    subprocess.run(f"tar -C {source} -cf - . | zstd -q -3 -T2 -f -o {packed}", shell=True, check=True)

    def restore():
        bench.clear()
        run = bench.cook(server)
        assert run.summary["result"] == "hit" and run.summary["units"]["built"] == 0, run.summary
        return run.seconds

    def copy_files():
        bench.clear(copy)
        return Run(["cp", "-r", source, copy]).seconds

    def unpack():
        bench.clear(copy)
        copy.mkdir()
        return Run(["sh", "-c", f"zstd -q -d -c {packed} | tar -x -C '{copy}'"]).seconds

    (ours, cp, tar), _ = alternate(bench.options.rounds, restore, copy_files, unpack)
    size = f"{hit.summary['units']['restored']} units, {tree_bytes(source) / 1e6:.0f} MB"
    table.add("exact hit, empty target", ours, "s", "cp -r of the same files", ours / cp, 2.0, size)
    table.add("  cp -r", cp, "s")
    table.add("exact hit, empty target", ours, "s", "zstd -d | tar -x", ours / tar, 0.6)
    table.add("  zstd -d | tar -x", tar, "s")
    bench.clear()
    command = [BIN / "depcache-client", "cook", "--release", *bench.packages, "--quiet"]
    table.add("client's peak memory, hit",
              peak_bytes(command, cwd=bench.checkout, env=bench.env(server)) / 2**20, "MiB", bound=256)
    table.add("server's peak memory so far", memory_high(server.process.pid) / 2**20, "MiB", bound=512)
    return source, packed, hit


def second_checkout(bench, server, table):
    """The first is on the same disk."""
    second, target, copy = WORK / "second-checkout", WORK / "second-target", WORK / "copy"
    shutil.rmtree(second, ignore_errors=True)
    shutil.copytree(bench.checkout, second)
    bench.clear()
    bench.cook(server)

    def restore():
        bench.clear(target)
        run = Run([BIN / "depcache-client", "cook", "--release", *bench.packages, "--json"], cwd=second,
                  env=bench.env(server, CARGO_TARGET_DIR=target))
        summary = json.loads(run.out)
        assert summary["result"] == "hit" and summary["bytes"]["copied"] > 20 * summary["bytes"]["received"], summary
        return run.seconds

    def copy_files():
        bench.clear(copy)
        return Run(["cp", "-r", "--reflink=auto", bench.target, copy]).seconds

    def unpack():
        bench.clear(copy)
        copy.mkdir()
        return Run(["sh", "-c", f"zstd -q -d -c {WORK / 'same-files.tar.zst'} | tar -x -C '{copy}'"]).seconds

    (ours, cp, tar), _ = alternate(bench.options.rounds, restore, copy_files, unpack)
    table.add("second checkout, first on this disk", ours, "s", "cp -r of the same files", ours / cp, 1.5)
    table.add("second checkout, first on this disk", ours, "s", "zstd -d | tar -x", ours / tar, 0.6)
    bench.clear(target)


def bytes_moved(bench, server, table, packed, hit):
    crates = sum(file.stat().st_size for file in (bench.home / "registry" / "cache").rglob("*.crate"))
    bench.clear()
    empty_home = WORK / "empty-home"
    bench.clear(empty_home)
    wire = bench.cook(server, CARGO_HOME=empty_home).summary["bytes"]["received"]
    got = sum(file.stat().st_size for file in (empty_home / "registry" / "cache").rglob("*.crate"))
    plain = packed.stat().st_size + got
    table.add("bytes on the wire, with sources", wire / 1e6, "MB", "tar | zstd -3 and .crate files", wire / plain, 0.8,
              f"{got / 1e6:.0f} of {crates / 1e6:.0f} MB of .crate files")
    rest = tree_bytes(server.folder)
    table.add("bytes at rest", rest / 1e6, "MB", "tar | zstd -3 and .crate files", rest / plain, 0.8)


def first_build(bench, server, table, source):
    command = ["cargo", "build", "--release", "--offline", *bench.packages]
    home = WORK / "empty-home"

    def ours():
        bench.clear(bench.target, home)
        run = bench.cook(server, CARGO_HOME=home)
        return run.seconds + Run(command, cwd=bench.checkout, env=bench.env(CARGO_HOME=home)).seconds

    def copied():
        bench.clear()
        run = Run(["cp", "-a", source, bench.target])  # with the times, or cargo compiles all of it
        return run.seconds + Run(command, cwd=bench.checkout, env=bench.env()).seconds

    (restored, plain), _ = alternate(3, ours, copied)
    table.add("restore + first offline build, empty CARGO_HOME", restored, "s",
              "cp -a + build, full CARGO_HOME", restored / plain)


def nothing_to_do(bench, server, table):
    bench.clear()
    bench.cook(server)
    build = ["cargo", "build", "--release", "--offline", *bench.packages]
    Run(build, cwd=bench.checkout, env=bench.env())
    (ours, cargo), _ = alternate(
        7, lambda: bench.cook(server).seconds,
        lambda: Run(build, cwd=bench.checkout, env=bench.env()).seconds)
    table.add("cook, everything there", ours, "s", note=f"cargo's own no-op {cargo:.3f} s")
    table.add("  over cargo's own no-op", ours - cargo, "s", bound=0.15)


def cold(bench, table, pairs):
    def cook():
        bench.clear()
        server = Server(WORK / "cold-server")
        run = bench.cook(server)
        assert run.summary["result"] == "miss", run.summary
        server.stop()
        return run.seconds

    def cargo():
        bench.clear()
        return bench.plain_cargo()

    (ours, plain), each = alternate(pairs, cook, cargo)
    table.add("cold cook with push", ours, "s", "cargo, the same units", ours / plain, 1.10,
              f"{pairs} pairs: " + ", ".join(f"{a:.0f}/{b:.0f}" for a, b in zip(*each)))


def about_machine(what):
    rustc = subprocess.run(["rustc", "-V"], capture_output=True, text=True, check=True).stdout.strip()
    about = f"{what}, release; {os.cpu_count()} cores, {platform.release()}, {rustc}"
    print(about)
    return about


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workspace", type=pathlib.Path, default=ROOT / "tests/workspaces/colony")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--cold-pairs", type=int, default=0)
    parser.add_argument("-p", "--package", action="append")
    parser.add_argument("--seed", type=pathlib.Path, help="store of a stopped server that has the layer: saves the cold cook")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    if options.package is None:
        options.package = ["backend", "coordinator"] if options.workspace.name == "colony" else []
    bench, table = Bench(options), Table(about_machine(options.workspace.name))
    if options.cold_pairs:
        cold(bench, table, options.cold_pairs)
    server = Server(WORK / "server", options.seed)
    try:
        bench.clear()
        bench.cook(server)
        source, packed, hit = exact_hit(bench, server, table)
        second_checkout(bench, server, table)
        bytes_moved(bench, server, table, packed, hit)
        first_build(bench, server, table, source)
        nothing_to_do(bench, server, table)
    finally:
        server.stop()
    if options.json:
        table.write(options.json)


if __name__ == "__main__":
    sys.exit(main())
