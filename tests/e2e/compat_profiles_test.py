#!/usr/bin/env python3
"""Profiles and what is set in them: rows of docs/compatibility.md."""
from harness.case import main
from harness.compat import CompatCase, tiny

DEPENDENCIES = 'itoa = "1"\nfnv = "1"'
ALL = {"fnv", "itoa"}


def profile(settings, **rest):
    return tiny(DEPENDENCIES, more=settings, **rest)


def dev(setting, **rest):
    return profile(f"[profile.dev]\n{setting}", **rest)


def release(setting, **rest):
    return profile(f"[profile.release]\nopt-level = 0\n{setting}", flags=("--release",), runs="target/release/tiny", **rest)


class Profiles(CompatCase):
    def test_dev(self):
        self.check_row(dev("debug = 1"), dev("debug = 0"), ALL)

    def test_release(self):
        self.check_row(release("overflow-checks = true"), release("overflow-checks = false"), ALL)

    def test_custom(self):
        def custom(setting):
            return profile(f'[profile.ci]\ninherits = "dev"\n{setting}', flags=("--profile", "ci"), runs="target/ci/tiny")
        self.check_row(custom("codegen-units = 1"), custom("codegen-units = 2"), ALL)

    def test_inherited(self):
        """A setting of the profile that the chosen one inherits."""
        def custom(setting):
            return profile(f'[profile.dev]\n{setting}\n[profile.ci]\ninherits = "dev"', flags=("--profile", "ci"),
                           runs="target/ci/tiny")
        self.check_row(custom("opt-level = 1"), custom("opt-level = 0"), ALL)

    def test_variable(self):
        def by_variable(value):
            return tiny(DEPENDENCIES, variables={"CARGO_PROFILE_DEV_OPT_LEVEL": value})
        self.check_row(by_variable("1"), by_variable("s"), ALL)

    def test_configuration(self):
        def configured(value):
            return tiny(DEPENDENCIES, files={".cargo/config.toml": f"[profile.dev]\nopt-level = {value}\n"})
        self.check_row(configured("1"), configured("2"), ALL)

    def test_option_config(self):
        def given(value):
            return tiny(DEPENDENCIES, flags=("--config", f"profile.dev.opt-level={value}"))
        self.check_row(given("1"), given("2"), ALL)

    def test_package(self):
        self.check_row(profile("[profile.dev.package.fnv]\nopt-level = 1"),
                       profile("[profile.dev.package.fnv]\nopt-level = 2"), {"fnv"})

    def test_every_package(self):
        self.check_row(profile('[profile.dev.package."*"]\nopt-level = 1\n[profile.dev.package.itoa]\nopt-level = 3'),
                       profile('[profile.dev.package."*"]\nopt-level = 2\n[profile.dev.package.itoa]\nopt-level = 3'), {"fnv"})

    def test_build_override(self):
        def overridden(level):
            return tiny('itoa = "1"', more=f"[build-dependencies]\nfnv = '1'\n[profile.dev.build-override]\nopt-level = {level}",
                        files={"build.rs": "fn main() { let _ = fnv::FnvHasher::default(); }"})
        self.check_row(overridden(1), overridden(2), {"fnv"})

    def test_lto(self):
        self.check_row(release('lto = "thin"'), release('lto = "off"'), ALL)

    def test_fat_lto(self):
        self.check_row(release('lto = "fat"'), release("lto = false"), ALL)

    def test_panic(self):
        self.check_row(dev('panic = "abort"'), dev('panic = "unwind"'), ALL)

    def test_split_debuginfo(self):
        self.check_row(dev('split-debuginfo = "packed"'), dev('split-debuginfo = "off"'), ALL)

    def test_split_debuginfo_unpacked(self):
        self.check_row(dev('split-debuginfo = "unpacked"'), dev('split-debuginfo = "off"'), ALL)

    def test_strip(self):
        self.check_row(release('strip = "symbols"'), release('strip = "debuginfo"'), ALL)


if __name__ == "__main__":
    main()
