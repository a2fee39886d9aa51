#!/usr/bin/env python3
"""Several machines meet a recipe that nobody has built: each unit is compiled once."""
import collections
import os
import signal

from harness.case import MEMBERS, Case, main
from harness.hold import Hold

# Much of both workspaces stands on it, and much of each does not.
HELD = "syn"
WAITS = "another machine compiles"


def dependencies(results):
    """How often each unit of a dependency was compiled, over all machines."""
    members = set().union(*MEMBERS.values())
    return collections.Counter(compile for result in results for compile in result.calls.compiles
                               if compile.package not in members)


class Fleet(Case):
    def setUp(self):
        name = self.id().rpartition(".")[2]
        self.server = self.serve(f"server of {name}")
        self.leader, self.follower = (self.machine(f"{role} of {name}", self.server, has_crates=True)
                                      for role in ("leader", "follower"))
        self.hold = Hold(self.leader.root, HELD)
        self.addCleanup(self.hold.close)

    def start_leader(self):
        process = self.leader.start_cook(self.leader.checkout("small"), **self.hold.variables)
        self.hold.wait_until_reached()
        return process

    def test_what_nobody_builds_is_compiled_while_others_build_the_rest(self):
        leader = self.start_leader()
        folder = self.follower.checkout("half")
        follower = self.follower.start_cook(folder)
        said = self.follower.read_errors_until(follower, WAITS)
        said += self.follower.read_errors_until(follower, "compiling [0-9]+ units meanwhile")
        # Not to be had from the other workspace, and standing on nothing that is held.
        said += self.follower.read_errors_until(follower, "Compiling base64")
        self.hold.release()
        results = [self.leader.finish(leader), self.follower.finish(follower, said)]
        for result in results:
            self.assert_ok(result)
            self.assertTrue(result.summary["layer_recorded"], result.said())
            self.assertEqual(result.summary["skipped"], [], result.said())
        units = results[1].units
        self.assertEqual(units["planned"], units["restored"] + units["built"] + units["present"], results[1].said())
        self.assertEqual(results[1].calls.compiled_packages() & {"syn", "serde", "serde_derive"}, set())
        # smallvec has other features here: another unit of the same name.
        twice = {unit.package for unit, times in dependencies(results).items() if times > 1}
        self.assertLessEqual(twice, {"smallvec"})
        self.assert_members_only(self.follower.build(folder), "half")
        self.assert_idle(self.follower.build(folder))

    def test_who_is_killed_costs_its_unfinished_units(self):
        leader = self.start_leader()
        folder = self.follower.checkout("small")
        follower = self.follower.start_cook(folder)
        said = self.follower.read_errors_until(follower, WAITS)
        said += self.follower.read_errors_until(follower, "units that were known already are restored")
        os.killpg(leader.pid, signal.SIGKILL)
        dead = self.leader.finish(leader)
        result = self.follower.finish(follower, said)
        self.assert_ok(result)
        self.assertTrue(result.summary["layer_recorded"], result.said())
        self.assertIn(HELD, result.calls.compiled_packages())
        # What it had shared comes from the server.
        self.assertGreater(result.units["restored"], 0, result.said())
        self.assertLess(len(result.calls.compiles), result.units["planned"], result.said())
        self.assertGreater(len(dead.calls.compiles), 0)
        self.assert_members_only(self.follower.build(folder), "small")

    def test_a_unit_that_fails_is_released_to_all_while_its_builder_goes_on(self):
        broken = self.machine("broken", self.server, has_crates=True)
        hold = Hold(broken.root, HELD)
        self.addCleanup(hold.close)
        leader = broken.start_cook(broken.checkout("small"), E2E_FAIL="itoa", **hold.variables)
        said = broken.read_errors_until(leader, "could not compile `itoa`")
        hold.wait_until_reached()
        follower = self.follower.start_cook(self.follower.checkout("small"))
        heard = self.follower.read_errors_until(follower, "Compiling itoa")
        hold.release()
        failed = broken.finish(leader, said)
        self.assertNotEqual(failed.code, 0)
        result = self.follower.finish(follower, heard)
        self.assert_ok(result)
        self.assertTrue(result.summary["layer_recorded"], result.said())


if __name__ == "__main__":
    main()
