#!/usr/bin/env python3
"""What is chosen to be built, of which workspace: rows of docs/compatibility.md."""
from harness import folders
from harness.case import main
from harness.compat import CompatCase, Setting, crate_files, package, program, tiny

HOST_FNV = "fn main() { let _ = fnv::FnvHasher::default(); }"


def two_members(root="", tiny_extra="", **rest):
    """`tiny` stands on itoa, `other` on fnv."""
    return Setting(files={
        "Cargo.toml": f'[workspace]\nmembers = ["tiny", "other"]\nresolver = "2"\n{root}',
        "tiny/Cargo.toml": package('itoa = "1"', tiny_extra), "tiny/src/main.rs": program(),
        "other/Cargo.toml": package('fnv = { version = "1", default-features = false }', name="other"),
        "other/src/lib.rs": "pub use fnv::FnvHasher;\n",
    }, members=frozenset({"tiny", "other"}), **rest)


class Workspaces(CompatCase):
    def test_inheritance(self):
        """Dependencies, and package keys, that members inherit from the workspace."""
        def inherited(features):
            return Setting(files={
                "Cargo.toml": '[workspace]\nmembers = ["tiny"]\nresolver = "2"\n[workspace.package]\nedition = "2021"\n'
                              'version = "0.7.0"\n[workspace.dependencies]\nitoa = "1"\n'
                              f'fnv = {{ version = "1", default-features = false{features} }}\n',
                "tiny/Cargo.toml": '[package]\nname = "tiny"\nedition.workspace = true\nversion.workspace = true\n'
                                   "[dependencies]\nitoa.workspace = true\nfnv.workspace = true\n",
                "tiny/src/main.rs": program()})
        self.check_row(inherited(""), inherited(', features = ["std"]'), {"fnv"})

    def test_resolver_1(self):
        """fnv with features for the build script and without for the program: resolver 1 unites them."""
        self.check_row(self.with_resolver("1"), self.with_resolver("2"), {"fnv"})

    def test_resolver_2(self):
        self.check_row(self.with_resolver("2"), self.with_resolver("1"), {"fnv"})

    def test_resolver_3(self):
        """It differs from 2 in the versions it chooses, and these are in the lock."""
        self.share(self.with_resolver("3"))
        self.restore(self.with_resolver("3"))
        self.change(self.with_resolver("2"), set())
        self.change(self.with_resolver("1"), {"fnv"})

    @staticmethod
    def with_resolver(resolver):
        dependencies = 'itoa = "1"\nfnv = { version = "1", default-features = false }\n[build-dependencies]\nfnv = "1"'
        files = {"Cargo.toml": package(dependencies, extra=f'resolver = "{resolver}"\n'), "build.rs": HOST_FNV,
                 "src/main.rs": program()}
        return Setting(files=files)

    def test_path_dependency_inside(self):
        """A path dependency below the root that is no member of its own; its dependencies are restored."""
        def inside(features):
            return tiny('itoa = "1"\nnear = { path = "libs/near" }', members=frozenset({"tiny", "near"}), files={
                "libs/near/Cargo.toml": package(f'fnv = {{ version = "1", default-features = false{features} }}', name="near"),
                "libs/near/src/lib.rs": "pub use fnv::FnvHasher;\n"})
        self.check_row(inside(""), inside(', features = ["std"]'), {"fnv"})

    @staticmethod
    def with_far(features="", **rest):
        """A path dependency beside the checkout, which inherits from the root of a workspace of its own."""
        return tiny('itoa = "1"\nfar = { path = "../libs/far" }', members=frozenset({"tiny", "far"}), beside={
            "work/libs/Cargo.toml": '[workspace]\nmembers = ["far"]\n[workspace.package]\nversion = "0.3.0"\n'
                                    f'[workspace.dependencies]\nfnv = {{ version = "1", default-features = false{features} }}\n',
            "work/libs/far/Cargo.toml": '[package]\nname = "far"\nedition = "2021"\nversion.workspace = true\n'
                                        "[dependencies]\nfnv.workspace = true\n",
            "work/libs/far/src/lib.rs": "pub use fnv::FnvHasher;\n"}, **rest)

    def test_path_dependency_outside(self):
        self.check_row(self.with_far(), self.with_far(', features = ["std"]'), {"fnv"})

    def check_recipe(self, setting, units):
        """recipe.json has all of it: its layer is made in an empty folder, and is the checkout's too."""
        first = self.row_machine("A", has_crates=True)
        folder = self.write(first, setting)
        recipe = first.root / "recipe.json"
        self.assert_ok(first.run([folders.CLIENT, "prepare", "--recipe-path", recipe], folder))
        self.assertNotIn(str(first.root), recipe.read_text())
        empty = first.root / "empty"
        empty.mkdir()
        cold = first.cook(empty, *setting.flags, "--recipe-path", recipe)
        self.assert_ok(cold)
        self.assertEqual((cold.units["shared"], cold.summary["skipped"]), (units, []), cold.said())
        other = self.row_machine("B", has_crates=True)
        folder = self.write(other, setting, (folder / "Cargo.lock").read_text())
        cooked = self.cook(other, folder, setting)
        self.assert_ok(cooked)
        self.assertEqual((cooked.units["restored"], cooked.calls.compiled_packages()), (units, set()), cooked.said())
        self.assert_right(other, folder, setting)

    def test_path_dependency_outside_without_a_checkout(self):
        far = self.with_far()
        far.beside["work/libs/far/Cargo.toml"] += '\n[build-dependencies]\ncfg-if = "1"\n'
        far.beside["work/libs/far/build.rs"] = "fn main() { cfg_if::cfg_if! { if #[cfg(unix)] {} } }\n"
        self.check_recipe(far, 3)

    def test_target_outside(self):
        far = tiny(more='[[bin]]\nname = "tiny"\npath = "../sources/main.rs"', beside={"work/sources/main.rs": program()})
        del far.files["src/main.rs"]
        twin = far.but(variables={"RUSTFLAGS": "--cfg other"})
        self.check_row(far, twin, {"itoa"})

    @staticmethod
    def with_member_outside(features=""):
        return Setting(files={
            "Cargo.toml": '[workspace]\nmembers = ["tiny", "../far"]\nresolver = "2"\n',
            "tiny/Cargo.toml": package(), "tiny/src/main.rs": program(),
        }, beside={
            "work/far/Cargo.toml": package(f'fnv = {{ version = "1", default-features = false{features} }}', name="far",
                                           extra='workspace = "../tiny"'),
            "work/far/src/lib.rs": "pub use fnv::FnvHasher;\n"}, flags=("--workspace",), members=frozenset({"tiny", "far"}))

    def test_member_outside(self):
        self.check_row(self.with_member_outside(), self.with_member_outside(', features = ["std"]'), {"fnv"})

    def test_member_outside_without_a_checkout(self):
        self.check_recipe(self.with_member_outside(), 2)

    def test_patch_by_path_outside(self):
        """What stands on the patched package is the user's own, the rest is shared."""
        patched = tiny('itoa = "1"\ncrc32fast = "1"', more='[patch.crates-io]\ncfg-if = { path = "../cfg-if" }',
                       beside=crate_files("cfg-if-1.0.1", "work/cfg-if"), members=frozenset({"tiny", "cfg-if", "crc32fast"}),
                       expression='crc32fast::hash(b"123456789")', prints="3421780262\n")
        self.share(patched, skipped={"crc32fast"})
        self.restore(patched)

    def test_patch_by_path(self):
        """The patched package, and what stands on it, are the user's own code: compiled by cargo."""
        def patched(addition=""):
            files = crate_files("cfg-if-1.0.1", "cfg-if")
            files["cfg-if/src/lib.rs"] += addition
            return tiny('itoa = "1"\ncrc32fast = "1"', more='[patch.crates-io]\ncfg-if = { path = "cfg-if" }', files=files,
                        members=frozenset({"tiny", "cfg-if", "crc32fast"}),
                        expression='crc32fast::hash(b"123456789")', prints="3421780262\n")
        self.share(patched(), skipped={"crc32fast"})
        machine, folder = self.restore(patched())
        # The source is Cargo's to watch, before and after.
        (folder / "cfg-if/src/lib.rs").write_text(patched("\n/// Added.\npub const MORE: u8 = 1;\n").files["cfg-if/src/lib.rs"])
        built = machine.build(folder)
        self.assert_ok(built)
        self.assertEqual(built.calls.compiled_packages(), {"tiny", "cfg-if", "crc32fast"})


class Selected(CompatCase):
    def test_jobs(self):
        """How many compile at once is no input, though build scripts are told."""
        jobs = tiny('crc32fast = "1"', expression='crc32fast::hash(b"123456789")', prints="3421780262\n")
        self.share(jobs.but(cook_flags=("-j1",)))
        self.restore(jobs.but(flags=("-j16",)))
        self.change(jobs.but(flags=("-j2",), variables={"RUSTFLAGS": "--cfg two"}), {"crc32fast", "cfg-if"})

    def test_workspace_and_exclude(self):
        self.check_row(two_members(flags=("--workspace", "--exclude", "other")), two_members(flags=("--workspace",)), {"fnv"})

    def test_package(self):
        self.check_row(two_members(flags=("-p", "tiny")), two_members(flags=("-p", "tiny", "-p", "other")), {"fnv"})

    def test_current_folder(self):
        """In a member's folder Cargo builds this member."""
        self.check_row(two_members(cwd="tiny/src"), two_members(), {"fnv"})

    def test_manifest_path(self):
        self.check_row(two_members(flags=("--manifest-path", "tiny/Cargo.toml")),
                       two_members(flags=("--manifest-path", "Cargo.toml")), {"fnv"})

    def check_target(self, **setting):
        """The host's triple, asked for: it has a folder of its own. The twin asks for none."""
        self.check_row(tiny(runs="target/x86_64-unknown-linux-gnu/debug/tiny", **setting), tiny(), {"itoa"})

    def test_target_by_variable(self):
        self.check_target(variables={"CARGO_BUILD_TARGET": "x86_64-unknown-linux-gnu"})

    def test_target_by_configuration(self):
        self.check_target(files={".cargo/config.toml": 'build.target = "x86_64-unknown-linux-gnu"\n'})

    def test_target_twice(self):
        self.check_target(flags=("--target", "x86_64-unknown-linux-gnu", "--target", "host-tuple"))

    def test_target_specification_is_refused(self):
        """By Cargo, without -Z; and with -Z build-std, which such a target needs, by us."""
        setting = tiny(files={"strange.json": "{}"}, flags=("--target", "strange.json"))
        machine = self.row_machine("A", has_crates=True)
        folder = self.write(machine, setting)
        refused = self.cook(machine, folder, setting)
        self.assertIn("`.json` target specs require -Z", refused.err)
        self.assertEqual(refused.calls.compiles, [])
        self.assertFalse(refused.summary["layer_recorded"], refused.said())
        refused = self.cook(machine, folder, setting, "-Z", "build-std")
        self.assertEqual(refused.code, 2)
        self.assertIn("-Zbuild-std: a standard library of one's own cannot be shared yet", refused.err)

    def test_all_features(self):
        def featured(*flags):
            return tiny('itoa = "1"\nfnv = { version = "1", optional = true }', flags=flags)
        self.check_row(featured("--all-features"), featured("--all-features", "--config", "profile.dev.debug=1"),
                       {"fnv", "itoa"})
        self.change(featured(), set())

    def test_feature_of_a_dependency(self):
        def featured(features):
            return tiny(f'itoa = "1"\nfnv = {{ version = "1", default-features = false, features = [{features}] }}')
        self.check_row(featured(""), featured('"std"'), {"fnv"})

    TARGETS = {"src/lib.rs": "", "tests/one.rs": "use fnv as _;", "benches/two.rs": "fn main() {}",
               "examples/three.rs": "fn main() { let _ = fnv::FnvHasher::default(); }"}

    def targets(self, *flags, features="", **rest):
        dev = f'[dev-dependencies]\nfnv = {{ version = "1", default-features = false{features} }}\n[[bench]]\nname = "two"\nharness = false'
        return tiny('itoa = "1"', more=dev, flags=flags, files=self.TARGETS, **rest)

    def test_lib(self):
        self.check_row(self.targets("--lib", runs=None), self.targets("--all-targets"), {"fnv"})

    def test_bins(self):
        self.check_row(self.targets("--bins"), self.targets("--bins", "--tests"), {"fnv"})

    def test_examples(self):
        self.check_row(self.targets("--examples", runs="target/debug/examples/three", prints=""),
                       self.targets("--examples", features=', features = ["std"]', runs=None), {"fnv"})

    def test_benches(self):
        self.check_row(self.targets("--benches", runs=None),
                       self.targets("--benches", features=', features = ["std"]', runs=None), {"fnv"})

    def test_all_targets(self):
        self.check_row(self.targets("--all-targets"), self.targets("--all-targets", features=', features = ["std"]'), {"fnv"})

    def test_test_units(self):
        """What `cargo test` needs is what --tests cooks."""
        def tested(features=""):
            return self.targets(features=features, runs=None).but(cook_flags=("--tests",), cargo_flags=("--no-run", "--tests"), command="test")
        self.check_row(tested(), tested(', features = ["std"]'), {"fnv"})

    def test_clippy(self):
        def linted(features):
            return tiny(f'itoa = "1"\nfnv = {{ version = "1", default-features = false, features = [{features}] }}',
                        cook_flags=("--clippy",), command="clippy", runs=None)
        self.check_row(linted(""), linted('"std"'), {"fnv"})

    def test_doc(self):
        """The check units that documentation of members needs; rustdoc itself is not cached."""
        def documented(features):
            return tiny(f'itoa = "1"\nfnv = {{ version = "1", default-features = false, features = [{features}] }}',
                        cook_flags=("--check",), cargo_flags=("--no-deps",), command="doc", runs=None)
        self.check_row(documented(""), documented('"std"'), {"fnv"})


if __name__ == "__main__":
    main()
