#!/usr/bin/env python3
"""The images of server and client, and the compose file."""
import json
import os
import subprocess
import tarfile

from harness import engine, paths
from harness.aws import free_port
from harness.case import Case, main

COMPOSE = paths.DEPLOY / "compose.yaml"


class OwnImages(Case):
    stand_ins = ("debian:bookworm-slim", "gcr.io/distroless/cc")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client = cls.client_image()
        cls.server_tag = cls.image("server")
        binary = paths.binary("depcache-server").relative_to(paths.ROOT)
        engine.build(paths.ROOT, paths.DEPLOY / "server.Dockerfile", cls.server_tag, {"BINARY": binary})

    def doctor(self, port):
        """What the client finds out about the server at a port."""
        said = subprocess.run([paths.binary("depcache-client"), "doctor", "--json"], text=True, capture_output=True,
                              env={**os.environ, "DEPCACHE_SERVER": f"127.0.0.1:{port}"}, cwd=self.folder)
        return {finding["what"]: finding["ok"] for finding in json.loads(said.stdout)["findings"]}

    def test_the_client_image_is_one_static_file(self):
        archive = self.folder / "client.tar"
        container = engine.run("create", self.client).stdout.strip()
        self.addCleanup(engine.run, "rm", container)
        engine.run("export", "-o", archive, container)
        with tarfile.open(archive) as files:
            ours = [m.name for m in files if m.isfile() and not m.name.startswith(("dev/", "etc/", ".dockerenv"))]
        self.assertEqual(ours, ["depcache-client"])
        self.assertRegex(engine.run("run", "--rm", self.client, "--version").stdout, r"^depcache-client \d")
        self.assertEqual(engine.inspect(self.client)["Config"]["User"], "65532:65532")

    def test_the_server_is_healthy_small_and_not_root(self):
        port = free_port()
        name = self.container(self.server_tag, flags=[
            "--network=host", "--read-only", "--cap-drop=ALL", "--health-interval=1s",
            "-e", f"DEPCACHED_LISTEN=127.0.0.1:{port}"])
        engine.wait_healthy(name)
        found = self.doctor(port)
        self.assertTrue(found["server"] and found["access"], found)
        self.assertEqual(engine.inspect(name, "container")["Config"]["User"], "65532:65532")
        uid = engine.run("top", name, "-o", "pid,uid").stdout.split()[-1]
        self.assertEqual(uid, "65532")
        above = engine.layer_bytes_above(self.server_tag, "gcr.io/distroless/cc")
        self.assertLess(above + engine.REAL_CC_BYTES, 60_000_000)
        self.assertEqual(engine.inspect(self.server_tag)["Config"]["Volumes"], {"/data": {}})

    def test_a_server_that_hangs_is_unhealthy(self):
        port = free_port()
        name = self.container(self.server_tag, flags=[
            "--network=host", "--health-interval=1s", "-e", f"DEPCACHED_LISTEN=127.0.0.1:{port}"])
        engine.wait_healthy(name)
        check = ("exec", name, "/usr/local/bin/depcache-server", "--check-health")
        engine.run("kill", "--signal=STOP", name)
        self.assertEqual(engine.run(*check, check=False).returncode, 1)
        engine.run("kill", "--signal=CONT", name)
        self.assertEqual(engine.run(*check).returncode, 0)

    def test_beyond_loopback_it_wants_tokens_and_tls(self):
        result = engine.run("run", "--rm", self.server_tag, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("tokens", result.stderr)

    def test_compose_starts_the_server_and_keeps_its_data(self):
        port = free_port()
        project = f"depcache-test-{os.getpid()}"
        environment = {**engine.ENVIRONMENT, "DEPCACHE_SERVER_IMAGE": self.server_tag, "DEPCACHE_PORT": str(port)}

        def compose(*words):
            return subprocess.run(["docker-compose", "-f", COMPOSE, "-p", project, *words], env=environment,
                                  check=True, capture_output=True, text=True).stdout

        self.addCleanup(compose, "down", "--volumes")
        self.assertIn("coordinator", compose("--profile", "colony", "config", "--services"))
        compose("up", "-d", "server")
        container = compose("ps", "-q", "server").strip()
        engine.wait_healthy(container)
        self.assertTrue(self.doctor(port)["server"])
        started = engine.run("logs", container).stdout
        self.assertIn(f"listens on 127.0.0.1:{port}", started)
        compose("restart", "server")
        self.assertEqual(engine.inspect(container, "container")["State"]["ExitCode"], 0)
        mounts = engine.inspect(container, "container")["Mounts"]
        self.assertEqual([m["Name"] for m in mounts], [f"{project}_depcache-data"])


if __name__ == "__main__":
    main()
