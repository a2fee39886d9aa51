"""A real depcache-server on a port of its own."""
import hashlib
import re
import signal
import subprocess
import threading

from . import folders

START_SECONDS = 30
STOP_SECONDS = 30


class Server:
    """Runs until stop() or kill(); start() again serves the same data."""

    def __init__(self, folder, *flags):
        self.folder = folder
        self.data = folder / "data"
        self.flags = flags
        self.process = None
        self.port = 0
        folder.mkdir(parents=True, exist_ok=True)
        self.start()

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def start(self):
        """Returns when the server has said on which port it listens."""
        log = open(self.folder / "log", "ab")
        command = [folders.SERVER, "--listen", "127.0.0.1:0", "--data", self.data, *self.flags]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, text=True)
        log.close()
        # Ends the wait for the line below if the server hangs.
        watchdog = threading.Timer(START_SECONDS, self.process.kill)
        watchdog.start()
        line = self.process.stdout.readline()
        watchdog.cancel()
        found = re.search(r"\(port (\d+)\)", line)
        if not found:
            self.kill()
            raise RuntimeError(f"the server did not start: {line!r} {self.log()}")
        self.port = int(found.group(1))

    def stop(self):
        """Ends it as an operator would; returns its exit code."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(STOP_SECONDS)
        self.process.stdout.close()
        return code

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def log(self):
        return (self.folder / "log").read_text(encoding="utf-8", errors="replace")


def write_tokens(file, *entries):
    """Token file of entries (principal, token, read scopes, write scopes)."""
    text = ""
    for principal, token, read, write in entries:
        digest = hashlib.sha256(token.encode()).hexdigest()
        text += f'[[token]]\nprincipal = "{principal}"\nsha256 = "{digest}"\nread = {read}\nwrite = {write}\n'
    file.write_text(text.replace("'", '"'), encoding="utf-8")
    return file
