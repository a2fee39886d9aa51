#!/usr/bin/env python3
"""Flags for rustc, from every place where Cargo looks for them: rows of docs/compatibility.md."""
from harness.case import main
from harness.compat import CompatCase, tiny

TRIPLE = "x86_64-unknown-linux-gnu"
TINY = tiny('itoa = "1"\nfnv = "1"')
ALL = {"fnv", "itoa"}


def configured(text):
    return TINY.with_files({".cargo/config.toml": text})


def by_variable(name, value):
    return TINY.but(variables={name: value})


class Rustflags(CompatCase):
    def test_variable(self):
        self.check_row(by_variable("RUSTFLAGS", "--cfg one"), by_variable("RUSTFLAGS", "--cfg two"), ALL)

    def test_encoded_variable(self):
        name = "CARGO_ENCODED_RUSTFLAGS"
        self.check_row(by_variable(name, '--cfg\x1fone="a b"'), by_variable(name, '--cfg\x1fone="a c"'), ALL)

    def test_variable_of_build(self):
        name = "CARGO_BUILD_RUSTFLAGS"
        self.check_row(by_variable(name, "-C force-frame-pointers=yes"),
                       by_variable(name, "-C force-frame-pointers=no"), ALL)

    def test_variable_of_target(self):
        name = "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUSTFLAGS"
        self.check_row(by_variable(name, "--cfg one"), by_variable(name, "--cfg two"), ALL)

    def test_configuration_of_build(self):
        self.check_row(configured('build.rustflags = ["--cfg", "one"]\n'),
                       configured('build.rustflags = ["--cfg", "two"]\n'), ALL)

    def test_configuration_of_target(self):
        self.check_row(configured(f'[target.{TRIPLE}]\nrustflags = "--cfg one"\n'),
                       configured(f'[target.{TRIPLE}]\nrustflags = "--cfg two"\n'), ALL)

    def test_configuration_of_cfg(self):
        self.check_row(configured("[target.'cfg(unix)']\nrustflags = ['--cfg', 'one']\n"),
                       configured("[target.'cfg(unix)']\nrustflags = ['--cfg', 'two']\n"), ALL)

    def test_configuration_above_the_workspace(self):
        def above(flag):
            return TINY.but(beside={"work/.cargo/config.toml": f'build.rustflags = "--cfg {flag}"\n'})
        self.check_row(above("one"), above("two"), ALL)

    def test_configuration_of_cargo_home(self):
        def at_home(flag):
            return TINY.but(beside={"cargo/config.toml": f'build.rustflags = "--cfg {flag}"\n'})
        self.check_row(at_home("one"), at_home("two"), ALL)

    def test_option_config(self):
        def given(flag):
            return TINY.but(flags=("--config", f"build.rustflags=['--cfg', '{flag}']"))
        self.check_row(given("one"), given("two"), ALL)

    def test_option_config_with_a_file(self):
        def given(flag):
            return TINY.with_files({"extra.toml": f"build.rustflags = '--cfg {flag}'\n"}).but(
                flags=("--config", "extra.toml"))
        self.check_row(given("one"), given("two"), ALL)

    def test_folder_of_the_machine(self):
        """Cargo has the text in the names of units: two checkouts have none in common, and the recipe says so."""
        def flagged(folder_of):
            return by_variable("CARGO_ENCODED_RUSTFLAGS", lambda machine, folder: f"-L\x1fnative={folder_of(machine, folder)}")
        self.check_row(flagged(lambda machine, folder: "/usr/share"), flagged(lambda machine, folder: f"{folder}/libs"), ALL)
        self.change(flagged(lambda machine, folder: f"{folder}/libs"), ALL)

    def test_target_flags_are_not_the_hosts(self):
        """With --target, flags are for the target: the build script stays as it is."""
        def flagged(flag):
            return tiny('itoa = "1"\nlibc = "0.2"', flags=("--target", TRIPLE), variables={"RUSTFLAGS": f"--cfg {flag}"},
                        runs=f"target/{TRIPLE}/debug/tiny")
        changed = self.check_row(flagged("one"), flagged("two"), {"itoa", "libc"})
        self.assertNotIn("build_script_build", {compile.crate for compile in changed.calls.compiles})

    def test_host_flags(self):
        """[host] of a nightly Cargo: flags of build scripts and what they stand on."""
        def flagged(flag):
            config = f"[unstable]\nhost-config = true\ntarget-applies-to-host = true\n[host]\nrustflags = ['--cfg', '{flag}']\n"
            return tiny('itoa = "1"\nlibc = "0.2"', flags=("--target", TRIPLE, "-Z", "host-config", "-Z", "target-applies-to-host"),
                        files={".cargo/config.toml": config}, variables={"RUSTUP_TOOLCHAIN": "nightly"},
                        runs=f"target/{TRIPLE}/debug/tiny")
        changed = self.check_row(flagged("one"), flagged("two"), {"libc"})
        self.assertIn("build_script_build", {compile.crate for compile in changed.calls.compiles})


if __name__ == "__main__":
    main()
