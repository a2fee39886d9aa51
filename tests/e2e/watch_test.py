#!/usr/bin/env python3
"""`watch` runs its command for changes that mean something, one at a time, and ends with it."""
import contextlib
import os
import pathlib
import select
import signal
import time

from harness import folders
from harness.case import Case, main
from harness.tiny import lock_package, write_package

WAIT_SECONDS = 300  # for what must come; nothing waits for all of it
# Tells the recipes and the reason over a pipe.
TELL = 'printf "%s|%s|%s\\0" "$DEPCACHE_OLD_RECIPE" "$DEPCACHE_NEW_RECIPE" "$DEPCACHE_REASON" > "$0"'


class Pipe:
    """A named pipe that commands write records to, each ended by a zero byte."""

    def __init__(self, path):
        os.mkfifo(path)
        self.path = path
        self._fd = os.open(path, os.O_RDWR)
        self._text = b""

    def next(self):
        while b"\0" not in self._text:
            if not select.select([self._fd], [], [], WAIT_SECONDS)[0]:
                raise TimeoutError(f"nothing came over {self.path.name}")
            self._text += os.read(self._fd, 65536)
        record, _, self._text = self._text.partition(b"\0")
        return record.decode()

    def is_empty(self):
        return not self._text and not select.select([self._fd], [], [], 0)[0]

    def send(self, text):
        os.write(self._fd, text)

    def close(self):
        os.close(self._fd)


def is_watched(pid, folder):
    """Whether the process has an inotify watch on the folder (proc(5), fdinfo)."""
    inode = f" ino:{folder.stat().st_ino:x} "
    for file in pathlib.Path(f"/proc/{pid}/fdinfo").iterdir():
        with contextlib.suppress(FileNotFoundError):  # closed meanwhile
            if inode in file.read_text():
                return True
    return False


def wait_until(holds):
    end = time.monotonic() + WAIT_SECONDS
    while not holds():
        if time.monotonic() > end:
            raise TimeoutError("it did not come to hold")
        os.sched_yield()


class Watch(Case):
    def setUp(self):
        self.machine_ = self.machine(self._testMethodName)
        self.folder = self.machine_.checkout("small")
        self.pipe = Pipe(self.machine_.root / "pipe")
        self.addCleanup(self.pipe.close)

    def watch(self, *words, script=TELL):
        """A running watch, killed at the end of the test if it still runs."""
        process = self.machine_.start([folders.CLIENT, "watch", *words, "--", "sh", "-c", script, self.pipe.path], self.folder)
        self.addCleanup(self.end, process)
        return process

    @staticmethod
    def end(process):
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()

    def stop(self, process, how=signal.SIGTERM):
        process.send_signal(how)
        result = self.machine_.finish(process)
        self.assertEqual(result.code, 128 + how, result.said())
        return result

    def write(self, file, text, mode="a"):
        with (self.folder / file).open(mode, encoding="utf-8") as out:
            out.write(text)

    def recipe(self):
        result = self.machine_.run([folders.CLIENT, "recipe"], self.folder)
        self.assert_ok(result)
        return result.out.strip()

    def test_looks_where_packages_outside_inherit_from(self):
        machine = self.machine(f"{self._testMethodName} far", has_crates=True)
        libs = machine.work / "libs"
        root = '[workspace]\nmembers = ["deep/far"]\n[workspace.dependencies]\nfnv = { version = "1", default-features = false }\n'
        (libs / "deep/far/src").mkdir(parents=True)
        (libs / "Cargo.toml").write_text(root)
        (libs / "deep/far/Cargo.toml").write_text('[package]\nname = "far"\nversion = "0.1.0"\nedition = "2021"\n'
                                                  "[dependencies]\nfnv.workspace = true\n")
        (libs / "deep/far/src/lib.rs").write_text("")
        self.machine_ = machine
        self.folder = lock_package(machine, write_package(machine.work / "tiny", 'far = { path = "../libs/deep/far" }', "0"))
        process = self.watch()
        self.assertTrue(self.pipe.next().endswith("|first run"))
        # Else the look after the first run would find the change as well.
        wait_until(lambda: is_watched(process.pid, libs))
        (libs / "Cargo.toml").write_text(root.replace("default-features = false", "default-features = true"))
        self.assertIn("default-features", self.pipe.next())
        self.stop(process)

    def test_runs_for_meaning_and_not_for_bytes(self):
        first = self.recipe()
        process = self.watch()
        self.assertEqual(self.pipe.next(), f"|{first}|first run")
        # Were one of these a change, the next record would be about it.
        self.write("Cargo.toml", "# words that mean nothing\n")
        self.write("app/src/main.rs", "// more words\n")
        self.write("app/Cargo.toml", "\n[profile.dev]\nopt-level = 3\n[badges]\n")
        self.write("Cargo.toml", "[profile.dev]\nopt-level = 1\n")
        old, new, reason = self.pipe.next().split("|", 2)
        self.assertEqual(old, first)
        self.assertNotEqual(new, first)
        self.assertTrue(reason.startswith("profile.settings: "), reason)
        self.assertEqual(new, self.recipe())
        self.stop(process)
        self.assertTrue(self.pipe.is_empty())

    def test_a_configuration_that_comes_later_is_seen(self):
        process = self.watch()
        self.pipe.next()
        (self.folder / ".cargo").mkdir()
        self.write(".cargo/config.toml", '[build]\nrustflags = ["-Copt-level=2"]\n')
        self.assertIn("rustflags: (none) -> ", self.pipe.next())
        self.stop(process)

    def test_a_new_member_is_seen(self):
        process = self.watch()
        self.pipe.next()
        self.write("Cargo.toml", (self.folder / "Cargo.toml").read_text(encoding="utf-8").replace(
            'members = ["app", ', 'members = ["extra", "app", '), "w")
        # The workspace cannot be read before the member is there.
        errors = self.machine_.read_errors_until(process, "waiting: ")
        (self.folder / "extra/src").mkdir(parents=True)
        self.write("extra/src/lib.rs", "")
        self.write("extra/Cargo.toml", '[package]\nname = "extra"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\nitoa = "1"\n')
        lock = (self.folder / "Cargo.lock").read_text(encoding="utf-8")
        self.write("Cargo.lock", lock + '\n[[package]]\nname = "extra"\nversion = "0.1.0"\ndependencies = [\n "itoa",\n]\n', "w")
        self.assertIn("extra", self.pipe.next())
        self.assertIn("waiting", errors)
        self.stop(process)

    def test_an_edit_half_written_is_waited_for(self):
        process = self.watch()
        first = self.pipe.next().split("|")[1]
        whole = (self.folder / "Cargo.toml").read_text(encoding="utf-8")
        self.write("Cargo.toml", "[profile.dev\n")
        self.machine_.read_errors_until(process, "waiting: ")
        self.write("Cargo.toml", whole + "[profile.dev]\nopt-level = 1\n", "w")
        old, _, reason = self.pipe.next().split("|", 2)
        self.assertEqual(old, first)
        self.assertTrue(reason.startswith("profile.settings: "), reason)
        self.stop(process)

    def test_a_git_checkout_there_and_back_is_two_changes(self):
        git = ["git", "-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"]
        def run(*words):
            self.assert_ok(self.machine_.run([*git, *words], self.folder))
        run("init", "-q")
        run("add", "-A")
        run("commit", "-q", "-m", "one")
        run("checkout", "-q", "-b", "other")
        self.write("Cargo.toml", "[profile.dev]\nopt-level = 1\n")
        run("commit", "-q", "-a", "-m", "two")
        process = self.watch()
        other = self.pipe.next().split("|")[1]
        run("checkout", "-q", "main")
        old, new, _ = self.pipe.next().split("|", 2)
        self.assertEqual(old, other)
        run("checkout", "-q", "other")
        self.assertEqual(self.pipe.next().split("|")[:2], [new, other])
        self.stop(process)

    def test_a_failing_command_is_run_again_until_it_does_not(self):
        script = TELL + '; echo x >> "$0.runs"; [ "$(wc -l < "$0.runs")" -ge 3 ]'
        process = self.watch(script=script)
        records = [self.pipe.next() for _ in range(3)]
        self.assertEqual(len(set(records)), 1)
        self.assertTrue(records[0].endswith("|first run"), "what failed is still to be done")
        # The third was a success: it is known to the next one.
        self.write("Cargo.toml", "[profile.dev]\nopt-level = 1\n")
        self.assertEqual(self.pipe.next().split("|")[0], records[0].split("|")[1])
        self.stop(process)

    def test_a_hopeless_command_is_given_up_until_something_changes(self):
        process = self.watch("--retries", "1", script=TELL + "; exit 9")
        first, again = self.pipe.next(), self.pipe.next()
        self.assertEqual(first, again)
        self.machine_.read_errors_until(process, "not run again until the recipe changes")
        self.assertTrue(self.pipe.is_empty())
        self.write("Cargo.toml", "[profile.dev]\nopt-level = 1\n")
        self.assertNotEqual(self.pipe.next().split("|")[1], first.split("|")[1])
        self.stop(process)

    def test_changes_during_a_run_are_seen_after_it(self):
        go = Pipe(self.machine_.root / "pipe.go")
        self.addCleanup(go.close)
        process = self.watch(script=TELL + '; read -r _ < "$0.go"')
        first = self.pipe.next().split("|")[1]
        self.write("Cargo.toml", "[profile.dev]\nopt-level = 1\n")
        self.write("Cargo.toml", "debug = 0\n")
        go.send(b"\n")
        old, new, _ = self.pipe.next().split("|", 2)
        self.assertEqual(old, first)
        self.assertEqual(new, self.recipe(), "both changes are in one run")
        go.send(b"\n")
        self.stop(process)
        self.assertTrue(self.pipe.is_empty())

    def test_a_signal_ends_the_command_too(self):
        for how in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(how.name):
                process = self.watch("--state", f"state-{how}", script='printf "%s\\0" "$$" > "$0"; exec tail -f /dev/null')
                child = int(self.pipe.next())
                self.stop(process, how)
                self.assertRaises(ProcessLookupError, os.kill, child, 0)

    def test_once_says_unchanged_across_runs(self):
        self.assert_ok(self.machine_.finish(self.watch("--once")))
        self.pipe.next()
        second = self.machine_.finish(self.watch("--once"))
        self.assert_ok(second)
        self.assertIn("unchanged", second.err)
        self.assertTrue(self.pipe.is_empty())
        self.write("Cargo.toml", "[profile.dev]\nopt-level = 1\n")
        self.assert_ok(self.machine_.finish(self.watch("--once")))
        self.assertIn("profile.settings", self.pipe.next())


if __name__ == "__main__":
    main()
