#!/usr/bin/env python3
"""Restores with the flags, profiles and folders that people use."""
import shutil

from harness.case import FAR_AWAY, Case, main

TRIPLE = "x86_64-unknown-linux-gnu"


class Cooked(Case):
    """Cooks with flags of one build each. They share a machine, whose later cooks find much of what they need."""

    flags = {}

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        first = cls.machine("first", cls.server, has_crates=True)
        folder = first.checkout("small")
        cls.cold = {name: first.cook(folder, *flags) for name, flags in cls.flags.items()}
        first.vanish()

    def restore(self, name, *cargo_flags, command="build"):
        """Cooks on a new machine, builds there; the machine, its checkout and the build."""
        self.assert_ok(self.cold[name])
        self.assertTrue(self.cold[name].summary["layer_recorded"], self.cold[name].said())
        self.assertEqual(self.cold[name].units["skipped"], 0, self.cold[name].said())
        machine = self.machine(FAR_AWAY, self.server)
        self.addCleanup(shutil.rmtree, machine.root)
        folder = machine.checkout("small")
        restored = machine.cook(folder, *self.flags[name])
        self.assert_hit(restored)
        self.assertEqual(restored.units["restored"], self.cold[name].units["planned"])
        built = machine.build(folder, *cargo_flags, command=command)
        self.assert_members_only(built, "small")
        self.assert_idle(machine.build(folder, *cargo_flags, command=command))
        return machine, folder, built

    def assert_runs(self, machine, folder, binary, lines=("macros: ok",)):
        result = machine.run([folder / "target" / binary, "selftest"], folder)
        self.assert_ok(result)
        for line in lines:
            self.assertIn(line, result.out)


class Flags(Cooked):
    flags = {"dev": [], "tests": ["--tests"], "check": ["--check"], "package": ["-p", "util"],
             "triple": ["--target", TRIPLE]}

    def test_target_triple_keeps_host_and_target_apart(self):
        machine, folder, _ = self.restore("triple", "--target", TRIPLE)
        self.assert_runs(machine, folder, f"{TRIPLE}/debug/app")
        # The procedural macro is the host's.
        self.assertNotEqual(list((folder / "target/debug/deps").glob("libserde_derive-*.so")), [])
        self.assertEqual(list((folder / f"target/{TRIPLE}/debug/deps").glob("libserde_derive-*")), [])

    def test_tests_bring_dev_dependencies(self):
        machine, folder, built = self.restore("tests", "--tests")
        self.assertIn("fastrand 2.3.0", built.steps.fresh)
        tested = machine.build(folder, command="test")
        self.assert_ok(tested)
        self.assertIn("every_check_passes ... ok", tested.out)
        self.assertLessEqual(tested.calls.compiled_packages(), {"app", "util", "macros"}, tested.said())

    def test_check_needs_metadata_alone(self):
        _, folder, _ = self.restore("check", command="check")
        self.assertEqual(list((folder / "target/debug/deps").glob("libanyhow-*.rlib")), [])
        self.assertNotEqual(list((folder / "target/debug/deps").glob("libanyhow-*.rmeta")), [])

    def test_one_package_brings_its_own_dependencies_alone(self):
        machine, folder, _ = self.restore("package", "-p", "util")
        # Nor the sources that only the others need.
        self.assertEqual(list(machine.cargo_home.glob("registry/cache/*/anyhow-*")), [])
        self.assertEqual(list((folder / "target/debug/deps").glob("libanyhow-*")), [])
        self.assertLess(self.cold["package"].units["planned"], self.cold["dev"].units["planned"])


class RareFlags(Cooked):
    """In tests/run.sh --long."""

    flags = {"feature": ["--features", "app/fast-hash"], "no default features": ["--no-default-features"],
             "release": ["--release"], "custom profile": ["--profile", "ci"]}

    def test_release(self):
        machine, folder, _ = self.restore("release", "--release")
        self.assert_runs(machine, folder, "release/app")

    def test_custom_profile_has_a_folder_of_its_own(self):
        machine, folder, _ = self.restore("custom profile", "--profile", "ci")
        self.assert_runs(machine, folder, "ci/app")
        self.assertFalse((folder / "target/release").exists())

    def test_features_and_their_absence(self):
        machine, folder, built = self.restore("feature", "--features", "app/fast-hash")
        self.assertIn("fnv 1.0.7", built.steps.fresh)
        self.assert_runs(machine, folder, "debug/app", ["fnv: ok"])

    def test_no_default_features(self):
        machine, folder, built = self.restore("no default features", "--no-default-features")
        self.assertNotIn("fnv 1.0.7", built.steps.fresh)
        self.assert_runs(machine, folder, "debug/app")


class Folders(Case):
    """Where Cargo writes, and where its home is, are no part of what is built."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        first = cls.machine("first", cls.server, has_crates=True, CARGO_BUILD_BUILD_DIR=cls.scratch / "first build")
        folder = first.checkout("small")
        cls.cold = first.cook(folder)
        cls.cold_target = sorted(path.name for path in (folder / "target").iterdir())
        shutil.rmtree(cls.scratch / "first build")
        first.vanish()

    def test_cook_writes_to_the_build_folder(self):
        self.assert_ok(self.cold)
        self.assertTrue(self.cold.summary["layer_recorded"])
        self.assertNotIn("deps", self.cold_target)

    def test_build_folder_by_environment_elsewhere(self):
        build_dir = self.scratch / "sécond build"
        machine = self.machine("by environment", self.server, CARGO_BUILD_BUILD_DIR=build_dir)
        folder = machine.checkout("small")
        self.assert_hit(machine.cook(folder))
        self.assert_members_only(machine.build(folder), "small")
        self.assert_idle(machine.build(folder))
        self.assertFalse((folder / "target/debug/deps").exists())
        self.assertTrue((build_dir / "debug/deps").exists())
        self.assert_ok(machine.run([folder / "target/debug/app", "selftest"], folder))

    def test_build_folder_by_configuration(self):
        machine = self.machine("by configuration", self.server)
        folder = machine.checkout("small")
        (folder / ".cargo").mkdir()
        (folder / ".cargo/config.toml").write_text('[build]\nbuild-dir = "{workspace-root}/../built"\n')
        self.assert_hit(machine.cook(folder))
        self.assert_members_only(machine.build(folder), "small")
        self.assert_idle(machine.build(folder))
        self.assertTrue((machine.work / "built/debug/deps").exists())

    def test_one_folder_for_both(self):
        machine = self.machine("one folder", self.server)
        folder = machine.checkout("small")
        self.assert_hit(machine.cook(folder))
        self.assert_members_only(machine.build(folder), "small")
        self.assertTrue((folder / "target/debug/deps").exists())

    def test_target_folder_by_flag_and_by_variable(self):
        machine = self.machine("target folders", self.server)
        folder = machine.checkout("small")
        elsewhere = machine.root / "by flag"
        self.assert_hit(machine.cook(folder, "--target-dir", elsewhere))
        self.assert_members_only(machine.build(folder, "--target-dir", elsewhere), "small")
        other = machine.root / "by variable"
        self.assert_hit(machine.cook(folder, CARGO_TARGET_DIR=other))
        self.assert_members_only(machine.build(folder, CARGO_TARGET_DIR=other), "small")
        self.assertFalse((folder / "target").exists())

    def test_cargo_home_within_the_workspace(self):
        machine = self.machine("home within", self.server)
        folder = machine.checkout("small")
        machine.cargo_home = folder / ".cargo home"
        self.assert_hit(machine.cook(folder))
        self.assert_members_only(machine.build(folder), "small")
        self.assert_idle(machine.build(folder))
        self.assert_ok(machine.run([folder / "target/debug/app", "selftest"], folder))


if __name__ == "__main__":
    main()
