#!/usr/bin/env python3
"""C code, system libraries and what replaces them: rows of docs/compatibility.md."""
import json

from harness.case import main
from harness.compat import CompatCase, Setting, package, program, tiny

TRIPLE = "x86_64-unknown-linux-gnu"
CRC = 'unsafe { libz_sys::crc32(0, b"123456789".as_ptr(), 9) }'
CRC_PRINTS = "3421780262\n"
SYSTEM = 'libz-sys = { version = "1", default-features = false, features = ["libc"] }'
VENDORED = SYSTEM.replace('"libc"]', '"libc", "static"]')
ZSTD = "unsafe { zstd_sys::ZSTD_versionNumber() }"
ZSTD_PRINTS = "10507\n"
# A procedural macro that asks a C library while it runs within the compiler.
MACRO = {
    "Cargo.toml": '[package]\nname = "asks"\nversion = "1.0.0"\nedition = "2021"\n\n[lib]\nproc-macro = true\n',
    "build.rs": 'fn main() { println!("cargo:rerun-if-changed=build.rs"); println!("cargo:rustc-link-lib=z"); }\n',
    "src/lib.rs": 'extern "C" { fn crc32(crc: u64, bytes: *const u8, length: u32) -> u64; }\n'
                  '#[proc_macro]\npub fn sum(_: proc_macro::TokenStream) -> proc_macro::TokenStream {\n'
                  '    (unsafe { crc32(0, b"123456789".as_ptr(), LENGTH) }.to_string() + "u64").parse().unwrap()\n}\n'}
VENDOR = '[source.crates-io]\nreplace-with = "here"\n[source.here]\ndirectory = "vendor"\n'


def zlib(dependency=SYSTEM, **rest):
    return tiny(dependency, expression=CRC, prints=CRC_PRINTS, **rest)


class Native(CompatCase):
    def test_system_library(self):
        """pkg-config finds Debian's zlib; the twin wants it built from source."""
        self.share(zlib())
        machine, folder = self.restore(zlib())
        self.assertIn("libz.so.1", machine.run(["readelf", "-d", folder / "target/debug/tiny"], folder).out)
        self.change(zlib(variables={"PKG_CONFIG_PATH": "/nowhere"}), {"libz-sys"})

    def test_other_version_of_a_system_library(self):
        """The same variables, the same paths, another zlib.pc."""
        def version(number):
            text = (f"Name: zlib\nDescription: one\nVersion: {number}\nLibs: -lz\nCflags: -I/usr/include\n")
            return zlib(beside={"home/pc/zlib.pc": text}, variables={"PKG_CONFIG_PATH": lambda machine, _: machine.home / "pc"})
        self.share(version("1.2.13"))
        self.restore(version("1.2.13"))
        # Another variant of the recipe, as with variables that build scripts declare.
        twin = version("1.3.1")
        machine = self.row_machine("C", has_crates=True)
        folder = self.write(machine, twin, self.lock)
        changed = self.cook(machine, folder, twin)
        self.assert_ok(changed)
        self.assertEqual(changed.calls.compiled_packages(), {"libz-sys"}, changed.said())
        self.assert_right(machine, folder, twin)

    def test_links_override(self):
        """A table in the configuration stands in for the build script. It, and what stands on it, is not shared."""
        def replaced(cfg):
            return zlib(files={".cargo/config.toml": f'[target.{TRIPLE}.z]\nrustc-link-lib = ["z"]\nrustc-cfg = ["{cfg}"]\n'})
        self.share(replaced("one"), skipped={"libz-sys"})
        self.compile_again(replaced("one"), "libz-sys")
        self.compile_again(replaced("two"), "libz-sys")

    def compile_again(self, setting, package):
        machine = self.row_machine("elsewhere", has_crates=True)
        folder = self.write(machine, setting, self.lock)
        cooked = self.cook(machine, folder, setting)
        self.assert_ok(cooked)
        self.assertIn(package, cooked.calls.compiled_packages(), cooked.said())
        self.assertEqual({unit["package"] for unit in cooked.summary["skipped"]}, {package}, cooked.said())
        self.assert_right(machine, folder, setting)

    def test_include_path_of_the_compiler(self):
        """CPATH: no build script declares it, gcc reads it."""
        def included(folder):
            return zlib(VENDORED, variables={"CPATH": folder})
        self.check_row(included("/opt/one"), included("/opt/two"), {"libz-sys"})

    def test_cmake(self):
        """In release: with assertions, C code has the paths of its sources in it."""
        def optimised(flags):
            dependency = 'zstd-sys = { version = "2", default-features = false, features = ["cmake"] }'
            return tiny(dependency, expression=ZSTD, prints=ZSTD_PRINTS, variables={"CFLAGS": flags}, flags=("--release",),
                        runs="target/release/tiny")
        self.check_row(optimised("-O0"), optimised("-O1"), {"zstd-sys"})

    def test_bindgen(self):
        def defined(flags):
            dependency = 'zstd-sys = { version = "2", default-features = false, features = ["bindgen"] }'
            return tiny(dependency, expression=ZSTD, prints=ZSTD_PRINTS, variables={"BINDGEN_EXTRA_CLANG_ARGS": flags})
        # bindgen declares the variable too.
        self.check_row(defined("-DONE"), defined("-DTWO"), {"bindgen", "zstd-sys"})

    def test_macro_linked_with_a_library(self):
        """Its build script asks nobody where the library is, so nothing says which one it was."""
        def asks(length):
            files = {"Cargo.toml": package('asks = "1"'), "src/main.rs": program("asks::sum!()"), ".cargo/config.toml": VENDOR,
                     "vendor/asks/.cargo-checksum.json": json.dumps({"package": "0" * 64, "files": {}}),
                     **{f"vendor/asks/{path}": text.replace("LENGTH", length) for path, text in MACRO.items()}}
            return Setting(files, prints=CRC_PRINTS if length == "9" else "2598427311\n")
        self.share(asks("9"), skipped={"asks"})
        self.compile_again(asks("9"), "asks")
        self.compile_again(asks("8"), "asks")

    def test_vendored_c(self):
        def optimised(flags):
            return zlib(VENDORED, variables={"CFLAGS": flags})
        self.check_row(optimised("-O0"), optimised("-O1"), {"libz-sys"})


if __name__ == "__main__":
    main()
