#!/usr/bin/env python3
"""What must not be shared stays on its machine, the summary says why, and nobody else gets it."""
import shutil
import tarfile

from harness import folders
from harness.case import Case, main
from harness.tiny import lock_package, write_package


class NotShared(Case):
    def setUp(self):
        # No blanks: CFLAGS are words.
        name = self.id().rpartition(".")[2]
        self.server = self.serve(f"server-{name}")
        self.builder = self.machine(f"builder-{name}", self.server, has_crates=True)
        self.other = self.machine(f"other-{name}", self.server, has_crates=True)

    def write(self, dependencies, expression, extra=""):
        return write_package(self.builder.work / "tiny", dependencies, expression, extra)

    def cook_on_both(self, folder, **variables):
        """The builder's cook, and that of another machine after it."""
        cold = self.builder.cook(folder, **variables)
        self.assert_ok(cold)
        copy = self.other.work / folder.name
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("target"))
        return cold, self.other.cook(copy), copy

    def reasons(self, result):
        return {unit["package"]: unit["reason"] for unit in result.summary["skipped"]}

    def assert_compiles_itself(self, folder, result, packages, output):
        """The other machine compiled these packages, and its build is right."""
        self.assert_ok(result)
        self.assertEqual(result.calls.compiled_packages(), packages, result.said())
        built = self.other.build(folder)
        self.assert_ok(built)
        self.assertEqual(self.other.run([folder / "target/debug/tiny"], folder).out, output)

    def test_sources_edited_by_hand(self):
        folder = lock_package(self.builder, self.write('either = "1"\nitoa = "1"', "either::Either::<u8, u8>::Left(7)"))
        self.assert_ok(self.builder.run(["cargo", "fetch"], folder))
        source = next((self.builder.cargo_home / "registry/src").glob("*/either-*/src/lib.rs"))
        source.chmod(0o644)
        with open(source, "a", encoding="utf-8") as out:
            out.write("\n#[no_mangle]\npub static EDITED_ON_ONE_MACHINE: u8 = 1;\n")
        cold, again, copy = self.cook_on_both(folder)
        self.assertIn("was edited", self.reasons(cold)["either"])
        self.assertEqual(cold.units["shared"], 1)
        self.assert_compiles_itself(copy, again, {"either"}, "7\n")
        library = next((copy / "target/debug/deps").glob("libeither-*.rlib"))
        self.assertNotIn(b"EDITED_ON_ONE_MACHINE", library.read_bytes())

    def test_output_that_names_a_folder_of_the_machine(self):
        folder = lock_package(self.builder, self.write(
            'libz-sys = { version = "1", default-features = false, features = ["libc", "static"] }\nitoa = "1"',
            'unsafe { libz_sys::crc32(0, b"123456789".as_ptr(), 9) }'))
        header = self.builder.home / "extra.h"
        header.write_text("static const char here[] __attribute__((used)) = __FILE__;\n")
        flags = f"-include {header}"
        cold = self.builder.cook(folder, CFLAGS=flags)
        self.assert_ok(cold)
        reasons = self.reasons(cold)
        self.assertRegex(reasons["libz-sys"], "of this machine|stands on libz-sys")
        self.assertIn(str(self.builder.home), " ".join(unit["reason"] for unit in cold.summary["skipped"]))
        # The run of its script and the library on top, and nothing else.
        self.assertEqual([unit["package"] for unit in cold.summary["skipped"]], ["libz-sys", "libz-sys"])
        built = self.builder.build(folder, CFLAGS=flags)
        self.assert_ok(built)
        self.assertEqual(built.calls.compiled_packages(), {"tiny"})
        self.assertEqual(self.builder.run([folder / "target/debug/tiny"], folder).out, "3421780262\n")

    def test_what_plain_cargo_built(self):
        folder = lock_package(self.builder, self.write('either = "1"\nitoa = "1"', "either::Either::<u8, u8>::Left(7)"))
        self.assert_ok(self.builder.build(folder))
        cold, again, copy = self.cook_on_both(folder)
        self.assertEqual(cold.calls.compiles, [])
        self.assertIn("without the path remaps", self.reasons(cold)["either"])
        self.assertEqual(cold.units["shared"], 0)
        self.assert_compiles_itself(copy, again, {"either", "itoa"}, "7\n")

    def test_a_patch_by_path_and_what_stands_on_it(self):
        """A crate of the registry over a patched one: its sources are the registry's, its bytes are not."""
        patched = self.builder.work / "tiny/patched"
        archive = next((folders.DOWNLOADS / "registry/cache").glob("*/cfg-if-1.0.1.crate"))
        with tarfile.open(archive) as crate:
            crate.extractall(self.builder.temp, filter="data")
        patched.parent.mkdir()
        shutil.move(self.builder.temp / "cfg-if-1.0.1", patched)
        source = (patched / "src/lib.rs").read_text()
        (patched / "src/lib.rs").write_text(source + "\n/// Here.\npub const PATCHED: u32 = 1;\n")
        folder = lock_package(self.builder, self.write(
            'cfg-if = "1"\ncrc32fast = "1"\neither = "1"',
            'format_args!("{} {:x}", cfg_if::PATCHED, crc32fast::hash(b"123456789"))',
            '[patch.crates-io]\ncfg-if = { path = "patched" }'))
        cold, again, copy = self.cook_on_both(folder)
        self.assertEqual(self.reasons(cold), {"crc32fast": "stands on cfg-if 1.0.1, which is a path package"})
        # crc32fast asks a build script, which stands on nothing.
        self.assertEqual(cold.units["shared"], 3, cold.said())
        self.assert_ok(again)
        self.assertEqual(again.calls.compiled_packages(), set(), again.said())
        for number in ("1", "2"):
            (copy / "patched/src/lib.rs").write_text(f"{source}\n/// Here.\npub const PATCHED: u32 = {number};\n")
            built = self.other.build(copy)
            self.assert_ok(built)
            self.assertEqual(built.calls.compiled_packages(), {"cfg-if", "crc32fast", "tiny"}, built.said())
            self.assertEqual(self.other.run([copy / "target/debug/tiny"], copy).out, f"{number} cbf43926\n")


if __name__ == "__main__":
    main()
