"""A depcache-server of this tree, on loopback."""
import hashlib
import pathlib
import signal
import subprocess

from . import paths

TOKEN = "tok-4f1d9c77b2a84e0d8d0b7a3c-in-no-layer"


class Server:
    """Keeps its port and its data over stop and start."""

    def __init__(self, folder, has_tokens=True):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.log = self.folder / "log"
        self.token_file = self.folder / "token"
        self.token_file.write_text(TOKEN + "\n")
        self.port = 0
        self.arguments = []
        if has_tokens:
            table = self.folder / "tokens.toml"
            digest = hashlib.sha256(TOKEN.encode()).hexdigest()
            table.write_text(f'[[token]]\nprincipal = "ci"\nsha256 = "{digest}"\nread = ["main"]\nwrite = ["main"]\n')
            self.arguments = ["--tokens", table]
        self.process = None

    @property
    def address(self):
        return f"127.0.0.1:{self.port}"

    def start(self):
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [paths.binary("depcache-server"), "--listen", self.address, "--data", self.folder / "data",
                 *self.arguments], stdout=subprocess.PIPE, stderr=log, text=True)
        line = self.process.stdout.readline()
        if "(port " not in line:
            raise AssertionError(f"the server did not start: {line}{self.log.read_text()}")
        self.port = int(line.rsplit("(port ", 1)[1].split(")")[0])
        return self

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stdout.close()

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=60)
        if self.process:
            self.process.stdout.close()
