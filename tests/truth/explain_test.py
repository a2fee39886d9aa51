#!/usr/bin/env python3
"""Twenty changes of one input each: `explain` names that input, both values where they may be shown, and nothing else."""
import copy
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "e2e"))
# pylint: disable=wrong-import-position
from harness import folders  # noqa: E402
from harness.case import Case, main  # noqa: E402

from checkout import CARGO_HOMES, Checkout, make_archives  # noqa: E402
from crates import add_crates  # noqa: E402
from state import START  # noqa: E402

# What of the state is changed, in which workspace, and what must be named: the part of the recipe with both values and
# where ours comes from (a value of None: there is no such part), and the causes of missing units by kind and input.
PLANTED = [
    ("a version up and down", "one", {"versions": {"tw-leaf": 0}}, ["lock"], [("version", "tw-leaf")]),
    ("a version of a script's package", "one", {"versions": {"tw-script": 0}}, ["lock"], [("version", "tw-script")]),
    ("a version of a macro", "two", {"versions": {"tw-mac": 0}}, ["lock"], [("version", "tw-mac")]),
    ("a version that one member uses", "one", {"versions": {"itoa": 0}}, ["lock"], [("version", "itoa")]),
    ("a feature", "one", {"features": {"tw-leaf": True}}, ["packages"], [("features", "tw-leaf")]),
    ("flags in the environment", "one", {"flags": 1}, ["rustflags"], [("part", "rustflags")]),
    ("flags of the configuration", "one", {"flags": 6, "flags_from": "build"}, ["rustflags"], [("part", "rustflags")]),
    ("flags of the target", "two", {"flags": 4, "flags_from": "target"}, ["rustflags"], [("part", "rustflags")]),
    ("a profile's optimisation", "one", {"profile": 1}, ["profile.settings"], [("part", "profile.settings")]),
    ("a profile's debug information", "two", {"profile": 2}, ["profile.settings"], [("part", "profile.settings")]),
    ("a package's own profile", "one", {"profile": 9}, ["profile.settings"], [("part", "profile.settings")]),
    ("--release", "one", {"selection": 1}, ["profile"], [("part", "profile")]),
    ("a variable that a script declared", "one", {"declared": "a"}, [], [("variable", "TW_DECLARED")]),
    ("the same, set to nothing", "one", {"declared": ""}, [], [("variable", "TW_DECLARED")]),
    ("a variable that a crate reads", "one", {"name": "a"}, [], [("variable", "TW_NAME")]),
    ("a file that a script declared", "two", {"file": 1}, [], [("file", "data/file.txt")]),
    ("a file that a crate includes", "two", {"text": 1}, [], [("file", "data/text.txt")]),
    ("an archive that nobody declared", "three", {"archive": 1}, [], [("file", "data/lib/libtwarc.a")]),
    ("a variable that nobody reads", "one", {"undeclared": "x"}, [], []),
    ("another place, and keys in another order", "two", {"checkout": 1, "cargo_home": 1, "order": 5, "swapped": True}, [], []),
]
ORIGINS = {"lock": "Cargo.lock", "packages": "Cargo.toml", "profile.settings": "Cargo.toml", "profile": "--release"}


def changed(workspace, change):
    state = {**copy.deepcopy(START), "workspace": workspace}
    for key, value in change.items():
        if isinstance(value, dict):
            state[key].update(value)
        else:
            state[key] = value
    return state


class Planted(Case):
    """One server has one cook of each workspace."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        cls.one = cls.machine("machine", cls.server, has_crates=True)
        add_crates(cls.one.cargo_home)
        for name in CARGO_HOMES[1:]:
            folders.fill_cargo_home(cls.one.root / name)
            add_crates(cls.one.root / name)
        cls.archives = make_archives(cls.one.temp)
        for workspace in ("one", "two", "three"):
            place = cls.place(workspace, {})
            cooked = cls.one.cook(place.folder, *place.flags, **place.variables())
            if cooked.code != 0:
                raise RuntimeError(cooked.said())

    @classmethod
    def place(cls, workspace, change):
        place = Checkout(cls.one, cls.archives, changed(workspace, change))
        place.write(is_warm=False)
        return place

    def explain(self, place, *words):
        result = self.one.run([folders.CLIENT, "explain", "--json", *place.flags, *words], place.folder, **place.variables())
        self.assert_ok(result)
        self.assertEqual(result.calls.compiles, [])
        return json.loads(result.out)

    def assert_named(self, told, parts, causes, workspace):
        self.assertEqual([part["name"] for part in told["parts"]], parts, told)
        for part in told["parts"]:
            self.assertNotEqual(part["theirs"], part["ours"], told)
            self.assertIn(ORIGINS.get(part["name"], ""), part["from"], told)
        named = [(cause["kind"], cause["input"]) for cause in told["causes"]]
        # tw-own is compiled on each machine: it declares what its build makes.
        own = [("new", "tw-own")] if workspace == "three" else []
        named = [cause for cause in named if cause not in own]
        self.assertEqual(len(named), len(causes), told)
        for (kind, name), (expected_kind, expected) in zip(named, causes):
            self.assertEqual(kind, expected_kind, told)
            self.assertTrue(name.endswith(expected), told)

    def test_each_planted_change_is_named_alone(self):
        self.assertEqual(len(PLANTED), 20)
        for name, workspace, change, parts, causes in PLANTED:
            with self.subTest(name):
                told = self.explain(self.place(workspace, change))
                self.assert_named(told, parts, causes, workspace)
                self.assertEqual(told["result"], "different" if parts or causes or workspace == "three" else "equal", told)
                if causes:
                    self.assertGreater(told["causes"][0]["units"], 0, told)
                    self.assertGreaterEqual(told["missing_units"], told["causes"][0]["units"], told)
                else:
                    self.assertEqual(told["missing_units"], 0, told)

    def test_what_stands_on_the_cause_is_counted_with_it(self):
        told = self.explain(self.place("one", {"declared": "a"}))
        # The script's run, its library, and tw-top.
        self.assertEqual([cause["units"] for cause in told["causes"]], [3], told)
        self.assertEqual(told["causes"][0]["packages"], ["tw-script 1.1.0"], told)
        self.assertEqual(told["causes"][0]["theirs"], None, told)
        self.assertRegex(told["causes"][0]["ours"], "^sha256:")
        self.assertEqual(told["missing_units"], 3, told)

    def test_the_last_cook_is_explained_by_the_same_inputs(self):
        for change, parts, causes in (({"text": 2}, [], ["data/text.txt"]), ({"flags": 1}, ["rustflags"], ["rustflags"])):
            place = self.place("two", change)
            self.assert_ok(self.one.cook(place.folder, *place.flags, **place.variables()))
            told = self.explain(place, "--last")
            self.assertEqual([part["name"] for part in told["parts"]], parts, told)
            named = [cause["input"] for cause in told["causes"]]
            # An input that the cook itself found needs no plan.
            self.assertEqual(told["missing_units"], told["units"]["built"] if parts else None, told)
            self.assertEqual([name[-len(cause):] for name, cause in zip(named, causes)], causes, told)
            self.assertEqual(len(named), len(causes), told)

    def test_values_that_may_be_shown_are(self):
        part, = self.explain(self.place("one", {"flags": 1}))["parts"]
        self.assertEqual((part["theirs"], part["ours"]["value"], part["from"]), (None, "--cfg\ntw_flag", "RUSTFLAGS"))
        part, = self.explain(self.place("one", {"versions": {"itoa": 0}}))["parts"]
        self.assertEqual(part["lines"], ["lock: itoa 1.0.15 -> 1.0.14"])


if __name__ == "__main__":
    main()
