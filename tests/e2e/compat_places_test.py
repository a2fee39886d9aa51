#!/usr/bin/env python3
"""Where things lie, locks, and two cargos at once: rows of docs/compatibility.md."""
import pathlib
import shutil
import tempfile

from harness import folders
from harness.case import main
from harness.compat import CompatCase, tiny
from harness.hold import Hold

TINY = tiny('itoa = "1"\nfnv = { version = "1", default-features = false }')
TWIN_MANIFEST = tiny('itoa = "1"\nfnv = "1"').files["Cargo.toml"]
LONG = "/".join(["Größe und Länge " * 6] * 3)  # 290 characters, more bytes


class Folders(CompatCase):
    """The folder is no input; the twin has the same one and another feature of fnv."""

    def check_place(self, setting, has_target=False):
        self.share(setting)
        machine, folder = self.restore(setting)
        self.assertEqual((folder / "target").exists(), has_target)
        self.change(setting.with_files({"Cargo.toml": TWIN_MANIFEST}), {"fnv"})
        return machine, folder

    def test_target_by_configuration(self):
        self.check_place(TINY.with_files({".cargo/config.toml": 'build.target-dir = "../built here"\n'}).but(
            runs="../built here/debug/tiny"))

    def test_target_by_option_config(self):
        self.check_place(TINY.but(flags=("--config", "build.target-dir='by option'"), runs="by option/debug/tiny"))

    def test_build_by_option_config(self):
        machine, folder = self.check_place(TINY.but(flags=("--config", "build.build-dir='intermediate'")), has_target=True)
        self.assertTrue((folder / "intermediate/debug/deps").is_dir())
        self.assertFalse((folder / "target/debug/deps").exists())

    def test_target_is_a_link(self):
        self.share(TINY)
        machine = self.row_machine("link")
        folder = self.write(machine, TINY, self.lock)
        (machine.root / "elsewhere ü").mkdir()
        (folder / "target").symlink_to(machine.root / "elsewhere ü")
        self.assert_same(machine, folder, TINY)
        self.assertTrue((folder / "target").is_symlink())

    def test_target_on_another_file_system(self):
        self.share(TINY)
        other = pathlib.Path(tempfile.mkdtemp(prefix="depcache e2e ", dir="/dev/shm"))
        self.addCleanup(shutil.rmtree, other)
        machine = self.row_machine("file system", CARGO_TARGET_DIR=other)
        folder = self.write(machine, TINY, self.lock)
        self.assertNotEqual(other.stat().st_dev, folder.stat().st_dev)
        self.assert_same(machine, folder, TINY.but(runs=other / "debug/tiny"))

    def test_long_path_with_blanks_and_letters(self):
        self.check_place(TINY.but(folder=f"work/{LONG}/tiny"), has_target=True)

    def test_called_below_the_root(self):
        self.check_place(TINY.but(cwd="src"), has_target=True)

    def test_read_only_cargo_home(self):
        """All sources are there, nothing can be written: a bind mount, since root ignores modes."""
        self.share(TINY)
        machine = self.row_machine("read only", has_crates=True)
        folder = self.write(machine, TINY, self.lock)
        self.assert_ok(machine.run(["cargo", "fetch", "--locked", "--offline"], folder))
        self.assert_same(machine, folder, TINY, before=["unshare", "--mount", "sh", "-c",
                         'mount --bind "$CARGO_HOME" "$CARGO_HOME" && mount -o remount,ro,bind "$CARGO_HOME" && '
                         '! touch "$CARGO_HOME/x" 2>/dev/null && exec "$@"', "sh"])

    def assert_same(self, machine, folder, setting, before=()):
        restored = machine.run([*before, folders.CLIENT, "cook", "--json", *setting.flags], folder)
        self.assert_ok(restored)
        self.assertEqual((restored.summary["result"], restored.calls.compiles), ("hit", []), restored.said())
        built = machine.run([*before, "cargo", "build", "--offline", "-v"], folder)
        self.assert_ok(built)
        self.assertEqual(built.calls.compiled_packages(), {"tiny"}, built.said())
        self.assert_idle(machine.build(folder))
        self.assertEqual(machine.run([folder / setting.runs], folder).out, "42\n")


class Locks(CompatCase):
    def check_flag(self, flag):
        setting = TINY.but(flags=(flag,))
        self.check_row(setting, setting.with_files({"Cargo.toml": TWIN_MANIFEST}), {"fnv"})

    def test_locked(self):
        self.check_flag("--locked")

    def test_frozen(self):
        self.check_flag("--frozen")

    def test_offline(self):
        # The harness says it to cargo already.
        setting = TINY.but(cook_flags=("--offline",))
        self.check_row(setting, setting.with_files({"Cargo.toml": TWIN_MANIFEST}), {"fnv"})

    def test_locked_with_a_lock_that_does_not_fit(self):
        machine = self.row_machine("A", has_crates=True)
        folder = self.write(machine, tiny('itoa = "1"'))
        (folder / "Cargo.toml").write_text(TINY.files["Cargo.toml"])
        before = (folder / "Cargo.lock").read_text()
        refused = self.cook(machine, folder, TINY, "--frozen")
        self.assertIn("--frozen", refused.err)
        self.assertEqual((refused.code, refused.summary["cargo"]), (101, "failed"), refused.said())
        self.assertFalse(refused.summary["layer_recorded"])
        self.assertEqual(refused.calls.compiles, [])
        self.assertEqual((folder / "Cargo.lock").read_text(), before)

    def test_no_lock(self):
        machine = self.row_machine("A", has_crates=True)
        folder = self.write(machine, TINY)
        (folder / "Cargo.lock").unlink()
        refused = self.cook(machine, folder, TINY)
        self.assertEqual(refused.code, 2, refused.said())
        self.assertIn("cargo generate-lockfile", refused.err)
        self.assertEqual(refused.calls.compiles, [])

    def test_formats(self):
        self.share(TINY)
        self.assertIn("version = 4", self.lock)
        self.lock = self.lock.replace("version = 4", "version = 3")
        _, folder = self.restore(TINY)
        self.assertIn("version = 3", (folder / "Cargo.lock").read_text())
        self.change(TINY.with_files({"Cargo.toml": TWIN_MANIFEST}), {"fnv"})


class TwoAtOnce(CompatCase):
    """Two commands in one target folder: one waits, and nothing is spoiled."""

    def held(self, name):
        """A machine with crates, its workspace, and a hold on the compile of fnv."""
        machine = self.row_machine(name, has_crates=True)
        hold = Hold(machine.root, "fnv")
        self.addCleanup(hold.close)
        return machine, self.write(machine, TINY), hold

    def assert_right_and_idle(self, machine, folder):
        self.assert_idle(machine.build(folder))
        self.assertEqual(machine.run([folder / "target/debug/tiny"], folder).out, "42\n")

    def test_build_while_a_cook_compiles(self):
        machine, folder, hold = self.held("A")
        cook = machine.start_cook(folder, **hold.variables)
        hold.wait_until_reached()
        build = machine.start(["cargo", "build", "--offline", "-v"], folder)
        said = machine.read_errors_until(build, "Blocking waiting for file lock")
        hold.release()
        cooked = machine.finish(cook)
        self.assert_ok(cooked)
        self.assertTrue(cooked.summary["layer_recorded"], cooked.said())
        self.assert_ok(machine.finish(build, said))
        self.assert_right_and_idle(machine, folder)
        self.lock = (folder / "Cargo.lock").read_text()
        self.cold = cooked
        machine.vanish()
        self.restore(TINY)

    def test_restore_while_a_build_compiles(self):
        self.share(TINY)
        machine, folder, hold = self.held("B")
        build = machine.start(["cargo", "build", "--offline", "-v"], folder, **hold.variables)
        hold.wait_until_reached()
        cook = machine.start_cook(folder)
        said = machine.read_errors_until(cook, "waiting for another cargo")
        hold.release()
        self.assert_ok(machine.finish(build))
        self.assert_ok(machine.finish(cook, said))
        self.assert_right_and_idle(machine, folder)


if __name__ == "__main__":
    main()
