#!/usr/bin/env python3
"""Target folders that are not empty: what is right stays, what is wrong is mended."""
import os
import shutil

from harness import folders
from harness.case import Case, main
from harness.proxy import Proxy
from harness.tiny import lock_package, write_package


def one_file(folder, pattern):
    (found,) = folder.glob(pattern)
    return found


class WarmTarget(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        first = cls.machine("first", cls.server, has_crates=True)
        cls.cold = first.cook(first.checkout("small"))
        first.vanish()

    def restored(self, **options):
        """A machine with a restored target folder."""
        self.assert_ok(self.cold)
        machine = self.machine(self.id().rpartition(".")[2], self.server, **options)
        self.addCleanup(shutil.rmtree, machine.root)
        folder = machine.checkout("small")
        self.assert_hit(machine.cook(folder))
        return machine, folder

    def test_second_cook_does_nothing_and_asks_nobody(self):
        machine, folder = self.restored()
        before = {path: path.stat().st_mtime_ns for path in (folder / "target").rglob("*")}
        proxy = Proxy(self.server.address)
        self.addCleanup(proxy.close)
        second = machine.cook(folder, DEPCACHE_SERVER=proxy.address)
        self.assert_hit(second)
        self.assertEqual((second.units["present"], second.units["restored"]), (33, 0))
        self.assertEqual((proxy.received, second.summary["server"]), (0, ""))
        after = {path: path.stat().st_mtime_ns for path in (folder / "target").rglob("*")}
        self.assertEqual(before, after)
        # Nor after a build of the members.
        self.assert_ok(machine.build(folder))
        self.assert_hit(machine.cook(folder, DEPCACHE_SERVER=proxy.address))
        self.assertEqual(proxy.received, 0)
        self.assert_idle(machine.build(folder))

    def test_edited_library_is_restored(self):
        machine, folder = self.restored()
        self.assert_ok(machine.build(folder))
        library = one_file(folder / "target/debug/deps", "libitoa-*.rlib")
        right = library.read_bytes()
        with open(library, "ab") as out:
            out.write(b"not what was compiled")
        mended = machine.cook(folder)
        self.assert_hit(mended)
        self.assertGreaterEqual(mended.units["restored"], 1)
        self.assertLess(mended.units["restored"], 33)
        self.assertEqual(library.read_bytes(), right)
        self.assert_members_only(machine.build(folder), "small")
        self.assert_ok(machine.run([folder / "target/debug/app", "selftest"], folder))

    def test_touched_library_does_no_harm(self):
        machine, folder = self.restored()
        os.utime(one_file(folder / "target/debug/deps", "libserde_core-*.rlib"))
        self.assert_hit(machine.cook(folder))
        self.assert_members_only(machine.build(folder), "small")
        self.assert_idle(machine.build(folder))

    def test_lost_library_is_restored(self):
        machine, folder = self.restored()
        one_file(folder / "target/debug/deps", "libanyhow-*.rlib").unlink()
        mended = machine.cook(folder)
        self.assert_hit(mended)
        self.assertEqual((mended.units["restored"], mended.units["present"]), (1, 32))
        self.assert_members_only(machine.build(folder), "small")

    def test_cleaned_package_is_restored(self):
        machine, folder = self.restored()
        self.assert_ok(machine.build(folder, "-p", "serde_core", command="clean"))
        mended = machine.cook(folder)
        self.assert_hit(mended)
        self.assertGreaterEqual(mended.units["restored"], 3)
        self.assert_members_only(machine.build(folder), "small")
        self.assert_ok(machine.run([folder / "target/debug/app", "selftest"], folder))

    def test_what_plain_cargo_built_stays(self):
        machine = self.machine("plain", self.server, has_crates=True)
        folder = machine.checkout("small")
        self.assert_ok(machine.build(folder))
        self.assert_hit(machine.cook(folder))
        self.assert_idle(machine.build(folder))

    def test_half_of_it_built_by_plain_cargo(self):
        machine = self.machine("half plain", self.server, has_crates=True)
        folder = machine.checkout("small")
        self.assert_ok(machine.build(folder, "-p", "util"))
        self.assert_hit(machine.cook(folder))
        self.assert_members_only(machine.build(folder), "small")
        self.assert_idle(machine.build(folder))
        self.assert_ok(machine.run([folder / "target/debug/app", "selftest"], folder))


class BumpedDependency(Case):
    """A lock that moves to another version and back, over one target folder."""

    EXPRESSION = "<typenum::U42 as typenum::Unsigned>::U8"

    def setUp(self):
        self.server = self.serve(f"server of {self._testMethodName}")
        self.builder = self.machine(self._testMethodName, self.server, has_crates=True)
        self.folder = write_package(self.builder.work / "tiny", 'typenum = "1"\nitoa = "1"', self.EXPRESSION)
        lock_package(self.builder, self.folder)
        self.locks = {version: self.lock_with(version) for version in ("1.17.0", "1.19.0")}

    def lock_with(self, version):
        self.assert_ok(self.builder.run(["cargo", "update", "--offline", "typenum", "--precise", version], self.folder))
        return (self.folder / "Cargo.lock").read_text()

    def use(self, version):
        (self.folder / "Cargo.lock").write_text(self.locks[version])

    def assert_right(self, machine, folder, version):
        built = machine.build(folder)
        self.assert_ok(built)
        self.assertLessEqual(built.calls.compiled_packages(), {"tiny"}, built.said())
        self.assertIn(f"typenum {version}", built.steps.fresh)
        self.assertEqual(machine.run([folder / "target/debug/tiny"], folder).out, "42\n")

    def test_bump_and_back(self):
        self.use("1.17.0")
        self.assert_ok(self.builder.cook(self.folder))
        self.assert_right(self.builder, self.folder, "1.17.0")
        self.use("1.19.0")
        bumped = self.builder.cook(self.folder)
        self.assert_ok(bumped)
        self.assertEqual(bumped.summary["result"], "partial")
        self.assertEqual(bumped.calls.compiled_packages() - {"tiny"}, {"typenum"})
        self.assert_right(self.builder, self.folder, "1.19.0")
        self.use("1.17.0")
        self.assert_hit(self.builder.cook(self.folder))
        self.assert_right(self.builder, self.folder, "1.17.0")
        self.builder.vanish()
        # Both restore over each other, in one folder, on a machine without crates.
        other = self.machine("other", self.server)
        folder = other.work / "tiny"
        shutil.copytree(self.builder.root.with_name(f"{self.builder.root.name} gone") / "work/tiny", folder,
                        ignore=shutil.ignore_patterns("target"))
        for version in ("1.19.0", "1.17.0", "1.19.0"):
            (folder / "Cargo.lock").write_text(self.locks[version])
            self.assert_hit(other.cook(folder))
            self.assert_right(other, folder, version)

    def test_bump_with_another_cargo_home(self):
        """Cargo would build all of it again there: what the server has comes back, and nothing is left unshared."""
        self.use("1.17.0")
        self.assert_ok(self.builder.cook(self.folder))
        elsewhere = self.builder.root / "other cargo home"
        folders.fill_cargo_home(elsewhere)
        self.builder.variables["CARGO_HOME"] = elsewhere
        self.use("1.19.0")
        bumped = self.builder.cook(self.folder)
        self.assert_ok(bumped)
        self.assertEqual(bumped.calls.compiled_packages(), {"typenum"}, bumped.said())
        self.assertEqual(bumped.summary["skipped"], [], bumped.said())
        self.assertTrue(bumped.summary["layer_recorded"], bumped.said())
        self.assert_right(self.builder, self.folder, "1.19.0")


if __name__ == "__main__":
    main()
