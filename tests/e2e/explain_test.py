#!/usr/bin/env python3
"""`explain` names the one input that was changed, and no secret."""
import json

from harness import folders
from harness.case import Case, main

LINUX = "x86_64-unknown-linux-gnu"


def edit(file, old, new):
    """A change of one file of the workspace: in a manifest, say, one word."""
    def make(folder):
        text = (folder / file).read_text(encoding="utf-8")
        if old not in text:
            raise AssertionError(f"{file} has no {old!r}")
        (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    return make


def append(file, text):
    def make(folder):
        (folder / file).parent.mkdir(exist_ok=True)
        with (folder / file).open("a", encoding="utf-8") as out:
            out.write(text)
    return make


def config(text):
    return append(".cargo/config.toml", text)


def flags(*words):
    return lambda folder: (words, {})


def variable(name, value):
    return lambda folder: ((), {name: value})


# What was changed, how, and the parts that must be named.
CHANGES = [
    ("a profile's setting", append("Cargo.toml", "\n[profile.dev]\nopt-level = 1\n"), ["profile.settings"]),
    ("the resolver", edit("Cargo.toml", 'resolver = "2"', 'resolver = "3"'), ["resolver"]),
    ("--release", flags("--release"), ["profile"]),
    ("a feature", flags("--features", "app/fast-hash"), ["selection.features"]),
    ("all features", flags("--all-features"), ["selection.features"]),
    ("--tests", flags("--tests"), ["selection.targets"]),
    ("--check", flags("--check"), ["command"]),
    ("--target", flags("--target", LINUX), ["targets"]),
    ("RUSTFLAGS", variable("RUSTFLAGS", "-Copt-level=1"), ["rustflags"]),
    ("rustflags of the configuration", config('[build]\nrustflags = ["-Cdebuginfo=1"]\n'), ["rustflags"]),
    ("CFLAGS", variable("CFLAGS", "-g"), ["env.CFLAGS"]),
    ("RUSTC_BOOTSTRAP", variable("RUSTC_BOOTSTRAP", "1"), ["env.RUSTC_BOOTSTRAP"]),
    ("a profile's variable", variable("CARGO_PROFILE_DEV_DEBUG", "0"), ["env.CARGO_PROFILE_DEV_DEBUG"]),
    ("PKG_CONFIG_PATH", variable("PKG_CONFIG_PATH", "/opt/pc"), ["env.PKG_CONFIG_PATH"]),
    ("[env]", config('[env]\nZ_MODE = "fast"\n'), ["config.env"]),
    ("a configured profile", config("[profile.dev]\ndebug = 0\n"), ["config.profile"]),
    ("a linker", config(f'[target.{LINUX}]\nlinker = "clang"\n'), ["config.target"]),
    ("a replaced source", config('[source.crates-io]\nreplace-with = "m"\n[source.m]\nregistry = "sparse+https://m.example/"\n'),
     ["config.source"]),
    ("a dependency's feature", edit("Cargo.toml", 'features = ["derive"]', 'features = ["derive", "rc"]'), ["packages"]),
    ("a dependency", edit("app/Cargo.toml", 'cfg-if = "1"\n', ""), ["packages"]),
    ("a build-dependency", edit("app/Cargo.toml", '[build-dependencies]\nitoa = "1"', '[build-dependencies]\nfnv = "1"'),
     ["packages"]),
    ("a member's feature", edit("app/Cargo.toml", 'fast-hash = ["dep:fnv"]', "fast-hash = []\nmore = [\"dep:fnv\"]"), ["packages"]),
    ("a package of the lock", edit("Cargo.lock", 'name = "smallvec"\nversion = "1', 'name = "smallvec"\nversion = "9'), ["lock"]),
]


class Explain(Case):
    """One cook of `small`; then each change alone, in a checkout of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        cls.first = cls.machine("first", cls.server, has_crates=True)
        cls.folder = cls.first.checkout("small")
        cls.cold = cls.first.cook(cls.folder)

    def explain(self, machine, folder, *words, code=0, **variables):
        result = machine.run([folders.CLIENT, "explain", "--json", *words], folder, **variables)
        self.assertEqual(result.code, code, result.said())
        self.assertEqual(result.calls.compiles, [])
        return json.loads(result.out) if code == 0 else result

    def changed(self, name, make):
        machine = self.machine(f"change {name}".replace("/", "-"), self.server)
        folder = machine.checkout("small")
        words, variables = make(folder) or ((), {})
        return self.explain(machine, folder, *words, **variables)

    def test_an_equal_recipe_has_nothing_to_explain(self):
        self.assert_ok(self.cold)
        machine = self.machine("same", self.server)
        same = self.explain(machine, machine.checkout("small"))
        self.assertEqual(same["result"], "equal")
        self.assertEqual(same["parts"], [])
        self.assertEqual(same["against"], self.cold.summary["recipe"])

    def test_each_change_alone_is_named(self):
        for name, make, parts in CHANGES:
            with self.subTest(name):
                told = self.changed(name, make)
                self.assertEqual([part["name"] for part in told["parts"]], parts, told)
                self.assertEqual(told["against"], self.cold.summary["recipe"])
                self.assertEqual(told["against_units"], self.cold.units["planned"])
                self.assertNotEqual(told["parts"][0]["ours"], told["parts"][0]["theirs"])
                self.assertTrue(told["parts"][0]["lines"])

    def test_both_values_are_told(self):
        told = self.changed("values", variable("RUSTFLAGS", "-Ctarget-feature=+aes"))
        part = told["parts"][0]
        self.assertEqual(part["theirs"], None)
        self.assertEqual(part["ours"]["value"], "-Ctarget-feature=+aes")
        self.assertEqual(part["from"], "RUSTFLAGS")
        self.assertEqual(part["lines"], ["rustflags: (none) -> -Ctarget-feature=+aes"])

    def test_a_secret_is_compared_and_never_shown(self):
        machine = self.machine("secret", self.server)
        folder = machine.checkout("small")
        for words in (("--json",), ()):
            result = machine.run([folders.CLIENT, "explain", *words], folder,
                                 CARGO_REGISTRIES_OURS_INDEX="https://ann:hunter2@index.example/")
            self.assert_ok(result)
            self.assertIn("env.CARGO_REGISTRIES_OURS_INDEX", result.out)
            self.assertNotIn("hunter2", result.out + result.err)

    def test_a_package_is_told_alone(self):
        machine = self.machine("unit", self.server)
        folder = machine.checkout("small")
        edit("Cargo.lock", 'name = "smallvec"\nversion = "1', 'name = "smallvec"\nversion = "9')(folder)
        lines = self.explain(machine, folder, "--unit", "smallvec")["parts"][0]["lines"]
        self.assertEqual(len(lines), 1)
        self.assertRegex(lines[0], r"^lock: smallvec 1\S+ -> 9")
        lines = self.explain(machine, folder, "--unit", "serde")["parts"][0]["lines"]
        self.assertEqual(lines, ["lock: differs, but not in serde"])

    def test_a_scope_with_nothing_has_nothing_to_compare_with(self):
        empty = self.machine("nothing there", self.serve("empty"))
        self.explain(empty, empty.checkout("small"), code=3)
        alone = self.machine("no server")
        self.explain(alone, alone.checkout("small"), code=4)

    def test_the_last_cook_is_explained_after_the_checkout_moved_on(self):
        machine = self.machine("last", self.server, has_crates=True)
        folder = machine.checkout("small")
        cooked = machine.cook(folder, "--features", "app/fast-hash")
        self.assert_ok(cooked)
        # While nothing has changed, and with the same flags, down to the units.
        last = self.explain(machine, folder, "--last", "--features", "app/fast-hash")
        self.assertEqual(last["missing_units"], cooked.units["built"], last)
        self.assertEqual([cause["input"] for cause in last["causes"]], ["fnv"], last)
        config('[env]\nZ_MODE = "fast"\n')(folder)
        last = self.explain(machine, folder, "--last")
        self.assertEqual(last["causes"], None)
        self.assertEqual([part["name"] for part in last["parts"]], ["selection.features"])
        self.assertEqual(last["recipe"], cooked.summary["recipe"])
        self.assertEqual(last["units"]["built"], cooked.units["built"])
        self.assertEqual(last["units"]["planned"], cooked.units["planned"])
        # Leaves nothing for the other tests to find nearer than the first layer.
        evicted = machine.run([folders.CLIENT, "admin", "evict", cooked.summary["recipe"]], folder)
        self.assert_ok(evicted)


if __name__ == "__main__":
    main()
