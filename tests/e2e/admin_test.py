#!/usr/bin/env python3
"""What the server says of itself, by the command line, with rights and without."""
import hashlib
import json

from harness import folders
from harness.case import FAR_AWAY, Case, main
from harness.server import write_tokens


class Figures(Case):
    """One machine compiles `small`, one restores it: the figures are known exactly."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        cls.first = cls.machine("first", cls.server, has_crates=True)
        cls.folder = cls.first.checkout("small")
        cls.cold = cls.first.cook(cls.folder)
        cls.after_miss = cls.stats()
        second = cls.machine(FAR_AWAY, cls.server)
        cls.hit = second.cook(second.checkout("small"))
        cls.after_hit = cls.stats()

    @classmethod
    def admin(cls, *words):
        return cls.first.run([folders.CLIENT, *words], cls.folder)

    @classmethod
    def stats(cls):
        return json.loads(cls.admin("stats", "--json").out)

    def test_a_miss_then_a_hit(self):
        self.assert_ok(self.cold)
        self.assert_hit(self.hit)
        self.assertEqual((self.after_miss["hits"], self.after_miss["misses"]), (0, 1))
        self.assertEqual((self.after_hit["hits"], self.after_hit["misses"]), (1, 1))
        self.assertEqual(self.after_miss["layers"], 1)
        self.assertEqual(self.after_miss["units"], self.cold.units["planned"])
        self.assertEqual(self.after_miss["bytes_received"], self.cold.summary["bytes"]["sent"])
        served = self.after_hit["bytes_served"] - self.after_miss["bytes_served"]
        # The client leaves the records of packages out of its count: some kilobytes.
        received = self.hit.summary["bytes"]["received"]
        self.assertGreaterEqual(served, received)
        self.assertLess(served - received, 100_000)

    def test_compile_time_is_saved_by_the_restore_alone(self):
        self.assertEqual(self.after_miss["compile_seconds_saved"], 0)
        layers = json.loads(self.admin("admin", "layers", "--json").out)["layers"]
        whole = [layer for layer in layers if layer["recipe"] == self.cold.summary["recipe"]]
        self.assertGreater(whole[0]["compile_seconds"], 0)
        self.assertAlmostEqual(self.after_hit["compile_seconds_saved"], whole[0]["compile_seconds"], places=3)

    def test_a_layer_is_shown_with_what_it_was_built_by(self):
        shown = self.admin("admin", "show", self.cold.summary["recipe"], "--json")
        self.assert_ok(shown)
        parts = json.loads(shown.out)["parts"]
        self.assertEqual(parts["profile"]["value"], "dev")
        self.assertEqual(parts["profile"]["sha256"], hashlib.sha256(b"dev").hexdigest())
        self.assertIn("serde", parts["lock"]["value"])


class Evict(Case):
    def test_an_evicted_layer_is_compiled_or_restored_by_units(self):
        server = self.serve()
        machine = self.machine("machine", server, has_crates=True)
        folder = machine.checkout("small")
        cold = machine.cook(folder)
        self.assert_ok(cold)
        recipe = cold.summary["recipe"]
        self.assert_ok(machine.run([folders.CLIENT, "admin", "evict", recipe], folder))
        self.assertEqual(machine.run([folders.CLIENT, "admin", "evict", recipe], folder).code, 3)
        self.assertEqual(machine.run([folders.CLIENT, "fetch", "--target-dir", "other"], folder).code, 3)
        again = machine.cook(folder, "--target-dir", "other")
        self.assert_ok(again)
        # Unit by unit, so cargo was asked for a plan; but nothing was left to compile.
        self.assertIn("build", again.calls.cargo_commands(), again.said())
        self.assertEqual(again.summary["result"], "hit", again.said())
        self.assertEqual(again.units["restored"], again.units["planned"], "the units were kept")
        stats = json.loads(machine.run([folders.CLIENT, "stats", "--json"], folder).out)
        self.assertEqual((stats["hits"], stats["partial_hits"]), (0, 1))
        self.assertGreater(stats["compile_seconds_saved"], 0, "units save what they took to compile")


class Rights(Case):
    def test_only_an_admin_may_ask(self):
        tokens = write_tokens(self.scratch / "tokens.toml", ("ci", "secret-ci", ["main"], ["main"]),
                              ("root", "secret-root", ["main"], []))
        text = tokens.read_text(encoding="utf-8")
        tokens.write_text(text.replace('principal = "root"\n', 'principal = "root"\nadmin = true\n'), encoding="utf-8")
        server = self.serve("server", "--tokens", tokens)
        machine = self.machine("machine", server)
        for token, code in (("secret-ci", 1), ("secret-root", 0), ("wrong", 1)):
            for words in (["stats"], ["admin", "layers"]):
                result = machine.run([folders.CLIENT, *words], machine.work, DEPCACHE_TOKEN=token)
                self.assertEqual(result.code, code, result.said())
        evict = ["admin", "evict", "cargo:" + "0" * 64]
        self.assertEqual(machine.run([folders.CLIENT, *evict], machine.work, DEPCACHE_TOKEN="secret-ci").code, 1)
        self.assertEqual(machine.run([folders.CLIENT, *evict], machine.work, DEPCACHE_TOKEN="secret-root").code, 3)


if __name__ == "__main__":
    main()
