"""One machine of a team: a checkout, a home, a CARGO_HOME, and what runs there."""
import json
import os
import re
import shutil
import signal
import subprocess
import threading

from . import folders
from .calls import Calls, Steps

RUN_SECONDS = 600
REAL_BIN = os.path.dirname(shutil.which("cargo") or "/usr/bin/cargo")
RUSTUP_HOME = os.environ.get("RUSTUP_HOME", os.path.expanduser("~/.rustup"))


class Result:
    """A command that ended: its exit code, what it wrote, what it called."""

    def __init__(self, code, out, err, log):
        self.code = code
        self.out = out
        self.err = err
        self.calls = Calls(log)
        self.steps = Steps(err)

    @property
    def summary(self):
        """The object of `--json`."""
        return json.loads(self.out)

    @property
    def units(self):
        return self.summary["units"]

    def said(self):
        return f"exit code {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"


class Machine:
    """All of a machine lies below `root`: `home`, `cargo`, `temp`, and checkouts
    in `work`. Nothing of the environment of the tests reaches what runs here."""

    def __init__(self, root, server="", has_crates=False, **variables):
        self.root = root
        self.home = root / "home"
        self.cargo_home = root / "cargo"
        self.temp = root / "temp"
        self.work = root / "work"
        for folder in (self.home, self.temp, self.work):
            folder.mkdir(parents=True)
        if has_crates:
            folders.fill_cargo_home(self.cargo_home)
        # What is tested is not how fast a busy machine answers.
        self.variables = {"DEPCACHE_SERVER": server, "DEPCACHE_LOOKUP_BOUND": "60s", **variables}
        self._runs = 0

    def checkout(self, workspace):
        """A copy of a workspace of tests/workspaces; its folder."""
        folder = self.work / workspace
        shutil.copytree(folders.WORKSPACES / workspace, folder, ignore=shutil.ignore_patterns("target"))
        return folder

    def environment(self, **more):
        env = {
            "PATH": f"{folders.SHIMS}:{REAL_BIN}:/usr/local/bin:/usr/bin:/bin",
            "HOME": str(self.home),
            "CARGO_HOME": str(self.cargo_home),
            "RUSTUP_HOME": RUSTUP_HOME,
            "RUSTUP_AUTO_INSTALL": "0",
            "TMPDIR": str(self.temp),
            "LANG": "C.UTF-8",
            "E2E_REAL_BIN": REAL_BIN,
        }
        env.update({name: str(value) for name, value in {**self.variables, **more}.items()})
        return env

    def start(self, argv, cwd, **variables):
        """A running process, leader of its own process group."""
        self._runs += 1
        log = self.root / f"calls-{self._runs}"
        log.touch()
        process = subprocess.Popen([str(word) for word in argv], cwd=cwd, text=True, start_new_session=True,
                                   env=self.environment(E2E_LOG=log, **variables), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        process.calls_log = log
        return process

    def read_errors_until(self, process, pattern):
        """What was written to standard error up to the line that matches."""
        watchdog = threading.Timer(RUN_SECONDS / 2, os.killpg, (process.pid, signal.SIGKILL))
        watchdog.start()
        text = ""
        for line in process.stderr:
            text += line
            if re.search(pattern, line):
                watchdog.cancel()
                return text
        watchdog.cancel()
        raise AssertionError(f"no line matches {pattern!r} in:\n{text}")

    def finish(self, process, read_before=""):
        """Waits for the end. `read_before`: what the test took from standard error itself."""
        try:
            out, err = process.communicate(timeout=RUN_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise
        return Result(process.returncode, out, read_before + err, process.calls_log.read_text())

    def start_cook(self, cwd, *flags, **variables):
        return self.start([folders.CLIENT, "cook", "--json", *flags], cwd, **variables)

    def run(self, argv, cwd, **variables):
        return self.finish(self.start(argv, cwd, **variables))

    def cook(self, cwd, *flags, **variables):
        """`depcache-client cook --json`."""
        return self.finish(self.start_cook(cwd, *flags, **variables))

    def build(self, cwd, *flags, command="build", **variables):
        """Plain `cargo build --offline -v`, which knows nothing of depcache."""
        return self.run(["cargo", command, "--offline", "-v", *flags], cwd, **variables)

    def vanish(self):
        """Renames all of the machine away, so that nothing can be read from it."""
        self.root.rename(self.root.with_name(self.root.name + " gone"))
