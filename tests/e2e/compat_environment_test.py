#!/usr/bin/env python3
"""Variables, toolchains, compilers and wrappers: rows of docs/compatibility.md."""
from harness.case import main
from harness.compat import CompatCase, tiny

# A build script that declares variables of its own, and a crate without one.
SCRIPTED = tiny('itoa = "1"\nlibc = "0.2"')
DECLARED = "RUST_LIBC_UNSTABLE_MUSL_V1_2_3"
SIMPLE = tiny('itoa = "1"\nfnv = "1"')
ALL = {"fnv", "itoa"}


def configured(setting, text):
    return setting.with_files({".cargo/config.toml": text})


class Variables(CompatCase):
    def test_declared_by_a_build_script(self):
        self.share(SCRIPTED.but(variables={DECLARED: "13"}))
        self.restore(SCRIPTED.but(variables={DECLARED: "13"}))
        changed = self.change_units(SCRIPTED.but(variables={DECLARED: "14"}), {"libc"})
        self.assertEqual(changed.calls.compiled_packages(), {"libc"})

    def change_units(self, twin, compiled):
        """A twin of the same recipe: what a build script declared makes another variant."""
        machine = self.row_machine("C", has_crates=True)
        folder = self.write(machine, twin, self.lock)
        changed = self.cook(machine, folder, twin)
        self.assert_ok(changed)
        self.assertEqual(changed.calls.compiled_packages(), compiled, changed.said())
        self.assert_right(machine, folder, twin)
        return changed

    def test_env_table(self):
        self.check_row(configured(SCRIPTED, f'[env]\n{DECLARED} = "13"\n'),
                       configured(SCRIPTED, f'[env]\n{DECLARED} = "14"\n'), {"libc"})

    def test_env_table_loses_to_the_environment(self):
        def both(value):
            return configured(SCRIPTED, f'[env]\n{DECLARED} = "13"\n').but(variables={DECLARED: value})
        self.share(both("12"))
        self.restore(both("12"))
        self.change_units(both("11"), {"libc"})

    def test_env_table_by_force(self):
        def forced(value, variable):
            return configured(SCRIPTED, f'[env]\n{DECLARED} = {{ value = "{value}", force = true }}\n').but(
                variables={DECLARED: variable})
        self.share(forced("13", "1"))
        self.restore(forced("13", "1"))
        # The variable never reaches the script, and is not what a unit is known by.
        self.restore(forced("13", "2"), "other variable")
        self.change(forced("14", "1"), {"libc"})

    def test_env_table_relative(self):
        """A path of the checkout is the same value wherever the checkout lies."""
        def relative(path):
            return configured(SCRIPTED, f'[env]\n{DECLARED} = {{ value = "{path}", relative = true }}\n')
        self.check_row(relative("data/13"), relative("data/14"), {"libc"})

    def test_bootstrap(self):
        self.check_row(SIMPLE.but(variables={"RUSTC_BOOTSTRAP": "1"}), SIMPLE, ALL)

    def test_incremental_is_left_alone(self):
        """It is for members only, so it is no input; the twin has another profile."""
        self.share(SIMPLE.but(variables={"CARGO_INCREMENTAL": "1"}))
        _, folder = self.restore(SIMPLE.but(variables={"CARGO_INCREMENTAL": "1"}))
        self.assertTrue((folder / "target/debug/incremental").is_dir())
        _, folder = self.restore(SIMPLE.but(variables={"CARGO_INCREMENTAL": "0"}), "without")
        self.assertEqual(list((folder / "target/debug/incremental").glob("*")), [])
        self.change(SIMPLE.but(variables={"CARGO_INCREMENTAL": "1", "CARGO_PROFILE_DEV_DEBUG": "0"}), ALL)


LOGGING = '#!/bin/sh\necho "$*" >> "$HOME/wrapped"\nexec "$@"\n'
ADDING = '#!/bin/sh\nfor word; do [ "$word" = --crate-name ] && exec "$@" --cfg added; done\nexec "$@"\n'
COMPILER = '#!/bin/sh\nexec rustc "$@"\n'
ADDING_COMPILER = ADDING.replace('exec "$@"', 'exec rustc "$@"')


def in_home(machine, _):
    return machine.home / "tool.sh"


class Compilers(CompatCase):
    def test_toolchain_file(self):
        """The name of a toolchain does not count, its compiler does."""
        def channel(name):
            return SIMPLE.with_files({"rust-toolchain.toml": f'[toolchain]\nchannel = "{name}"\n'})
        self.share(channel("1.95.0"))
        self.restore(channel("1.95.0"))
        self.restore(channel("stable"), "by another name")
        self.change(channel("nightly"), ALL)

    def test_rustc_variable(self):
        def compiler(text):
            return SIMPLE.but(beside={"home/tool.sh": text}, variables={"RUSTC": in_home})
        self.check_row(compiler(COMPILER), compiler(ADDING_COMPILER), ALL)

    def test_rustc_of_configuration(self):
        def compiler(text):
            return configured(SIMPLE, 'build.rustc = "tools/rustc.sh"\n').with_files({"tools/rustc.sh": text})
        self.check_row(compiler(COMPILER), compiler(ADDING_COMPILER), ALL)

    def test_wrapper_variable(self):
        def wrapper(text):
            return SIMPLE.but(beside={"home/tool.sh": text}, variables={"RUSTC_WRAPPER": in_home})
        self.share(wrapper(LOGGING))
        machine, _ = self.restore(wrapper(LOGGING))
        # It goes on working for members.
        self.assertIn("--crate-name tiny", (machine.home / "wrapped").read_text())
        self.change(wrapper(ADDING), ALL)

    def test_wrapper_of_configuration(self):
        def wrapper(text):
            return configured(SIMPLE, 'build.rustc-wrapper = "tools/wrap.sh"\n').with_files({"tools/wrap.sh": text})
        self.check_row(wrapper(LOGGING), wrapper(ADDING), ALL)

    def test_wrapper_of_option_config(self):
        def wrapper(text):
            return SIMPLE.but(flags=("--config", "build.rustc-wrapper='tools/wrap.sh'")).with_files({"tools/wrap.sh": text})
        self.check_row(wrapper(LOGGING), wrapper(ADDING), ALL)

    def test_empty_wrapper_variable_overrides_configuration(self):
        broken = configured(SIMPLE, 'build.rustc-wrapper = "tools/none.sh"\n').with_files({"tools/none.sh": "#!/bin/sh\nexit 1\n"})
        self.check_row(broken.but(variables={"RUSTC_WRAPPER": ""}),
                       broken.but(variables={"RUSTC_WRAPPER": "", "RUSTFLAGS": "--cfg two"}), ALL)

    LINKER = '#!/bin/sh\nexec cc "$@"\n'

    def test_linker_of_configuration(self):
        """Cargo compares its path for every unit. Here it has one path everywhere."""
        script = self.scratch / "linker.sh"
        script.write_text(self.LINKER)
        script.chmod(0o755)
        setting = configured(SCRIPTED, f'[target.x86_64-unknown-linux-gnu]\nlinker = "{script}"\n')
        self.share(setting)
        self.restore(setting)
        script.write_text(self.LINKER + "# another text\n")
        self.change(setting, {"libc", "itoa"})

    def test_linker_within_the_workspace(self):
        """Its path, and with it all of Cargo's fingerprints, differ from folder to folder: a miss."""
        setting = configured(SCRIPTED, '[target.x86_64-unknown-linux-gnu]\nlinker = "tools/linker.sh"\n').with_files(
            {"tools/linker.sh": self.LINKER})
        self.share(setting)
        self.change(setting, {"libc", "itoa"})

    def test_linker_variable(self):
        def linker(name):
            return SCRIPTED.but(variables={"CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER": name})
        self.check_row(linker("cc"), linker("gcc"), {"libc", "itoa"})

    def test_workspace_wrapper(self):
        """It is for members alone, which are not cached."""
        def wrapper(text, **variables):
            return SIMPLE.but(beside={"home/tool.sh": text}, variables={"RUSTC_WORKSPACE_WRAPPER": in_home, **variables})
        self.share(wrapper(LOGGING))
        machine, _ = self.restore(wrapper(LOGGING))
        self.assertIn("--crate-name tiny", (machine.home / "wrapped").read_text())
        self.restore(wrapper(ADDING), "other wrapper")
        self.change(wrapper(LOGGING, RUSTFLAGS="--cfg two"), ALL)


if __name__ == "__main__":
    main()
