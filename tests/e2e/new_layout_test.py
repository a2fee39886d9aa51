#!/usr/bin/env python3
"""Cargo's new layout of the build folder, on a nightly toolchain; and the early form of it, refused."""
import shutil

from harness import folders
from harness.case import FAR_AWAY, Case, main
from harness.tiny import lock_package, write_package

NIGHTLY = {"RUSTUP_TOOLCHAIN": "nightly"}
BY_VARIABLE = {**NIGHTLY, "CARGO_UNSTABLE_BUILD_DIR_NEW_LAYOUT": "true"}


class NewLayout(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        first = cls.machine("first", cls.server, has_crates=True, **BY_VARIABLE)
        folder = first.checkout("small")
        cls.cold = first.cook(folder)
        cls.has_new_layout = (folder / "target/debug/build/serde").is_dir()
        first.vanish()

    def test_cold_cook_shares_all_of_it(self):
        self.assert_ok(self.cold)
        self.assertTrue(self.has_new_layout, "this nightly does not have the new layout")
        self.assertTrue(self.cold.summary["layer_recorded"], self.cold.said())
        self.assertEqual((self.cold.units["built"], self.cold.units["skipped"]), (33, 0), self.cold.said())

    def test_restore_elsewhere(self):
        machine = self.machine(FAR_AWAY, self.server, **BY_VARIABLE)
        folder = machine.checkout("small")
        self.assert_hit(machine.cook(folder))
        self.assertFalse((folder / "target/debug/deps").exists())
        self.assert_members_only(machine.build(folder), "small")
        self.assert_idle(machine.build(folder))
        self.assert_ok(machine.run([folder / "target/debug/app", "selftest"], folder))

    def test_restore_with_a_build_folder_elsewhere(self):
        build_dir = self.scratch / "gebaute Größen"
        machine = self.machine("build folder", self.server, CARGO_BUILD_BUILD_DIR=build_dir, **BY_VARIABLE)
        folder = machine.checkout("small")
        self.assert_hit(machine.cook(folder))
        self.assertTrue((build_dir / "debug/build/serde").is_dir())
        self.assertFalse((folder / "target/debug/build").exists())
        self.assert_members_only(machine.build(folder), "small")
        self.assert_idle(machine.build(folder))
        self.assert_ok(machine.run([folder / "target/debug/app", "selftest"], folder))


class OtherWays(Case):
    """A small package, so that each way to ask for the layout has a cold cook of its own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        author = cls.machine("author", has_crates=True)
        cls.package = lock_package(author, write_package(
            author.work / "tiny", 'itoa = "1"\nserde_core = "1"', 'itoa::Buffer::new().format(9)'))

    def cook_and_restore(self, *flags, config="", **variables):
        name = self.id().rpartition(".")[2]
        results = []
        for machine in (self.machine(f"{name} 1", self.server, has_crates=True, **variables),
                        self.machine(f"{name} 2", self.server, **variables)):
            folder = machine.work / "tiny"
            shutil.copytree(self.package, folder)
            if config:
                (folder / ".cargo").mkdir()
                (folder / ".cargo/config.toml").write_text(config)
            results.append(machine.cook(folder, *flags))
        built = machine.build(folder, *flags)
        self.assert_ok(built)
        self.assertEqual(built.calls.compiled_packages(), {"tiny"}, built.said())
        self.assertEqual(machine.run([folder / "target/debug/tiny"], folder).out, "9\n")
        return *results, folder

    def assert_shared_in(self, layout_is_new, cold, restored, folder):
        self.assert_ok(cold)
        self.assertEqual(cold.units["skipped"], 0, cold.said())
        self.assert_hit(restored)
        self.assertEqual((folder / "target/debug/build/serde_core").is_dir(), layout_is_new)

    def test_by_flag(self):
        self.assert_shared_in(True, *self.cook_and_restore("-Z", "build-dir-new-layout", **NIGHTLY))

    def test_by_configuration(self):
        config = "[unstable]\nbuild-dir-new-layout = true\n"
        self.assert_shared_in(True, *self.cook_and_restore(config=config, **NIGHTLY))

    def test_nightly_with_the_layout_of_old(self):
        variables = {**NIGHTLY, "CARGO_UNSTABLE_BUILD_DIR_NEW_LAYOUT": "false"}
        self.assert_shared_in(False, *self.cook_and_restore(**variables))

    def test_early_form_of_a_stable_cargo_is_refused_by_name(self):
        early = {"RUSTUP_TOOLCHAIN": "1.95.0", "RUSTC_BOOTSTRAP": "1", "CARGO_UNSTABLE_BUILD_DIR_NEW_LAYOUT": "true"}
        machine = self.machine("early", self.server, has_crates=True, **early)
        folder = machine.work / "tiny"
        shutil.copytree(self.package, folder)
        cold = machine.cook(folder)
        self.assert_ok(cold)
        self.assertIn("cargo 1.95 has an early form of the new build-dir layout", cold.err)
        self.assertFalse(cold.summary["layer_recorded"])
        self.assertEqual(cold.units["shared"], 0)
        self.assertIn("serde_core", cold.calls.compiled_packages())
        built = machine.build(folder)
        self.assert_ok(built)
        self.assertEqual(built.calls.compiled_packages(), {"tiny"}, built.said())
        self.assertEqual(machine.run([folders.CLIENT, "fetch"], folder).code, 3)


if __name__ == "__main__":
    main()
