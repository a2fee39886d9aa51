#!/usr/bin/env python3
"""What a changed lock costs: units that are known come back, the rest is compiled.

    tests/bench/partial.py [--seed STORE] [--rounds N] [--bump NAME VERSION] [--part bump|neighbour] [--json FILE]

The colony in release, dependencies of backend and coordinator. One package of
its lock is bumped; each side starts from what it had before: plain cargo from
its warm target directory, ours from an empty one and a server that knows the
old lock. Then a new workspace, most of whose units the server knows. Needs
release builds of both binaries, zstd and cargo; crates are downloaded once.
Everything lies under build/bench. Nothing else should run on the machine.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys

from figures import Run, Table, alternate, tree_bytes
from layers import ROOT, WORK, Bench, Server, about_machine

# What a restore gives its files as time is long past; what cargo makes is new.
RESTORED_BEFORE = 1_000_000_000
# About one unit in five is of these, or of what they need.
NEW_DEPENDENCIES = """clap = { version = "4", features = ["derive"] }
regex-lite = "0.1"
itertools = "0.13"
walkdir = "2"
toml = "0.8"
csv = "1"
globset = "0.4"
humantime = "2"
"""


class Stores:
    """One filled store; the server of each round works on a copy of it."""

    def __init__(self, bench, seed):
        self.kept = WORK / "kept-store"
        server = Server(self.kept, seed)
        bench.clear()
        bench.cook(server)
        server.stop()
        self.bytes = tree_bytes(self.kept)

    def cook(self, bench):
        """A cook with an empty target, and what the store has grown to."""
        bench.clear()
        server = Server(WORK / "round-store", self.kept)
        run = bench.cook(server)
        server.stop()
        run.grown = tree_bytes(server.folder) - self.bytes
        return run


def changed_bytes(target, before):
    """zstd of the files that are new: what any store would have to keep of them."""
    names = WORK / "changed-files"
    names.write_text("\n".join(sorted(str(path) for path in files_of(target) - before)))
    packed = subprocess.run(f"tar -C '{target}' -cf - -T '{names}' | zstd -q -3 -T2 | wc -c", shell=True,
                            check=True, capture_output=True, text=True)
    return int(packed.stdout)


def files_of(target):
    return {path.relative_to(target) for path in target.rglob("*") if path.is_file()}


def one_bump(bench, table, stores):
    name, version = bench.options.bump
    warm = WORK / "warm-target"
    bench.clear(bench.target, warm)
    bench.plain_cargo()
    bench.target.rename(warm)
    before = files_of(warm)
    Run(["cargo", "update", "-p", name, "--precise", version], cwd=bench.checkout, env=bench.env())
    Run(["cargo", "fetch", "--locked"], cwd=bench.checkout, env=bench.env())
    cooks = []

    def ours():
        cooks.append(stores.cook(bench))
        return cooks[-1].seconds

    def cargo():
        bench.clear()
        Run(["cp", "-a", warm, bench.target])
        return bench.plain_cargo()

    (cook, plain), each = alternate(bench.options.rounds, ours, cargo)
    summary, units = cooks[-1].summary, cooks[-1].summary["units"]
    assert summary["result"] == "partial" and units["restored"] > 0, summary
    pairs = ", ".join(f"{a:.1f}/{b:.1f}" for a, b in zip(*each))
    table.add(f"{name} bumped to {version}, empty target", cook, "s", "plain cargo in its warm target", cook / plain, 1.15,
              f"{units['built']} of {units['planned']} units compiled; {pairs}")
    for phase, seconds in summary["seconds"].items():
        table.add(f"  {phase}", seconds, "s")
    packed = changed_bytes(bench.target, before)
    table.add("bytes at rest for this further recipe", cooks[-1].grown / 1e6, "MB", "its changed files, zstd -3",
              cooks[-1].grown / packed, 1.1)


def make_neighbour(colony):
    """A workspace of its own: what the colony depends on, with the same features, and a package that needs more."""
    folder = WORK / "neighbour"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(colony, folder, ignore=shutil.ignore_patterns("target"))
    extra = folder / "crates/extra"
    (extra / "src").mkdir(parents=True)
    (extra / "src/main.rs").write_text("fn main() {}\n")
    (extra / "Cargo.toml").write_text('[package]\nname = "extra"\nversion = "0.1.0"\nedition = "2021"\n\n'
                                      "[dependencies]\n" + NEW_DEPENDENCIES)
    root = folder / "Cargo.toml"
    root.write_text(re.sub(r"members = \[", 'members = ["crates/extra", ', root.read_text()))
    return folder


def neighbour(bench, table, stores):
    known = WORK / "known-files"
    bench.clear(known)
    bench.checkout = make_neighbour(bench.options.workspace)
    bench.packages = ["-p", "backend", "-p", "coordinator", "-p", "extra"]
    Run(["cargo", "fetch"], cwd=bench.checkout, env=bench.env())
    cooks = [stores.cook(bench)]
    shutil.copytree(bench.target, known, symlinks=True)
    for path in known.rglob("*"):
        if path.is_file() and path.stat().st_mtime > RESTORED_BEFORE:
            path.unlink()

    def ours():
        cooks.append(stores.cook(bench))
        return cooks[-1].seconds

    def copied():
        bench.clear()
        return Run(["cp", "-a", known, bench.target]).seconds + bench.plain_cargo()

    (cook, plain), each = alternate(bench.options.rounds, ours, copied)
    units = cooks[-1].summary["units"]
    pairs = ", ".join(f"{a:.1f}/{b:.1f}" for a, b in zip(*each))
    table.add("new workspace, most units known", cook, "s", "cp of the known files, cargo for the rest", cook / plain, 1.2,
              f"{units['restored']} of {units['planned']} units known; {pairs}")
    for phase, seconds in cooks[-1].summary["seconds"].items():
        table.add(f"  {phase}", seconds, "s")


PARTS = {"bump": one_bump, "neighbour": neighbour}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--bump", nargs=2, default=["bytes", "1.11.0"], metavar=("NAME", "VERSION"))
    parser.add_argument("--part", action="append", choices=PARTS, help="only this one")
    parser.add_argument("--seed", type=pathlib.Path, help="store of a stopped server that has the layer: saves the cold cook")
    parser.add_argument("--json", type=pathlib.Path)
    options = parser.parse_args()
    options.workspace, options.package = ROOT / "tests/workspaces/colony", ["backend", "coordinator"]
    bench, table = Bench(options), Table(about_machine("colony"))
    stores = Stores(bench, options.seed)
    for part in options.part or PARTS:
        PARTS[part](bench, table, stores)
    if options.json:
        table.write(options.json)


if __name__ == "__main__":
    sys.exit(main())
