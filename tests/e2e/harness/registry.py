"""A sparse registry of the tests' own, served on loopback."""
import functools
import gzip
import hashlib
import http.server
import io
import json
import tarfile
import threading


class _Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass


class SparseRegistry:
    """Index and archives below `folder`. `source` is what a lock calls it; `index` what configuration does.
    close() ends it; open() serves the same again, on the same port."""

    def __init__(self, folder):
        self.folder = folder
        (folder / "index").mkdir(parents=True)
        self.port = 0
        self.open()
        self.index = f"sparse+http://127.0.0.1:{self.port}/index/"
        self._write("index/config.json", json.dumps({"dl": f"http://127.0.0.1:{self.port}/crates/{{crate}}/{{version}}.crate",
                                                     "api": f"http://127.0.0.1:{self.port}/api"}))

    def open(self):
        handler = functools.partial(_Handler, directory=self.folder)
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), handler)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever)
        self._thread.start()

    def close(self):
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None

    def publish(self, name, version, files, deps=()):
        """`files`: path -> text; the manifest is made. `deps`: (name, requirement) of this same registry."""
        manifest = f'[package]\nname = "{name}"\nversion = "{version}"\nedition = "2021"\n\n[dependencies]\n'
        manifest += "".join(f'{dep} = "{requirement}"\n' for dep, requirement in deps)
        plain = io.BytesIO()
        with tarfile.open(fileobj=plain, mode="w", format=tarfile.GNU_FORMAT) as archive:
            for path, text in {"Cargo.toml": manifest, **files}.items():
                entry = tarfile.TarInfo(f"{name}-{version}/{path}")
                entry.size = len(text.encode())
                archive.addfile(entry, io.BytesIO(text.encode()))
        data = gzip.compress(plain.getvalue(), mtime=0)
        self._write(f"crates/{name}/{version}.crate", data)
        line = json.dumps({"name": name, "vers": version, "deps": [
            {"name": dep, "req": requirement, "features": [], "optional": False, "default_features": True,
             "target": None, "kind": "normal"} for dep, requirement in deps],
            "cksum": hashlib.sha256(data).hexdigest(), "features": {}, "yanked": False})
        path = self.folder / "index" / self._index_path(name)
        before = path.read_text() if path.exists() else ""
        self._write(f"index/{self._index_path(name)}", before + line + "\n")

    @staticmethod
    def _index_path(name):
        return f"3/{name[0]}/{name}" if len(name) == 3 else f"{name[:2]}/{name[2:4]}/{name}"

    def _write(self, path, content):
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content if isinstance(content, bytes) else content.encode())
