"""A test case on a real engine: folders, images and servers which vanish with it."""
import atexit
import os
import pathlib
import signal
import sys
import tempfile
import unittest

from . import engine, paths
from .server import Server


class Case(unittest.TestCase):
    maxDiff = None
    stand_ins = ()  # images to make sure of

    @classmethod
    def setUpClass(cls):
        if not engine.is_there():
            no_engine()
        engine.make_stand_ins(*cls.stand_ins)
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory(prefix="depcache-docker-")))

    @classmethod
    def undo(cls, function, *words):
        """Calls it once: after the class, or when the process ends before that."""
        pending = [function]

        def once():
            if pending:
                pending.pop()(*words)

        cls.addClassCleanup(once)
        atexit.register(once)

    @classmethod
    def serve(cls, name="server", **options):
        server = Server(cls.folder / name, **options).start()
        cls.undo(server.stop)
        return server

    @classmethod
    def image(cls, name):
        """A tag of this test run, removed after it."""
        tag = f"{engine.PREFIX}/{name}:{os.getpid()}"
        cls.undo(engine.remove, tag)
        return tag

    @classmethod
    def client_image(cls):
        binary = paths.binary("depcache-client").relative_to(paths.ROOT)
        tag = cls.image("client")
        engine.build(paths.ROOT, paths.DEPLOY / "client.Dockerfile", tag, {"BINARY": binary})
        return tag

    @classmethod
    def counting_rust(cls):
        tag = cls.image("rust-counting")
        folder = paths.DOCKER_TESTS / "stand-ins"
        engine.build(folder, folder / "counting.Dockerfile", tag, {"RUST_IMAGE": engine.rust_image()})
        return tag

    def container(self, image, *words, flags=()):
        """A running container, removed after the test; its name."""
        name = f"{engine.PREFIX}-{os.getpid()}-{self.id().rsplit('.', 1)[-1]}"[:120]
        self.addCleanup(engine.run, "rm", "-f", name, check=False)
        engine.run("run", "-d", "--name", name, *flags, image, *words)
        return name


def no_engine():
    """Without an engine nothing here can be told: CI must have one, others are told last."""
    if os.environ.get("CI"):
        sys.exit("no docker engine answers, and CI is set: the container tests did not run")
    print("SKIPPED: no docker engine answers; the container tests did not run", flush=True)
    sys.exit(77)


def main():
    # Ended from outside, it still leaves nothing behind.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    unittest.main(verbosity=2)
