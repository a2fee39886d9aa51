#!/usr/bin/env python3
"""Other compiler caches as the user's wrapper: rows of docs/compatibility.md."""
import json
import socket

from harness import crates_io
from harness.case import main
from harness.compat import CompatCase, tiny

SIMPLE = tiny('itoa = "1"\nfnv = "1"')


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Tools(CompatCase):
    def check_tool(self, variables, members_seen):
        """It is in no key, since it leaves outputs as they are; it goes on working for members."""
        wrapped = SIMPLE.but(variables=variables)
        self.share(wrapped)
        machine, folder = self.restore(wrapped)
        self.assertGreater(members_seen(machine, folder), 0)
        self.restore(SIMPLE, "without it")
        self.change(SIMPLE.but(variables={**variables, "RUSTFLAGS": "--cfg two"}), {"fnv", "itoa"})

    def test_sccache(self):
        program = crates_io.binary("sccache")
        variables = {"RUSTC_WRAPPER": str(program), "SCCACHE_SERVER_PORT": str(free_port()),
                     "SCCACHE_DIR": str(self.scratch / "sccache")}

        def sccache(machine, folder, *words):
            result = machine.run([program, *words], folder, **variables)
            self.assert_ok(result)
            return result.out

        def members_seen(machine, folder):
            counted = json.loads(sccache(machine, folder, "--show-stats", "--stats-format=json"))["stats"]
            sccache(machine, folder, "--stop-server")
            return counted["cache_misses"]["counts"].get("Rust", 0)

        self.check_tool(variables, members_seen)

    def test_kache(self):
        program = crates_io.binary("kache")

        def store(machine, _):
            return machine.root / "kache"

        def members_seen(machine, folder):
            machine.run([program, "daemon", "stop"], folder, KACHE_CACHE_DIR=store(machine, folder))
            return sum(file.is_file() for file in (store(machine, folder)).rglob("*"))

        self.check_tool({"RUSTC_WRAPPER": str(program), "KACHE_CACHE_DIR": store}, members_seen)


if __name__ == "__main__":
    main()
