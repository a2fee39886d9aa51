#!/usr/bin/env python3
"""What Cargo calls fresh and is wrong after a move: each ends in a right result, or in a miss. The crates lie in a
directory source, and read what a build left, or a variable, without a word to Cargo."""
import json
import shutil

from harness.case import FAR_AWAY, Case, main
from harness.tiny import lock_package, write_package

WRITES_DATA = 'fn main() {\n    let out = std::env::var("OUT_DIR").unwrap();\n' \
              '    std::fs::write(format!("{out}/data"), "made\\n").unwrap();\n'
READS = 'pub fn read() -> String { std::fs::read_to_string(concat!(env!("WHERE"), "/data")).unwrap() }\n'

# name -> files; [package] gets `links` where the script hands something on.
CRATES = {
    # Opens a file of OUT_DIR when it runs.
    "out-dir": {"src/lib.rs": READS.replace("WHERE", "OUT_DIR"), "build.rs": WRITES_DATA + "}\n"},
    # The same in its own sources.
    "manifest-dir": {"src/lib.rs": READS.replace("WHERE", "CARGO_MANIFEST_DIR"), "data": "sources\n"},
    # The same in the OUT_DIR of a unit below it, by rustc-env.
    "below-sys": {"src/lib.rs": "", "build.rs": WRITES_DATA + '    println!("cargo:root={out}");\n}\n'},
    "handed-on": {"src/lib.rs": READS.replace("WHERE", "HANDED_ON"),
                  "build.rs": 'fn main() { println!("cargo:rustc-env=HANDED_ON={}", std::env::var("DEP_BELOW_ROOT").unwrap()); }\n'},
    # What a variable says that its script reads, and does not declare.
    "undeclared": {"src/lib.rs": 'pub fn read() -> &\'static str { env!("SAID") }\n',
                   "build.rs": 'fn main() {\n    let said = std::env::var("LAB_USER").unwrap_or("nobody".into());\n'
                               '    println!("cargo:rustc-env=SAID=-{said}-");\n}\n'},
}
DEPENDENCIES = {"handed-on": '[dependencies]\nbelow-sys = "1"\n'}
LINKS = {"below-sys": 'links = "below"\n'}


class SilentBreaks(Case):
    def cook_on_both(self, crate, before=None, after=None):
        """A cook, the machine gone; then a cook and a build on another one. Returns what cook compiled there, and
        what the program says."""
        place = self.id().rpartition(".")[2]
        server = self.serve(f"{place} server")
        first = self.machine(f"{place} first", server)
        module = crate.replace("-", "_")
        folder = write_package(first.work / "tiny", f'{crate} = "1"', f"{module}::read()")
        (folder / ".cargo").mkdir()
        (folder / ".cargo/config.toml").write_text(
            '[source.crates-io]\nreplace-with = "here"\n[source.here]\ndirectory = "vendor"\n')
        for name, files in CRATES.items():
            manifest = f'[package]\nname = "{name}"\nversion = "1.0.0"\nedition = "2021"\n{LINKS.get(name, "")}' \
                       f'{DEPENDENCIES.get(name, "")}'
            for path, text in {"Cargo.toml": manifest, **files}.items():
                file = folder / "vendor" / name / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
            (folder / "vendor" / name / ".cargo-checksum.json").write_text(json.dumps({"package": "0" * 64, "files": {}}))
        lock_package(first, folder)
        cold = first.cook(folder, **_user(before))
        self.assert_ok(cold)
        self.assertGreaterEqual(cold.units["shared"] + len(cold.summary["skipped"]), 1, cold.said())
        first.vanish()
        other = self.machine(f"{place} {FAR_AWAY}", server)
        copy = other.work / "deeper/tiny"
        shutil.copytree(first.root.with_name(f"{first.root.name} gone") / "work/tiny", copy,
                        ignore=shutil.ignore_patterns("target"))
        cooked = other.cook(copy, **_user(after))
        self.assert_ok(cooked)
        self.assertEqual(cooked.summary["accused"], [], cooked.said())
        built = other.build(copy, **_user(after))
        self.assert_ok(built)
        self.assertLessEqual(built.calls.compiled_packages(), {"tiny"}, built.said())
        ran = other.run([copy / "target/debug/tiny"], copy)
        self.assert_ok(ran)
        return cooked.calls.compiled_packages(), ran.out.strip()

    def test_a_file_of_out_dir_read_when_the_program_runs(self):
        self.assertEqual(self.cook_on_both("out-dir")[1], "made")

    def test_a_file_of_its_sources_read_when_the_program_runs(self):
        self.assertEqual(self.cook_on_both("manifest-dir")[1], "sources")

    def test_out_dir_of_another_unit_in_a_variable_for_rustc(self):
        self.assertEqual(self.cook_on_both("handed-on")[1], "made")

    def test_a_variable_that_a_script_reads_and_does_not_declare(self):
        self.assertEqual(self.cook_on_both("undeclared", "ann", "bob"), ({"undeclared"}, "-bob-"))

    def test_the_same_where_it_is_not_set_at_first(self):
        self.assertEqual(self.cook_on_both("undeclared", None, "bob"), ({"undeclared"}, "-bob-"))

    def test_the_same_with_equal_values(self):
        self.assertEqual(self.cook_on_both("undeclared", "ann", "ann"), (set(), "-ann-"))


def _user(name):
    return {} if name is None else {"LAB_USER": name}


if __name__ == "__main__":
    main()
