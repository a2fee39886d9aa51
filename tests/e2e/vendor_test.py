#!/usr/bin/env python3
"""Vendored sources: units come back at another path, for the same files only."""
import json
import shutil

from harness import folders
from harness.case import FAR_AWAY, Case, main
from harness.tiny import lock_package, write_package

CRATES = {
    "leaf": {"src/lib.rs": "pub fn leaf() -> u32 { 1 }\n"},
    "top": {"src/lib.rs": "pub fn top() -> u32 { 10 + leaf::leaf() }\n"},
    "scripted": {
        "src/lib.rs": 'pub const NUMBER: u32 = include!(concat!(env!("OUT_DIR"), "/number.rs"));\n',
        "data/number.txt": "100",
        "build.rs": 'fn main() {\n    println!("cargo:rerun-if-changed=data");\n'
                    '    let to = std::env::var("OUT_DIR").unwrap() + "/number.rs";\n'
                    '    std::fs::copy("data/number.txt", to).unwrap();\n}\n'},
}


# Its build script writes something else each time.
CLOCK = {
    "clock": {
        "src/lib.rs": 'pub const AT: &str = include_str!(concat!(env!("OUT_DIR"), "/at"));\n',
        "build.rs": 'fn main() {\n    println!("cargo:rerun-if-changed=build.rs");\n'
                    '    let at = std::time::UNIX_EPOCH.elapsed().unwrap().as_nanos().to_string();\n'
                    '    std::fs::write(std::env::var("OUT_DIR").unwrap() + "/at", at).unwrap();\n}\n'},
}


class FromVendor(Case):
    """A directory source in the checkout whose checksums say nothing of its files, as in Debian."""

    crates = CRATES
    dependencies = 'top = "1"\nscripted = "1"'
    expression = 'format_args!("{} {}", top::top(), scripted::NUMBER)'

    def setUp(self):
        self.place = self.id().rpartition(".")[2]
        self.server = self.serve(f"{self.place} server")
        self.first = self.machine(f"{self.place} first", self.server)
        self.folder = write_package(self.first.work / "tiny", self.dependencies, self.expression)
        (self.folder / ".cargo").mkdir()
        (self.folder / ".cargo/config.toml").write_text(
            '[source.crates-io]\nreplace-with = "here"\n[source.here]\ndirectory = "vendor"\n')
        for name, files in self.crates.items():
            needs = '[dependencies]\nleaf = "1"\n' if name == "top" else ""
            manifest = f'[package]\nname = "{name}"\nversion = "1.0.0"\nedition = "2021"\n{needs}'
            for path, text in {"Cargo.toml": manifest, **files}.items():
                file = self.folder / "vendor" / name / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            checksum = {"package": "0" * 64, "files": {}}
            (self.folder / "vendor" / name / ".cargo-checksum.json").write_text(json.dumps(checksum))
        lock_package(self.first, self.folder)
        self.cold = self.first.cook(self.folder)
        self.assert_ok(self.cold)

    def copy_to(self, machine, copy_function=shutil.copy2):
        copy = machine.work / "other folder" / "tiny"
        shutil.copytree(self.folder, copy, ignore=shutil.ignore_patterns("target"), copy_function=copy_function)
        return copy

    def assert_builds(self, machine, folder, output):
        built = machine.build(folder)
        self.assert_ok(built)
        self.assertEqual(built.calls.compiled_packages(), {"tiny"}, built.said())
        self.assertEqual(built.steps.script_runs, [], built.said())
        self.assertEqual(machine.run([folder / "target/debug/tiny"], folder).out, output)
        self.assert_idle(machine.build(folder))


class Vendored(FromVendor):
    def test_the_same_files_elsewhere(self):
        self.assertEqual(self.cold.units["skipped"], 0, self.cold.summary["skipped"])
        self.assertTrue(self.cold.summary["layer_recorded"], self.cold.said())
        self.assert_builds(self.first, self.folder, "11 100\n")
        self.first.vanish()
        self.folder = self.first.root.with_name(self.first.root.name + " gone") / "work/tiny"
        # Files as old as they were, and files that are newer than everything.
        for name, copy_function in (("kept times", shutil.copy2), ("new times", shutil.copy)):
            with self.subTest(name):
                other = self.machine(f"{self.place} {FAR_AWAY} {name}", self.server)
                copy = self.copy_to(other, copy_function)
                restored = other.cook(copy)
                self.assert_hit(restored)
                self.assertEqual(restored.units["restored"], self.cold.units["planned"])
                self.assert_builds(other, copy, "11 100\n")

    def test_a_recipe_alone_reads_the_folder_beside_it(self):
        self.assert_ok(self.first.run([folders.CLIENT, "prepare", "--recipe-path", "recipe.json"], self.folder))
        other = self.machine(f"{self.place} {FAR_AWAY}", self.server)
        alone = other.work / "tiny"
        alone.mkdir()
        shutil.copy(self.folder / "recipe.json", alone)
        refused = other.cook(alone, "--recipe-path", "recipe.json")
        self.assertNotEqual(refused.code, 0, refused.said())
        self.assertIn("reads the folder 'vendor'", refused.err)
        shutil.copytree(self.folder / "vendor", alone / "vendor")
        restored = other.cook(alone, "--recipe-path", "recipe.json")
        self.assert_hit(restored, has_checkout=False)
        shutil.copytree(self.folder, alone, ignore=shutil.ignore_patterns("target"), dirs_exist_ok=True)
        self.assert_builds(other, alone, "11 100\n")

    def test_an_edited_file_misses_with_what_stands_on_it(self):
        other = self.machine(f"{self.place} other", self.server)
        copy = self.copy_to(other)
        (copy / "vendor/leaf/src/lib.rs").write_text("pub fn leaf() -> u32 { 2 }\n")
        cooked = other.cook(copy)
        self.assert_ok(cooked)
        self.assertEqual(cooked.summary["result"], "partial", cooked.said())
        self.assertEqual(cooked.calls.compiled_packages(), {"leaf", "top"}, cooked.said())
        self.assert_builds(other, copy, "12 100\n")
        # Where the old ones lie, Cargo itself does not see the edit; the restore replaces them.
        (self.folder / "vendor/leaf/src/lib.rs").write_text("pub fn leaf() -> u32 { 2 }\n")
        self.assert_hit(self.first.cook(self.folder))
        self.assert_builds(self.first, self.folder, "12 100\n")
        # And back, from what is in the target folder of another machine.
        (copy / "vendor/leaf/src/lib.rs").write_text("pub fn leaf() -> u32 { 1 }\n")
        self.assert_hit(other.cook(copy))
        self.assert_builds(other, copy, "11 100\n")

    def test_an_edited_file_over_a_full_target_is_not_shared_as_what_it_was(self):
        (self.folder / "vendor/leaf/src/lib.rs").write_text("pub fn leaf() -> u32 { 3 }\n")
        cooked = self.first.cook(self.folder)
        self.assert_ok(cooked)
        self.assertEqual(cooked.units["shared"], 0, cooked.said())
        other = self.machine(f"{self.place} other", self.server)
        copy = self.copy_to(other)
        again = other.cook(copy)
        self.assert_ok(again)
        self.assertEqual(again.calls.compiled_packages(), {"leaf", "top"}, again.said())
        self.assert_builds(other, copy, "13 100\n")


class Unrepeatable(FromVendor):
    crates = CLOCK
    dependencies = 'clock = "1"'
    expression = "clock::AT.len()"

    def test_verify_tells_it_from_wrong_bytes(self):
        other = self.machine(f"{self.place} other", self.server)
        copy = self.copy_to(other)
        verified = other.cook(copy, "--verify")
        self.assert_ok(verified)
        self.assertEqual((verified.summary["result"], verified.summary["accused"]), ("hit", []), verified.said())
        found = verified.summary["verified"]
        # The run of the script and the library; the script itself is the same.
        self.assertEqual((found["compiled"], found["same"]), (3, 1), found)
        self.assertEqual([(unit["package"], unit["reproducible"]) for unit in found["differences"]],
                         [("clock", False), ("clock", False)], found)
        self.assert_builds(other, copy, "19\n")


if __name__ == "__main__":
    main()
