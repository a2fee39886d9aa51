#!/usr/bin/env python3
"""What cargo will not take of a restore is compiled again, reported, and served no more."""
import json
import os

from harness import folders
from harness.case import Case, main
from harness.server import write_tokens
from harness.tiny import lock_package, write_package

PRINCIPALS = ("ann", "ben", "cem", "dora", "eve")
BASE = 'proc-macro2 = "1"'
BOTH = 'proc-macro2 = "1"\nquote = "1"'
EXPRESSION = '"ready"'


def one_file(folder, pattern):
    (found,) = folder.glob(pattern)
    return found


def spoil(file):
    """Other bytes of the same length and time: no stamp tells."""
    info = file.stat()
    with open(file, "r+b") as out:
        out.write(b"spoilt")
    os.utime(file, ns=(info.st_atime_ns, info.st_mtime_ns))


class Audited(Case):
    """A server that knows proc-macro2 and what it stands on, and machines that need more."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tokens = write_tokens(cls.scratch / "tokens.toml",
                              *[(name, f"token-of-{name}", ["main"], ["main"]) for name in PRINCIPALS],
                              ("root", "token-of-root", ["main"], []))
        text = tokens.read_text(encoding="utf-8")
        tokens.write_text(text.replace('principal = "root"\n', 'principal = "root"\nadmin = true\n'), encoding="utf-8")
        cls.server = cls.serve("server", "--tokens", tokens)

    def member(self, principal, package, dependencies=BOTH):
        """A machine of this principal with a package of its own; and the folder."""
        machine = self.machine(f"{self.id().rpartition('.')[2]} {principal}", self.server, has_crates=True,
                               DEPCACHE_TOKEN=f"token-of-{principal}")
        folder = write_package(machine.work / package, dependencies, EXPRESSION, name=package)
        return machine, lock_package(machine, folder)

    def stats(self):
        root = self.machine(f"{self.id().rpartition('.')[2]} root {len(list(self.scratch.iterdir()))}", self.server,
                            DEPCACHE_TOKEN="token-of-root")
        return json.loads(root.run([folders.CLIENT, "stats", "--json"], root.work).out)

    def assert_mended(self, result, machine, folder):
        """The cook went well, and plain cargo finds nothing to do but the member."""
        self.assert_ok(result)
        built = machine.build(folder)
        self.assert_ok(built)
        self.assertEqual(built.calls.compiled_packages(), {folder.name}, built.said())
        self.assertIn("ready", machine.run([folder / "target/debug" / folder.name], folder).out)
        self.assert_idle(machine.build(folder))


class Unusable(Audited):
    """The server got a unit out of a spoilt target folder: its bytes are what their writer said."""

    def test_it_is_healed_reported_and_no_longer_served(self):
        ann, folder = self.member("ann", "first", BASE)
        self.assert_ok(ann.cook(folder, DEPCACHE_SERVER=""))
        spoil(one_file(folder / "target/debug/deps", "libproc_macro2-*.rmeta"))
        pushed = ann.run([folders.CLIENT, "push", "--json"], folder)
        self.assert_ok(pushed)
        self.assertEqual((pushed.units["shared"], pushed.units["built"]), (4, 0), pushed.said())

        # One reader's word is not enough.
        ben, folder = self.member("ben", "second")
        healed = ben.cook(folder)
        self.assert_accused(healed)
        self.assert_mended(healed, ben, folder)
        self.assertEqual(self.stats()["suspended_units"], 0)
        # What ben compiled is served to who cooks the same.
        cem, folder = self.member("cem", "second")
        self.assert_hit(cem.cook(folder))

        # Another recipe still finds the oldest entry first; a second word confirms.
        dora, folder = self.member("dora", "third")
        healed = dora.cook(folder)
        self.assert_accused(healed)
        self.assert_mended(healed, dora, folder)
        stats = self.stats()
        self.assertEqual((stats["unit_reports"], stats["suspended_units"]), (2, 1))

        # From now on the sound one is served, after a restart too.
        self.assertEqual(self.server.stop(), 0, self.server.log())
        self.server.start()
        self.assertEqual(self.stats()["suspended_units"], 1)
        eve, folder = self.member("eve", "fourth")
        sound = eve.cook(folder)
        self.assertEqual(sound.summary["accused"], [], sound.said())
        self.assertEqual((sound.units["restored"], sound.units["built"]), (5, 0), sound.said())
        self.assert_mended(sound, eve, folder)
        # The layer that names the spoilt unit is a miss; its other units are not.
        again, folder = self.first_again()
        restored = again.cook(folder)
        self.assertEqual(restored.summary["accused"], [], restored.said())
        self.assertEqual((restored.units["restored"], restored.units["built"]), (4, 0), restored.said())
        self.assert_mended(restored, again, folder)

    def first_again(self):
        machine = self.machine("first again", self.server, has_crates=True, DEPCACHE_TOKEN="token-of-eve")
        folder = write_package(machine.work / "first", BASE, EXPRESSION, name="first")
        return machine, lock_package(machine, folder)

    def assert_accused(self, result):
        self.assert_ok(result)
        (accused,) = result.summary["accused"]
        self.assertEqual((accused["package"], accused["reason"], accused["same_output"], accused["reported"]),
                         ("proc-macro2", "unusable", False, True), result.said())
        self.assertIn("E0786", accused["text"])
        self.assertIn("could not be used", result.err)
        self.assertEqual(result.units["restored"], 4, result.said())
        # proc-macro2's library, which was wiped, and quote.
        self.assertEqual(result.units["built"], 2, result.said())


class Stale(Audited):
    """Something touches what was restored before cargo looks at it."""

    def test_cargos_reason_is_shown_and_times_are_not_reported(self):
        ann, folder = self.member("ann", "first", BASE)
        self.assert_ok(ann.cook(folder))
        ben, folder = self.member("ben", "second")
        shim = ben.root / "shim"
        shim.mkdir()
        (shim / "cargo").write_text(
            f'#!/bin/sh\ncase " $* " in *" --keep-going "*) touch "{folder}"/target/debug/deps/libunicode_ident-*;; esac\n'
            f'exec "{folders.SHIMS}/cargo" "$@"\n', encoding="utf-8")
        (shim / "cargo").chmod(0o755)
        result = ben.cook(folder, PATH=f"{shim}:{ben.environment()['PATH']}")
        (accused,) = result.summary["accused"]
        self.assertEqual((accused["package"], accused["reason"], accused["same_output"], accused["reported"]),
                         ("proc-macro2", "stale", True, False), result.said())
        self.assertIn("StaleDependency {", accused["text"])
        self.assertIn("cargo compiled proc-macro2", result.err)
        self.assertNotIn("prepare_target", result.err, "cargo's log is not for people")
        self.assertEqual((result.units["restored"], result.units["built"]), (4, 2), result.said())
        self.assert_mended(result, ben, folder)
        self.assertEqual(self.stats()["unit_reports"], 0)


class Sound(Audited):
    def test_nobody_is_accused_of_what_cargo_finds_fresh(self):
        ann, folder = self.member("ann", "first", BASE)
        self.assert_ok(ann.cook(folder))
        ben, folder = self.member("ben", "second")
        result = ben.cook(folder)
        self.assertEqual((result.summary["result"], result.summary["accused"]), ("partial", []), result.said())
        self.assertEqual((result.units["restored"], result.units["built"]), (4, 1), result.said())
        self.assert_mended(result, ben, folder)


class Verify(Audited):
    """Units are compiled again and their bytes compared."""

    def test_sound_units_come_out_the_same(self):
        ann, folder = self.member("ann", "first", BOTH)
        self.assert_ok(ann.cook(folder))
        ben, folder = self.member("ben", "first", BOTH)
        result = ben.cook(folder, "--verify")
        self.assert_ok(result)
        self.assertEqual((result.summary["result"], result.units["restored"]), ("hit", 5), result.said())
        self.assertEqual(result.summary["verified"], {"compiled": 5, "same": 5, "debug_only": 0, "not_compared": 0,
                                                      "differences": []}, result.said())
        self.assertEqual(result.calls.compiled_packages(), {"proc-macro2", "unicode-ident", "quote"})
        self.assertEqual(list((folder / "target/.depcache").glob("verify-*")), [])
        self.assert_mended(result, ben, folder)
        # A share: the rest is copied and fresh.
        part = ben.cook(folder, "--verify=1%")
        self.assert_ok(part)
        verified = part.summary["verified"]
        self.assertEqual(verified["same"], verified["compiled"], part.said())
        self.assertLess(verified["compiled"], 5, part.said())
        self.assertLessEqual(len(part.calls.compiles), verified["compiled"], part.said())
        wrong = ben.cook(folder, "--verify=all")
        self.assertEqual(wrong.code, 2, wrong.said())


class VerifyDiffers(Audited):
    """The server got a library which works, and is not what its sources compile to."""

    def test_what_differs_is_named_by_section_and_reported(self):
        ann, folder = self.member("ann", "first", BOTH)
        self.assert_ok(ann.cook(folder, DEPCACHE_SERVER=""))
        library = one_file(folder / "target/debug/deps", "libunicode_ident-*.rlib")
        info = library.stat()
        data = library.read_bytes()
        # In the first section of the last object: behind its header of 64 bytes.
        at = data.rindex(b"\x7fELF") + 68
        library.write_bytes(data[:at] + bytes([data[at] ^ 1]) + data[at + 1:])
        os.utime(library, ns=(info.st_atime_ns, info.st_mtime_ns))
        self.assert_ok(ann.run([folders.CLIENT, "push", "--json"], folder))
        ben, folder = self.member("ben", "first", BOTH)
        found = ben.cook(folder, "--verify")
        self.assertEqual(found.code, 1, found.said())
        (difference,) = found.summary["verified"]["differences"]
        self.assertEqual((difference["package"], difference["reproducible"], difference["stands_on_different"]),
                         ("unicode-ident", True, False), found.said())
        self.assertRegex(difference["places"][0], r"^libunicode_ident-\w{16}\.rlib: .*rcgu\.o: ")
        (accused,) = found.summary["accused"]
        self.assertEqual((accused["reason"], accused["reported"]), ("differs", True))
        self.assertEqual(self.stats()["suspended_units"], 0)


if __name__ == "__main__":
    main()
