#!/usr/bin/env python3
"""A machine at the end of a slow line: what compiles faster than it comes is left to cargo."""
import json

from harness.case import Case, main

SLOW = 20_000  # plain bytes per second: slower than any compile, however busy the machine
IN_BOTH = 25  # units


class SlowLine(Case):
    """The server has the layer of `small`; `half` shares a part of its units."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        machine = cls.machine("builder", cls.server, has_crates=True)
        cls.cold = machine.cook(machine.checkout("small"))
        machine.vanish()

    def test_what_compiles_faster_than_it_comes_is_compiled(self):
        self.assert_ok(self.cold)
        machine = self.machine("slow", self.server, has_crates=True)
        rates = machine.home / ".cache/depcache/rates"
        rates.parent.mkdir(parents=True)
        rates.write_text(json.dumps({self.server.address: SLOW}))
        folder = machine.checkout("half")
        cooked = machine.cook(folder)
        self.assert_ok(cooked)
        left = {unit["package"] for unit in cooked.summary["left_to_cargo"]}
        self.assertGreater(len(left), 5, cooked.said())
        self.assertIn("units were left to cargo", cooked.err)
        self.assertLessEqual(left, cooked.calls.compiled_packages(), cooked.said())
        self.assertEqual(cooked.units["restored"] + len(cooked.summary["left_to_cargo"]), IN_BOTH, cooked.said())
        self.assertEqual(cooked.summary["accused"], [], cooked.said())
        self.assertTrue(cooked.summary["layer_recorded"])
        self.assert_members_only(machine.build(folder), "half")
        self.assert_idle(machine.build(folder))
        # The layer is of the same units: a machine with nothing compiled fetches all of it.
        other = self.machine("other", self.server)
        self.assert_hit(other.cook(other.checkout("half")))

    def test_rates_are_measured(self):
        machine = self.machine("measuring", self.server)
        self.assert_hit(machine.cook(machine.checkout("small")))
        rates = json.loads((machine.home / ".cache/depcache/rates").read_text())
        self.assertEqual(list(rates), [self.server.address])
        self.assertGreater(rates[self.server.address], 0)


if __name__ == "__main__":
    main()
