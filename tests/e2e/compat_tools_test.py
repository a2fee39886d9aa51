#!/usr/bin/env python3
"""Other compiler caches as the user's wrapper: rows of docs/compatibility.md."""
import contextlib
import json
import os
import re
import socket
import subprocess

from harness import crates_io
from harness.case import main
from harness.compat import CompatCase, tiny

SIMPLE = tiny('itoa = "1"\nfnv = "1"')


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Tools(CompatCase):
    def check_tool(self, variables, count_members):
        """It is in no key, since it leaves outputs as they are; it goes on working for members. A compile in a
        process of the tool's own is not seen by the tests, so what is asked of it is counted by the tool."""
        wrapped = SIMPLE.but(variables=variables)
        first = self.row_machine("A", has_crates=True)
        folder = self.write(first, wrapped)
        self.cold = self.cook(first, folder, wrapped)
        self.assert_ok(self.cold)
        self.assertEqual((self.cold.units["built"], self.cold.units["shared"]), (2, 2), self.cold.said())
        self.assertTrue(self.cold.summary["layer_recorded"], self.cold.said())
        self.lock = (folder / "Cargo.lock").read_text()
        first.vanish()
        with count_members():
            self.restore(wrapped)
        self.restore(SIMPLE, "without it")
        self.change(SIMPLE.but(variables={"RUSTFLAGS": "--cfg two"}), {"fnv", "itoa"})

    def test_sccache(self):
        program = crates_io.binary("sccache")
        variables = {"RUSTC_WRAPPER": str(program), "SCCACHE_SERVER_PORT": str(free_port()),
                     "SCCACHE_DIR": str(self.scratch / "sccache")}

        def sccache(*words):
            return subprocess.run([program, *words], env={**os.environ, **variables}, check=True, capture_output=True,
                                  text=True).stdout

        def counted():
            stats = json.loads(sccache("--show-stats", "--stats-format=json"))["stats"]
            return stats["compile_requests"] - stats["requests_not_compile"], stats["cache_misses"]["counts"].get("Rust", 0)

        @contextlib.contextmanager
        def count_members():
            requests, misses = counted()
            self.assertEqual(misses, 2)
            yield
            now = counted()
            sccache("--stop-server")
            # It compiles programs, and keeps libraries alone: none was compiled.
            self.assertGreater(now[0], requests)
            self.assertEqual(now[1], misses)

        self.check_tool(variables, count_members)

    def test_kache(self):
        program = crates_io.binary("kache")
        store = self.scratch / "kache"
        variables = {"RUSTC_WRAPPER": str(program), "KACHE_CACHE_DIR": str(store)}
        environment = {**os.environ, **variables}

        def crates():
            said = subprocess.run([program, "list", "--json"], env=environment, check=True, capture_output=True, text=True)
            return sorted(re.findall(r'"crate_name": *"(\w+)"', said.stdout))

        @contextlib.contextmanager
        def count_members():
            self.assertEqual(crates(), ["fnv", "itoa"])
            yield
            self.assertEqual(crates(), ["fnv", "itoa", "tiny"])
            subprocess.run([program, "daemon", "stop"], env=environment, check=True, capture_output=True)

        self.check_tool(variables, count_members)


if __name__ == "__main__":
    main()
