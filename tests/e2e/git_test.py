#!/usr/bin/env python3
"""Git dependencies: restored elsewhere without the repository, and never at another commit."""
import shutil
import tarfile

from harness import folders
from harness.case import FAR_AWAY, Case, main
from harness.repository import Repository
from harness.tiny import lock_package, write_package

SCRIPT = """fn main() {
    println!("cargo:rerun-if-changed=number.txt");
    let number = std::fs::read_to_string("number.txt").unwrap();
    let out = std::env::var("OUT_DIR").unwrap();
    std::fs::write(format!("{out}/number.rs"), format!("pub const NUMBER: u32 = {};", number.trim())).unwrap();
    println!("cargo:rustc-env=SHARED_TEXT={}", std::fs::read_to_string("../shared.txt").unwrap().trim());
}
"""
PACKAGES = {"leaf", "scripted", "one", "two", "cfg-if", "crc32fast"}


class GitCase(Case):
    """Three repositories: one crate; a workspace of three, with a build script; a patched crate of the registry."""

    variables = {}

    @classmethod
    def machine(cls, name, server=None, **options):
        return super().machine(name, server, **{**cls.variables, **options})

    def setUp(self):
        name = self.id().rpartition(".")[2]
        self.place = self.scratch / name
        self.server = self.serve(f"{name}/server")
        self.leaf = Repository(self.place / "repos/leaf")
        self.leaf.write_crate("leaf", "pub fn leaf() -> u32 { 1 }\n")
        self.leaf.commit()
        self.many = Repository(self.place / "repos/many.git")
        self.many.write("Cargo.toml", '[workspace]\nmembers = ["one", "two", "scripted"]\nresolver = "2"\n')
        self.many.write_crate("one", "pub fn one() -> u32 { 10 }\n", "one")
        self.many.write_crate("two", 'pub fn two() -> u32 { one::one() + include_str!("../../shared.txt").len() as u32 }\n',
                              "two", '[dependencies]\none = { path = "../one" }')
        self.many.write_crate("scripted", 'include!(concat!(env!("OUT_DIR"), "/number.rs"));\n'
                              'pub const TEXT: &str = env!("SHARED_TEXT");\n', "scripted")
        self.many.write("scripted/build.rs", SCRIPT)
        self.many.write("scripted/number.txt", "1000\n")
        self.many.write("shared.txt", "all\n")
        self.many.commit()
        self.patched = Repository(self.place / "repos/patched")
        self.write_patched()
        self.patched.commit()

    def write_patched(self):
        archive = next((folders.DOWNLOADS / "registry/cache").glob("*/cfg-if-1.0.1.crate"))
        with tarfile.open(archive) as crate:
            crate.extractall(self.place / "unpacked", filter="data")
        shutil.copytree(self.place / "unpacked/cfg-if-1.0.1", self.patched.folder, dirs_exist_ok=True)
        with open(self.patched.folder / "src/lib.rs", "a", encoding="utf-8") as out:
            out.write('\n/// Only here.\npub const PATCHED: &str = "patched";\n')

    def fetch(self, machine):
        """Cargo's own clones, from files; the registry needs no network then."""
        names = {"leaf": f'"{self.leaf.url}", branch = "main"', "two": f'"{self.many.url}"',
                 "cfg-if": f'"{self.patched.url}", rev = "{self.patched.head()}"'}
        lines = "".join(f"{name} = {{ git = {source} }}\n" for name, source in names.items())
        self.assert_ok(machine.run(["cargo", "fetch"], write_package(machine.temp / "fetch", lines, "1")))
        shutil.rmtree(machine.temp / "fetch")

    def write_app(self, machine):
        self.fetch(machine)
        git = f'leaf = {{ git = "{self.leaf.url}", branch = "main" }}\n'
        for name in ("two", "scripted"):
            git += f'{name} = {{ git = "{self.many.url}" }}\n'
        folder = write_package(
            machine.work / "tiny", f'{git}cfg-if = "1"\ncrc32fast = "1"',
            'format_args!("{} {} {} {} {} {:x}", leaf::leaf(), two::two(), scripted::NUMBER, scripted::TEXT, '
            'cfg_if::PATCHED, crc32fast::hash(b"123456789"))',
            f'[patch.crates-io]\ncfg-if = {{ git = "{self.patched.url}", rev = "{self.patched.head()}" }}')
        return lock_package(machine, folder)

    def first(self):
        """A machine that can reach the repositories, and the app on it."""
        machine = self.machine(f"{self.place.name}/first", self.server, has_crates=True)
        return machine, self.write_app(machine)

    def copy_to(self, machine, folder):
        copy = machine.work / folder.name
        shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("target"))
        return copy

    def output(self, machine, folder):
        result = machine.run([folder / "target/debug/tiny"], folder)
        self.assert_ok(result)
        return result.out


class RestoreElsewhere(GitCase):
    def test_offline_with_an_empty_cargo_home_and_without_the_repositories(self):
        machine, folder = self.first()
        cold = machine.cook(folder)
        self.assert_ok(cold)
        self.assertTrue(cold.summary["layer_recorded"], cold.said())
        self.assertEqual(cold.units["skipped"], 0, cold.summary["skipped"])
        self.assertEqual(cold.calls.compiled_packages(), PACKAGES)
        other = self.machine(f"{self.place.name}/{FAR_AWAY}", self.server)
        copy = self.copy_to(other, folder)
        for repository in (self.leaf, self.many, self.patched):
            repository.vanish()
        machine.vanish()
        restored = other.cook(copy)
        self.assert_hit(restored)
        self.assertEqual(restored.units["restored"], cold.units["planned"])
        built = other.build(copy)
        self.assert_ok(built)
        self.assertEqual(built.calls.compiled_packages(), {"tiny"}, built.said())
        self.assertEqual(built.steps.script_runs, [])
        self.assertEqual(self.output(other, copy), "1 14 1000 all patched cbf43926\n")
        again = other.cook(copy)
        self.assertEqual(again.units["present"], again.units["planned"], again.said())


class NewLayout(RestoreElsewhere):
    """The same with a newer Cargo and its layout of the build folder."""

    variables = {"RUSTUP_TOOLCHAIN": "nightly", "CARGO_UNSTABLE_BUILD_DIR_NEW_LAYOUT": "true"}


class MovedBranch(GitCase):
    """The twin that must miss: a branch that moved, and a lock that says so."""

    def test_only_what_moved_is_compiled_and_the_new_code_runs(self):
        machine, folder = self.first()
        old = self.copy_to(self.machine(f"{self.place.name}/old lock", self.server), folder)
        self.assert_ok(machine.cook(folder))
        self.leaf.write("src/lib.rs", "pub fn leaf() -> u32 { 2 }\n")
        self.leaf.commit()
        # A machine that has nothing, and the first with a full target and both commits.
        for name, target in (("empty", None), ("warm", folder)):
            with self.subTest(name):
                builder = self.machine(f"{self.place.name}/{name}", self.server, has_crates=True) if target is None else machine
                if target:
                    shutil.move(folder / "target", machine.temp / "target")
                    shutil.rmtree(folder)
                moved = self.write_app(builder)
                if target:
                    shutil.move(machine.temp / "target", moved / "target")
                cooked = builder.cook(moved)
                self.assert_ok(cooked)
                # The second of them finds what the first shared.
                self.assertEqual(cooked.calls.compiled_packages(), set() if target else {"leaf"}, cooked.said())
                built = builder.build(moved)
                self.assert_ok(built)
                self.assertEqual(built.calls.compiled_packages(), {"tiny"}, built.said())
                self.assertEqual(self.output(builder, moved), "2 14 1000 all patched cbf43926\n")
        # Who has the old lock gets the old code.
        other = self.machine(f"{self.place.name}/late", self.server)
        late = self.copy_to(other, old)
        self.assert_hit(other.cook(late))
        self.assert_ok(other.build(late))
        self.assertEqual(self.output(other, late), "1 14 1000 all patched cbf43926\n")


class EditedCheckout(GitCase):
    def test_what_was_compiled_from_an_edited_checkout_stays_there(self):
        machine, folder = self.first()
        source = next((machine.cargo_home / "git/checkouts").glob("leaf-*/*/src/lib.rs"))
        source.write_text("pub fn leaf() -> u32 { 99 }\n", encoding="utf-8")
        cold = machine.cook(folder)
        self.assert_ok(cold)
        reasons = {unit["package"]: unit["reason"] for unit in cold.summary["skipped"]}
        self.assertEqual(set(reasons), {"leaf"}, cold.said())
        self.assertIn("is not what its commit has", reasons["leaf"])
        other = self.machine(f"{self.place.name}/other", self.server, has_crates=True)
        self.fetch(other)
        copy = self.copy_to(other, folder)
        again = other.cook(copy)
        self.assert_ok(again)
        self.assertEqual(again.calls.compiled_packages(), {"leaf"}, again.said())
        self.assert_ok(other.build(copy))
        self.assertEqual(self.output(other, copy), "1 14 1000 all patched cbf43926\n")

    def test_a_repository_with_submodules_is_refused_by_name(self):
        self.leaf.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", self.patched.url, "sub")
        self.leaf.commit()
        machine, folder = self.first()
        cold = machine.cook(folder)
        self.assert_ok(cold)
        self.assertEqual([(unit["package"], unit["reason"]) for unit in cold.summary["skipped"]],
                         [("leaf", "its repository has git submodules")])


if __name__ == "__main__":
    main()
