#!/usr/bin/env python3
"""C code, system libraries and what replaces them: rows of docs/compatibility.md."""
from harness.case import main
from harness.compat import CompatCase, tiny

TRIPLE = "x86_64-unknown-linux-gnu"
CRC = 'unsafe { libz_sys::crc32(0, b"123456789".as_ptr(), 9) }'
CRC_PRINTS = "3421780262\n"
SYSTEM = 'libz-sys = { version = "1", default-features = false, features = ["libc"] }'
VENDORED = SYSTEM.replace('"libc"]', '"libc", "static"]')


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
        self.compile_again(replaced("one"))
        self.compile_again(replaced("two"))

    def compile_again(self, setting):
        machine = self.row_machine("elsewhere", has_crates=True)
        folder = self.write(machine, setting, self.lock)
        cooked = self.cook(machine, folder, setting)
        self.assert_ok(cooked)
        self.assertIn("libz-sys", cooked.calls.compiled_packages(), cooked.said())
        self.assertEqual({unit["package"] for unit in cooked.summary["skipped"]}, {"libz-sys"}, cooked.said())
        self.assert_right(machine, folder, setting)

    def test_include_path_of_the_compiler(self):
        """CPATH: no build script declares it, gcc reads it."""
        def included(folder):
            return zlib(VENDORED, variables={"CPATH": folder})
        self.check_row(included("/opt/one"), included("/opt/two"), {"libz-sys"})

    def test_vendored_c(self):
        def optimised(flags):
            return zlib(VENDORED, variables={"CFLAGS": flags})
        self.check_row(optimised("-O0"), optimised("-O1"), {"libz-sys"})


if __name__ == "__main__":
    main()
