#!/usr/bin/env python3
"""The main promise: what one machine compiled, another restores and never compiles."""
import os
import shutil

from harness.case import FAR_AWAY, Case, main


class RestoreElsewhere(Case):
    """One cold cook of `small`, whose machine is gone when the restores begin."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        first = cls.machine("first", cls.server, has_crates=True)
        cls.cold = first.cook(first.checkout("small"))
        first.vanish()

    def test_cold_cook_compiles_dependencies_alone_and_shares_them(self):
        self.assert_ok(self.cold)
        self.assertEqual(self.cold.summary["result"], "miss", self.cold.said())
        self.assertTrue(self.cold.summary["layer_recorded"], self.cold.said())
        units = self.cold.units
        self.assertEqual(units["skipped"], 0, self.cold.summary["skipped"])
        self.assertEqual(units["built"], units["planned"])
        self.assertEqual(units["shared"], units["planned"])
        self.assertEqual(units["planned"], 33)
        self.assertNotIn("app", self.cold.calls.compiled_packages())
        self.assertIn("libz-sys", self.cold.calls.compiled_packages())

    def test_restore_leaves_members_alone_to_compile(self):
        second = self.machine(FAR_AWAY, self.server)
        folder = second.checkout("small")
        restored = second.cook(folder)
        self.assert_hit(restored)
        self.assertEqual(restored.units["restored"], 33)
        built = second.build(folder)
        self.assert_members_only(built, "small")
        self.assertEqual(built.calls.compiled_packages(), {"app", "util", "macros"})
        self.assert_idle(second.build(folder))
        app = second.run([folder / "target/debug/app", "selftest"], folder)
        self.assert_ok(app)
        self.assertIn("libz-sys: ok", app.out)


class OtherCargoHome(Case):
    """Cargo's fingerprints hold paths below CARGO_HOME: with another one, what is there is stale."""

    def test_same_folder_with_another_cargo_home_is_restored_again(self):
        server = self.serve()
        machine = self.machine("machine", server, has_crates=True)
        folder = machine.checkout("small")
        self.assert_ok(machine.cook(folder))
        other = machine.root / "other cargo"
        again = machine.cook(folder, CARGO_HOME=other)
        self.assert_hit(again)
        self.assertEqual(again.units["restored"], again.units["planned"], again.said())
        self.assert_members_only(machine.build(folder, CARGO_HOME=other), "small")
        idle = machine.cook(folder, CARGO_HOME=other)
        self.assertEqual(idle.units["present"], idle.units["planned"], idle.said())


class SecondCheckout(Case):
    """On one machine, a second checkout is copied from the first: the server says what belongs there, and only what is
    not on the disk is fetched."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        builder = cls.machine("builder", cls.server, has_crates=True)
        builder.cook(builder.checkout("small"))
        builder.vanish()

    def setUp(self):
        self.first = self.machine(self.id(), self.server)
        self.small = self.first.checkout("small")
        self.assert_hit(self.first.cook(self.small))
        self.other = self.first.work / "another é" / "small"
        shutil.copytree(self.small, self.other, ignore=shutil.ignore_patterns("target"))

    def assert_works(self, restored):
        self.assert_hit(restored)
        self.assertEqual(restored.units["restored"], 33)
        self.assert_members_only(self.first.build(self.other), "small")
        self.assert_idle(self.first.build(self.other))
        self.assert_ok(self.first.run([self.other / "target/debug/app", "selftest"], self.other))

    def test_is_copied_from_the_first(self):
        restored = self.first.cook(self.other)
        size = restored.summary["bytes"]
        self.assertGreater(size["copied"], 10 * size["received"], size)
        # Nothing is linked: what is built in one checkout does not reach the other.
        for file in (self.other / "target/debug/deps").iterdir():
            self.assertEqual(file.stat().st_nlink, 1)
        self.assert_works(restored)

    def test_what_was_damaged_in_the_first_is_fetched(self):
        far = self.machine("far", self.server)
        self.assert_hit(far.cook(far.checkout("small")))
        rlibs = sorted((self.small / "target/debug/deps").glob("*.rlib"))
        self.assertGreater(len(rlibs), 5)
        for file in rlibs:
            content, times = bytearray(file.read_bytes()), file.stat()
            content[len(content) // 2] ^= 1
            file.write_bytes(content)
            os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
        restored = self.first.cook(self.other)
        self.assert_works(restored)
        for file in rlibs:
            mine = (self.other / "target/debug/deps" / file.name).read_bytes()
            self.assertNotEqual(mine, file.read_bytes(), file.name)
            self.assertEqual(mine, (far.work / "small/target/debug/deps" / file.name).read_bytes(), file.name)

    def test_what_the_first_has_no_more_is_fetched(self):
        shutil.rmtree(self.small / "target/debug/deps")
        restored = self.first.cook(self.other)
        self.assert_works(restored)


class FoldersAsNamed(Case):
    """Cargo takes a folder as it was named. Compiled with one name, restored with another."""

    def test_dots_and_slashes_in_names_of_folders(self):
        server = self.serve()
        first = self.machine("first", server, has_crates=True)
        named = {"CARGO_TARGET_DIR": "./out/", "CARGO_HOME": f"{first.cargo_home}/", "HOME": f"{first.home}/"}
        cold = first.cook(first.checkout("small"), **named)
        self.assertEqual(cold.units["shared"], 33, cold.said())
        first.vanish()
        second = self.machine("second", server)
        folder = second.checkout("small")
        self.assert_hit(second.cook(folder))
        self.assert_members_only(second.build(folder), "small")
        third = self.machine("third", server, CARGO_TARGET_DIR="../out/./", CARGO_HOME=f"{self.scratch}/third/cargo/")
        folder = third.checkout("small")
        self.assert_hit(third.cook(folder))
        self.assert_members_only(third.build(folder), "small")
        self.assert_idle(third.build(folder))
        self.assertEqual(third.cook(folder).units["present"], 33)
        self.assertFalse((folder / "target").exists())

    def test_behind_links(self):
        """A compiler sees where its folder is, not the name it was given."""
        server = self.serve("server of links")
        first = self.machine("linked", server, has_crates=True)
        real = first.root / "real place"
        (real / "target").mkdir(parents=True)
        first.cargo_home.rename(real / "cargo")
        (first.root / "link").symlink_to(real)
        named = {"CARGO_TARGET_DIR": first.root / "link/target", "CARGO_HOME": first.root / "link/cargo"}
        folder = first.checkout("small")
        cold = first.cook(folder, **named)
        self.assertEqual(cold.units["shared"], 33, cold.said())
        self.assert_members_only(first.build(folder, **named), "small")
        self.assert_idle(first.build(folder, **named))
        first.vanish()
        second = self.machine("not linked", server)
        folder = second.checkout("small")
        self.assert_hit(second.cook(folder))
        for pattern in ("deps/*.rmeta", "deps/*.so", "build/*/output"):
            files = list((folder / "target/debug").glob(pattern))
            self.assertNotEqual(files, [], pattern)
            for file in files:
                self.assertNotIn(str(first.root).encode(), file.read_bytes(), file)
        self.assert_members_only(second.build(folder), "small")


if __name__ == "__main__":
    main()
