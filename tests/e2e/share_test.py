#!/usr/bin/env python3
"""What workspaces have in common is kept once; a recipe.json is enough to cook."""
import shutil

from harness import folders
from harness.case import FAR_AWAY, MEMBERS, Case, main
from harness.proxy import Proxy


class SharedUnits(Case):
    """`half` after `small`, each on a machine of its own, through a relay that counts bytes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        cls.cold, cls.sent, cls.stored = {}, {}, {}
        for workspace in ("small", "half"):
            proxy = Proxy(cls.server.address)
            cls.addClassCleanup(proxy.close)
            machine = cls.machine(f"{workspace} first", has_crates=True, DEPCACHE_SERVER=proxy.address)
            cls.cold[workspace] = machine.cook(machine.checkout(workspace))
            cls.sent[workspace] = proxy.received
            if workspace == "half":
                cls.push_to_an_empty_server(machine)
            machine.vanish()
            # A stopped server has flushed everything; what it stored is on disk.
            if cls.server.stop() != 0:
                raise RuntimeError(cls.server.log())
            cls.stored[workspace] = folders.bytes_below(cls.server.data)
            cls.server.start()

    @classmethod
    def push_to_an_empty_server(cls, machine):
        """Shows what all of `half` takes where nothing of it is known."""
        proxy = Proxy(cls.serve("empty server").address)
        cls.addClassCleanup(proxy.close)
        cls.pushed = machine.run([folders.CLIENT, "push", "--json"], machine.work / "half", DEPCACHE_SERVER=proxy.address)
        cls.sent["half alone"] = proxy.received

    def test_units_in_common_are_not_sent_again(self):
        for cold in self.cold.values():
            self.assert_ok(cold)
            self.assertTrue(cold.summary["layer_recorded"], cold.said())
            self.assertEqual(cold.units["skipped"], 0)
            self.assertEqual(cold.units["built"] + cold.units["restored"], cold.units["planned"], cold.said())
        # The bytes of each unit that `small` has are the same: it is named, not sent.
        self.assert_ok(self.pushed)
        self.assertEqual(self.pushed.units["shared"], self.cold["half"].units["planned"], self.pushed.said())
        self.assertEqual(self.pushed.calls.compiles, [])
        # syn, serde_derive and libc with theirs are some ten megabytes of either.
        self.assertLess(self.sent["half"], self.sent["half alone"] - 8_000_000)
        growth = self.stored["half"] - self.stored["small"]
        self.assertLess(growth, self.sent["half"] + 1_000_000)

    def test_both_restore_after_a_restart_of_the_server(self):
        for workspace in ("small", "half"):
            with self.subTest(workspace):
                machine = self.machine(f"{FAR_AWAY} {workspace}", self.server)
                folder = machine.checkout(workspace)
                self.assert_hit(machine.cook(folder))
                self.assert_members_only(machine.build(folder), workspace)
                self.assert_idle(machine.build(folder))


class RecipeOnly(Case):
    """`prepare` on one machine; `cook` from the recipe.json alone on others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        author = cls.machine("author")
        folder = author.checkout("small")
        cls.prepared = author.run([folders.CLIENT, "prepare"], folder)
        cls.recipe = (folder / "recipe.json").read_bytes()
        author.vanish()
        builder = cls.machine("builder", cls.server, has_crates=True)
        cls.folder = builder.work / "empty"
        cls.cold = cls.cook_recipe(builder, cls.folder)
        cls.trees = {"builder": folders.tree_of(cls.folder)}
        cls.builder = builder

    @classmethod
    def cook_recipe(cls, machine, folder):
        folder.mkdir()
        (folder / "recipe.json").write_bytes(cls.recipe)
        return machine.cook(folder, "--recipe-path", "recipe.json")

    def assert_nothing_but_target(self, folder):
        self.assertEqual(sorted(path.name for path in folder.iterdir()), ["recipe.json", "target"])
        # Cargo notes when a compile that was refused began, and leaves nothing else of it.
        left = [path for path in folder.rglob("*") if path.is_file() and self.is_of_member(path.relative_to(folder))]
        self.assertEqual({path.name for path in left} - {"invoked.timestamp"}, set(), left)

    @staticmethod
    def is_of_member(path):
        return any(part.removeprefix("lib").split("-")[0].split(".")[0] in MEMBERS["small"] for part in path.parts)

    def test_prepare_needs_no_network_and_no_resolve(self):
        self.assert_ok(self.prepared)
        self.assertEqual(self.prepared.calls.compiles, [])
        self.assertEqual(self.prepared.calls.cargo_commands(), ["metadata"])

    def test_a_cold_cook_compiles_no_member_and_leaves_only_target(self):
        self.assert_ok(self.cold)
        self.assertTrue(self.cold.summary["layer_recorded"], self.cold.said())
        self.assertEqual(self.cold.units["built"], 33)
        self.assertEqual(self.cold.calls.compiled_packages() & MEMBERS["small"], set())
        self.assert_nothing_but_target(self.folder)
        self.assertEqual(list(self.builder.temp.iterdir()), [])

    def test_sources_that_come_later_compile_alone(self):
        """As in an image build: cook in a folder, then copy the sources over it."""
        machine = self.machine(FAR_AWAY, self.server)
        folder = machine.work / "image"
        self.assert_hit(self.cook_recipe(machine, folder), has_checkout=False)
        self.assert_nothing_but_target(folder)
        self.copy_sources(folder)
        self.assert_members_only(machine.build(folder), "small")
        self.assert_idle(machine.build(folder))
        self.assert_ok(machine.run([folder / "target/debug/app", "selftest"], folder))

    def test_a_checkout_hits_what_a_recipe_cooked(self):
        machine = self.machine("checkout", self.server)
        folder = machine.checkout("small")
        restored = machine.cook(folder)
        self.assert_hit(restored)
        self.assertEqual(restored.summary["recipe"], self.cold.summary["recipe"])
        self.assert_members_only(machine.build(folder), "small")

    def test_the_cold_machine_builds_on_with_sources(self):
        folder = self.builder.work / "again"
        again = self.cook_recipe(self.builder, folder)
        self.assert_hit(again, has_checkout=False)
        self.copy_sources(folder)
        self.assert_members_only(self.builder.build(folder), "small")

    @staticmethod
    def copy_sources(folder):
        shutil.copytree(folders.WORKSPACES / "small", folder, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("target"))


if __name__ == "__main__":
    main()
