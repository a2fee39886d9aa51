#!/usr/bin/env python3
"""The main promise: what one machine compiled, another restores and never compiles."""
from harness.case import FAR_AWAY, Case, main


class RestoreElsewhere(Case):
    """One cold cook of `small`, whose machine is gone when the restores begin."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        first = cls.machine("first", cls.server, has_crates=True)
        cls.cold = first.cook(first.checkout("small"))
        first.vanish()

    def test_cold_cook_compiles_dependencies_alone_and_shares_them(self):
        self.assert_ok(self.cold)
        self.assertEqual(self.cold.summary["result"], "miss", self.cold.said())
        self.assertTrue(self.cold.summary["layer_recorded"], self.cold.said())
        units = self.cold.units
        self.assertEqual(units["skipped"], 0, self.cold.summary["skipped"])
        self.assertEqual(units["built"], units["planned"])
        self.assertEqual(units["shared"], units["planned"])
        self.assertEqual(units["planned"], 33)
        self.assertNotIn("app", self.cold.calls.compiled_packages())
        self.assertIn("libz-sys", self.cold.calls.compiled_packages())

    def test_restore_leaves_members_alone_to_compile(self):
        second = self.machine(FAR_AWAY, self.server)
        folder = second.checkout("small")
        restored = second.cook(folder)
        self.assert_hit(restored)
        self.assertEqual(restored.units["restored"], 33)
        built = second.build(folder)
        self.assert_members_only(built, "small")
        self.assertEqual(built.calls.compiled_packages(), {"app", "util", "macros"})
        self.assert_idle(second.build(folder))
        app = second.run([folder / "target/debug/app", "selftest"], folder)
        self.assert_ok(app)
        self.assertIn("libz-sys: ok", app.out)


class OtherCargoHome(Case):
    """Cargo's fingerprints hold paths below CARGO_HOME: with another one, what is there is stale."""

    def test_same_folder_with_another_cargo_home_is_restored_again(self):
        server = self.serve()
        machine = self.machine("machine", server, has_crates=True)
        folder = machine.checkout("small")
        self.assert_ok(machine.cook(folder))
        other = machine.root / "other cargo"
        again = machine.cook(folder, CARGO_HOME=other)
        self.assert_hit(again)
        self.assertEqual(again.units["restored"], again.units["planned"], again.said())
        self.assert_members_only(machine.build(folder, CARGO_HOME=other), "small")
        idle = machine.cook(folder, CARGO_HOME=other)
        self.assertEqual(idle.units["present"], idle.units["planned"], idle.said())


if __name__ == "__main__":
    main()
