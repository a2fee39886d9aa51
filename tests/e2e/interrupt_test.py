#!/usr/bin/env python3
"""Cooks that are interrupted, that meet each other, that lose the server: nothing half is left."""
import os
import signal

from harness import folders
from harness.case import FAR_AWAY, MEMBERS, Case, main
from harness.hold import Hold
from harness.processes import names_in_group, wait_for_group

# Compiled late: much is done and shared when it begins.
HELD = "syn"


class Interrupted(Case):
    def setUp(self):
        self.server = self.serve(f"server of {self.name()}")
        self.builder = self.machine(f"builder of {self.name()}", self.server, has_crates=True)
        self.folder = self.builder.checkout("small")
        self.hold = Hold(self.builder.root, HELD)
        self.addCleanup(self.hold.close)

    def name(self):
        return self.id().rpartition(".")[2]

    def start_and_hold(self):
        process = self.builder.start_cook(self.folder, **self.hold.variables)
        self.hold.wait_until_reached()
        return process

    def test_termination_of_the_client_alone(self):
        process = self.start_and_hold()
        process.send_signal(signal.SIGTERM)
        result = self.builder.finish(process)
        self.assertEqual(result.code, 143, result.said())
        self.assertNotIn("cargo", names_in_group(process.pid).values())
        self.assertFalse(result.summary["layer_recorded"])
        self.assertEqual(list(self.builder.temp.iterdir()), [])
        self.hold.release()
        wait_for_group(process.pid)

    def test_server_is_killed_while_cargo_compiles(self):
        process = self.start_and_hold()
        self.server.kill()
        self.hold.release()
        result = self.builder.finish(process)
        self.assert_ok(result)
        self.assertEqual(result.units["built"], 33)
        self.assertFalse(result.summary["layer_recorded"])
        self.assertNotEqual(result.summary["server_error"], "", result.said())
        self.server.start()
        # All is on disk: what the server lacks is sent without a compile.
        self.builder.variables["DEPCACHE_SERVER"] = self.server.address
        pushed = self.builder.run([folders.CLIENT, "push", "--json"], self.folder)
        self.assert_ok(pushed)
        self.assertEqual(pushed.calls.compiles, [])
        self.assertTrue(pushed.summary["layer_recorded"], pushed.said())

    def test_two_cooks_in_one_target_folder(self):
        first = self.start_and_hold()
        # The first one compiles nothing meanwhile, so nothing would land for the whole of the default.
        second = self.builder.start_cook(self.folder, DEPCACHE_WAIT_BOUND="1s")
        waiting = self.builder.read_errors_until(second, "waiting for file lock on (build|artifact) directory")
        self.hold.release()
        results = [self.builder.finish(first), self.builder.finish(second, waiting)]
        compiles = []
        for result in results:
            self.assert_ok(result)
            self.assertEqual(result.units["planned"], 33)
            compiles += result.calls.compiles
        dependencies = [compile for compile in compiles if compile.package not in MEMBERS["small"]]
        self.assertEqual(len(dependencies), len(set(dependencies)), "a unit was compiled twice")
        self.assertTrue(results[0].summary["layer_recorded"], results[0].said())
        self.assert_members_only(self.builder.build(self.folder), "small")
        other = self.machine(FAR_AWAY, self.server)
        checkout = other.checkout("small")
        restores = [other.start_cook(checkout), other.start_cook(checkout)]
        for result in [other.finish(process) for process in restores]:
            self.assert_hit(result)
        self.assert_members_only(other.build(checkout), "small")
        self.assert_idle(other.build(checkout))


if __name__ == "__main__":
    main()
