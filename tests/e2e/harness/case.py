"""The base of every end-to-end test case."""
import shutil
import unittest

from . import folders
from .machine import Machine
from .network import leave_network
from .server import Server

# Packages of the workspaces' own. Everything else is a dependency.
MEMBERS = {"small": {"app", "util", "macros"}, "half": {"half", "tally"},
           "colony": {"backend", "coordinator", "shared", "gui"}}
FAR_AWAY = "zweiter Rechner é"


def main():
    leave_network()
    unittest.main(verbosity=2)


class Case(unittest.TestCase):
    """Has a scratch folder for the class, removed at its end."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.scratch = folders.make_scratch(cls.__name__)
        cls.addClassCleanup(shutil.rmtree, cls.scratch)

    @classmethod
    def serve(cls, name="server", *flags):
        """A server that lives as long as the class."""
        server = Server(cls.scratch / name, *flags)
        cls.addClassCleanup(server.kill)
        return server

    @classmethod
    def machine(cls, name, server=None, **options):
        return Machine(cls.scratch / name, server.address if server else "", **options)

    def assert_ok(self, result):
        self.assertEqual(result.code, 0, result.said())

    def assert_hit(self, result, has_checkout=True):
        """A restore of everything: nothing compiled, cargo asked for facts alone."""
        self.assert_ok(result)
        self.assertEqual(result.summary["result"], "hit", result.said())
        self.assertEqual(result.calls.compiles, [], result.said())
        facts = [["-V"], ["metadata", "--no-deps", "--format-version", "1"]]
        self.assertEqual(sorted(result.calls.cargo), facts if has_checkout else facts[:1])
        self.assertEqual(result.units["restored"] + result.units["present"], result.units["planned"])

    def assert_members_only(self, result, workspace):
        """A plain build that compiled members and ran no dependency's build script."""
        self.assert_ok(result)
        self.assertLessEqual(result.calls.compiled_packages(), MEMBERS[workspace], result.said())
        self.assertNotEqual(result.calls.compiles, [], "nothing was compiled: the build was no test")
        self.assertLessEqual(set(result.steps.script_runs), MEMBERS[workspace], result.said())
        self.assertNotEqual(result.steps.fresh, set(), result.said())

    def assert_idle(self, result):
        """A plain build with nothing to do."""
        self.assert_ok(result)
        self.assertEqual(result.calls.compiles, [], result.said())
        self.assertEqual(result.steps.script_runs, [], result.said())
