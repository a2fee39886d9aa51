#!/usr/bin/env python3
"""cargo-chef as the oracle: what is fresh after its cook is fresh after ours, with the same flags.

    tests/e2e/chef_test.py          a few combinations of flags
    E2E_ALL=1 tests/e2e/chef_test.py   every profile with every selection
"""
import json
import os
import shutil

from harness import crates_io, folders
from harness.case import MEMBERS, Case, main

PROFILES = {"dev": [], "release": ["--release"], "custom": ["--profile", "ci"]}
SELECTIONS = {"all": [], "tests": ["--tests"], "check": ["--check"], "triple": ["--target", "x86_64-unknown-linux-gnu"],
              "no default features": ["--no-default-features"], "package": ["-p", "util"]}
FEW = [("dev", "tests"), ("custom", "check")]


def combinations():
    if os.environ.get("E2E_ALL"):
        return [(profile, selection) for profile in PROFILES for selection in SELECTIONS]
    return FEW


class Oracle(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()

    def run_ok(self, machine, argv, folder):
        result = machine.run(argv, folder)
        self.assert_ok(result)
        return result

    def units_after(self, machine, folder, flags):
        """What cargo says of each dependency's unit once the sources are there: fresh or not."""
        source = folders.WORKSPACES / "small"
        shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("target"))
        command = "check" if "--check" in flags else "build"
        built = self.run_ok(machine, ["cargo", command, "--offline", "--message-format=json",
                                      *[flag for flag in flags if flag != "--check"]], folder)
        units = {}
        for line in built.out.splitlines():
            said = json.loads(line)
            name = said.get("package_id", "").split("#")[-1].split("@")[0]
            if said["reason"] != "compiler-artifact" or "registry+" not in said["package_id"]:
                continue
            self.assertNotIn(name, MEMBERS["small"])
            key = (said["package_id"], said["target"]["name"], *said["target"]["kind"], *said["features"],
                   json.dumps(said["profile"], sort_keys=True),
                   *[os.path.relpath(path, folder / "target") for path in said["filenames"]])
            units[key] = said["fresh"]
        return units

    def chef_units(self, machine, flags):
        checkout = machine.checkout("small")
        self.run_ok(machine, [crates_io.binary("cargo-chef"), "chef", "prepare", "--recipe-path", "recipe.json"], checkout)
        folder = machine.work / "cooked"
        folder.mkdir()
        (checkout / "recipe.json").rename(folder / "recipe.json")
        self.run_ok(machine, [crates_io.binary("cargo-chef"), "chef", "cook", "--recipe-path", "recipe.json", "--offline", *flags], folder)
        return self.units_after(machine, folder, flags)

    def our_units(self, machine, flags):
        checkout = machine.checkout("small")
        self.run_ok(machine, [folders.CLIENT, "prepare", "--recipe-path", "recipe.json"], checkout)
        folder = machine.work / "cooked"
        folder.mkdir()
        (checkout / "recipe.json").rename(folder / "recipe.json")
        self.assert_ok(machine.cook(folder, "--recipe-path", "recipe.json", "--offline", *flags))
        return self.units_after(machine, folder, flags)

    def test_the_same_units_are_fresh(self):
        for number, (profile, selection) in enumerate(combinations()):
            with self.subTest(profile=profile, selection=selection):
                flags = PROFILES[profile] + SELECTIONS[selection]
                # cargo-chef is called by cargo, which names itself.
                theirs = self.machine(f"chef {number}", has_crates=True, CARGO=shutil.which("cargo"))
                ours = self.machine(f"depcache {number}", self.server, has_crates=True)
                expected = self.chef_units(theirs, flags)
                self.assertGreater(sum(expected.values()), 10, expected)
                self.assertEqual(self.our_units(ours, flags), expected)
                for machine in (theirs, ours):
                    shutil.rmtree(machine.root)


if __name__ == "__main__":
    main()
