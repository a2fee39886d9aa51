#!/usr/bin/env python3
"""The main promise on the reference workspace, in release: takes the better part of half an hour."""
from harness import folders
from harness.case import FAR_AWAY, Case, main

SELECTION = ["--release", "-p", "backend", "-p", "coordinator"]
MEMBERS = {"backend", "coordinator", "shared"}


class Colony(Case):
    def test_a_second_checkout_compiles_members_alone(self):
        server = self.serve()
        first = self.machine("first", server, has_crates=True)
        cold = first.cook(first.checkout("colony"), *SELECTION, "--offline")
        self.assert_ok(cold)
        self.assertEqual(cold.summary["result"], "miss", cold.said())
        self.assertEqual(cold.units["shared"], cold.units["planned"], cold.said())
        self.assertFalse(MEMBERS & cold.calls.compiled_packages())
        first.vanish()

        second = self.machine(FAR_AWAY, server)
        folder = second.checkout("colony")
        restored = second.cook(folder, *SELECTION)
        self.assert_hit(restored)
        self.assertEqual(restored.units["restored"], cold.units["planned"])
        built = second.build(folder, *SELECTION)
        self.assert_members_only(built, "colony")
        self.assertEqual(built.calls.compiled_packages(), MEMBERS)
        self.assert_idle(second.build(folder, *SELECTION))
        for service in ("backend", "coordinator"):
            said = second.run([folder / "target/release" / service, "selftest"], folder)
            self.assert_ok(said)
            self.assertGreater(said.out.count(": ok"), 10, said.said())


if __name__ == "__main__":
    main()
