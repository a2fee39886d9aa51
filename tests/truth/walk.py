#!/usr/bin/env python3
"""A random walk: change something, cook from a server that has seen every earlier step, build, and compare with a clean
build of the same state. docs/truth.md says what is compared.

    walk.py [--seed S] [--steps N] [--start-step K] [--folder DIR]

The seed is printed first. A difference is printed with seed, step, state, file and section; the exit code is 1 then."""
import argparse
import json
import pathlib
import random
import shutil
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
# pylint: disable=wrong-import-position
from harness import folders  # noqa: E402
from harness.machine import Machine  # noqa: E402
from harness.network import leave_network  # noqa: E402
from harness.server import Server  # noqa: E402

from checkout import CARGO_HOMES, Checkout, make_archives  # noqa: E402
from compare import MEMBERS, differences, files_of  # noqa: E402
from crates import add_crates  # noqa: E402
from state import walk  # noqa: E402


class Walk:
    """One server, one machine, one ledger."""

    def __init__(self, folder, seed):
        self.seed = seed
        self.server = Server(folder / "server")
        self.machine = Machine(folder / "machine", self.server.address, has_crates=True)
        add_crates(self.machine.cargo_home)
        for name in CARGO_HOMES[1:]:
            folders.fill_cargo_home(self.machine.root / name)
            add_crates(self.machine.root / name)
        self.archives = make_archives(self.machine.temp)
        self.ledger = folder / "ledger.jsonl"

    def close(self):
        self.server.kill()

    def note(self, **row):
        with self.ledger.open("a", encoding="utf-8") as out:
            out.write(json.dumps({"seed": self.seed, **row}) + "\n")

    def replay(self, state, is_warm):
        """What an earlier step left behind, and nothing compared."""
        place = Checkout(self.machine, self.archives, state)
        place.write(is_warm)
        for run in (self.machine.cook, self.machine.build):
            result = run(place.folder, *place.flags, **place.variables())
            if result.code != 0:
                raise RuntimeError(result.said())

    def take(self, step, state, told, is_warm):
        """One step. Returns the lines of what is wrong."""
        started = time.monotonic()
        place = Checkout(self.machine, self.archives, state)
        place.write(is_warm)
        cooked, wrong = self._cook_and_build(place, is_warm)
        kept = place.target.with_name(place.target.name + " kept")
        place.target.rename(kept)
        try:
            clean = self._run(place, "cook", DEPCACHE_OFF="1")
            ours, theirs = files_of(kept / place.profile), files_of(place.target / place.profile)
            wrong += differences(ours, theirs)
            if not theirs:
                wrong.append(f"the clean build made nothing: {clean.said()}")
            shutil.rmtree(place.target)
            bare = self._run(place, "build")
            wrong += self._compare_programs(place, kept)
            if not is_warm and bare.steps.compiled & _members(bare) != _members(bare):
                wrong.append(f"bare cargo compiled {bare.steps.compiled}")
            shutil.rmtree(place.target)
        finally:
            shutil.rmtree(place.target, ignore_errors=True)
            kept.rename(place.target)
        units = cooked.summary["units"]
        self.note(step=step, changed=told, warm=is_warm, result=cooked.summary["result"], units=units, files=len(theirs),
                  skipped=[entry["package"] for entry in cooked.summary["skipped"]], differences=wrong,
                  seconds=round(time.monotonic() - started, 1), state=state)
        print(f"step {step}{' warm' if is_warm else ''} [{'; '.join(told)}]: {cooked.summary['result']}, "
              f"{units['restored']} restored, {units['present']} present, {units['built']} built, {len(theirs)} files, "
              f"{len(wrong)} differences, {time.monotonic() - started:.1f} s", flush=True)
        return wrong

    def _run(self, place, command, **more):
        run = self.machine.cook if command == "cook" else self.machine.build
        result = run(place.folder, *place.flags, **place.variables(), **more)
        if result.code != 0:
            raise RuntimeError(f"{command} failed: {result.said()}")
        return result

    def _cook_and_build(self, place, is_warm):
        wrong = []
        cooked = self._run(place, "cook")
        built = self._run(place, "build")
        dirty = {package for package in built.steps.compiled if package.split(" ")[0] not in MEMBERS}
        if dirty or set(built.steps.script_runs) - set(MEMBERS):
            wrong.append(f"after {cooked.summary['result']} cargo compiled dependencies: {sorted(dirty)} "
                         f"{built.steps.script_runs} {built.steps.dirty} after {cooked.said()}")
        if not is_warm and {package.split(" ")[0] for package in built.steps.compiled} - dirty != set(MEMBERS):
            wrong.append(f"of the members cargo compiled {sorted(built.steps.compiled)}")
        again = self._run(place, "build")
        if again.calls.compiles or again.steps.script_runs:
            wrong.append(f"the second build was not idle: {again.calls.compiles} {again.steps.dirty}")
        return cooked, wrong

    def _compare_programs(self, place, kept):
        if not (place.target / place.profile / "app").is_file():
            return []  # --tests
        out = {}
        for name, target in (("ours", kept), ("bare", place.target)):
            result = self.machine.run([target / place.profile / "app"], place.folder)
            out[name] = (result.code, result.out)
        return [] if out["ours"] == out["bare"] else [f"the program says {out['ours']}, bare cargo's {out['bare']}"]


def _members(result):
    return {package for package in result.steps.compiled if package.split(" ")[0] in MEMBERS}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--steps", type=int, default=12)
    parser.add_argument("--start-step", type=int, default=1, help="steps before it are done again, and not compared")
    parser.add_argument("--folder", type=pathlib.Path, help="keep everything here; default: a scratch folder")
    options = parser.parse_args()
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1_000_000)
    print(f"truth: --seed {seed} --start-step {options.start_step} --steps {options.steps}", flush=True)
    leave_network()
    folder = options.folder or folders.make_scratch("truth")
    run = Walk(folder, seed)
    last = options.start_step + options.steps - 1
    try:
        for step, state, told, is_warm in walk(seed):
            if step > last:
                break
            if step < options.start_step:
                run.replay(state, is_warm)
                continue
            wrong = run.take(step, state, told, is_warm)
            if wrong:
                print(f"WRONG: --seed {seed} --start-step {step} --steps 1\nstate {json.dumps(state)}\n" + "\n".join(wrong))
                return 1
    finally:
        run.close()
        if options.folder is None:
            shutil.rmtree(folder, ignore_errors=True)
    print(f"truth: seed {seed}: {options.steps} steps, no difference")
    return 0


if __name__ == "__main__":
    sys.exit(main())
