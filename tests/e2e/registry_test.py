#!/usr/bin/env python3
"""An alternative registry: restored elsewhere while it cannot be reached, and never another version."""
import json
import shutil

from harness.case import FAR_AWAY, Case, main
from harness.registry import SparseRegistry
from harness.tiny import lock_package, write_package


class AlternativeRegistry(Case):
    """`beta` on `alpha` from a registry of the test's own, beside `either` from crates.io."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        cls.registry = SparseRegistry(cls.scratch / "registry")
        cls.addClassCleanup(cls.registry.close)
        cls.registry.publish("alpha", "1.0.0", {"src/lib.rs": "pub fn alpha() -> u32 { 1 }\n"})
        cls.registry.publish("beta", "1.0.0", {
            "src/lib.rs": "pub fn beta() -> u32 { 10 + alpha::alpha() }\n",
            "build.rs": 'fn main() { println!("cargo:rerun-if-changed=build.rs"); }\n'}, [("alpha", "1")])
        cls.first = cls.machine("first", cls.server, has_crates=True)
        cls.folder = cls.write_app(cls.first)
        cls.cold = cls.first.cook(cls.folder)

    @classmethod
    def fetch(cls, machine):
        """What Cargo fetches from the registry itself, while it is there."""
        package = write_package(machine.temp / "fetch", 'beta = { version = "1", registry = "mine" }', "1")
        cls.configure(package)
        result = machine.run(["cargo", "fetch"], package)
        if result.code != 0:
            raise RuntimeError(result.said())
        shutil.rmtree(package)

    @classmethod
    def configure(cls, folder):
        (folder / ".cargo").mkdir()
        (folder / ".cargo/config.toml").write_text(f'[registries.mine]\nindex = "{cls.registry.index}"\n')

    @classmethod
    def write_app(cls, machine):
        cls.fetch(machine)
        folder = write_package(machine.work / "tiny", 'beta = { version = "1", registry = "mine" }\neither = "1"',
                               'format_args!("{} {}", beta::beta(), either::Either::<u8, u8>::Left(7))')
        cls.configure(folder)
        return lock_package(machine, folder)

    def copy_to(self, machine):
        copy = machine.work / "tiny"
        shutil.copytree(self.folder, copy, ignore=shutil.ignore_patterns("target"))
        return copy

    def output(self, machine, folder):
        return machine.run([folder / "target/debug/tiny"], folder).out

    def test_elsewhere_while_the_registry_is_gone(self):
        self.assert_ok(self.cold)
        self.assertTrue(self.cold.summary["layer_recorded"], self.cold.said())
        self.assertEqual(self.cold.units["skipped"], 0, self.cold.summary["skipped"])
        self.assertEqual(self.cold.calls.compiled_packages(), {"alpha", "beta", "either"})
        self.registry.close()
        try:
            other = self.machine(FAR_AWAY, self.server)
            copy = self.copy_to(other)
            restored = other.cook(copy)
            self.assert_hit(restored)
            built = other.build(copy)
            self.assert_ok(built)
            self.assertEqual(built.calls.compiled_packages(), {"tiny"}, built.said())
            self.assertEqual(built.steps.script_runs, [])
            self.assertEqual(self.output(other, copy), "11 7\n")
            index = next((other.cargo_home / "registry/index").glob("127.0.0.1-*"))
            # Where to download from, and nothing that a token is sent to.
            self.assertEqual(list(json.loads((index / "config.json").read_text())), ["dl"])
        finally:
            self.registry.open()
        # With the registry back, Cargo makes of the restored index what it makes of its own.
        shutil.rmtree(next((other.cargo_home / "registry/cache").glob("127.0.0.1-*")))
        shutil.rmtree(next((other.cargo_home / "registry/src").glob("127.0.0.1-*")))
        self.assert_ok(other.run(["cargo", "build", "--locked"], copy))

    def test_another_version_is_another_package(self):
        self.registry.publish("alpha", "1.0.1", {"src/lib.rs": "pub fn alpha() -> u32 { 2 }\n"})
        other = self.machine("newer", self.server, has_crates=True)
        folder = self.write_app(other)
        self.assertIn("1.0.1", (folder / "Cargo.lock").read_text())
        cooked = other.cook(folder)
        self.assert_ok(cooked)
        self.assertEqual(cooked.calls.compiled_packages(), {"alpha", "beta"}, cooked.said())
        self.assert_ok(other.build(folder))
        self.assertEqual(self.output(other, folder), "12 7\n")


if __name__ == "__main__":
    main()
