#!/usr/bin/env python3
"""The Go example: built through depcache, started, asked, and what its pipeline refuses."""
import json
import os
import re
import subprocess
import urllib.error
import urllib.request

from harness import engine, paths
from harness.case import Case, main

TASKY = paths.EXAMPLES / "tasky"
SECOND = 1_000_000_000


class Tasky(Case):
    stand_ins = ("golang:1.19", "alpine:3.17.0")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        cls.args = {"DEPCACHE_CLIENT_IMAGE": cls.client_image(), "DEPCACHE_SERVER": cls.server.address,
                    "VERSION": "v1.2.3", "EXERCISE_TEXT": "an exercise"}
        cls.secret = ["--secret", f"id=depcache_token,src={cls.server.token_file}"]
        cls.tag = cls.image("tasky")
        cls.cold = engine.build(TASKY, TASKY / "Dockerfile", cls.tag, cls.args, cls.secret)

    def start(self, *flags):
        """A running service with its port published on loopback; its name and address."""
        name = self.container(self.tag, flags=["-p", "127.0.0.1::8080", "--health-interval=1s", *flags])
        engine.wait_healthy(name)
        return name, engine.run("port", name, "8080").stdout.strip()

    def ask(self, address, path, data=None, token=""):
        request = urllib.request.Request(f"http://{address}{path}", data=data,
                                         headers={"authorization": f"Bearer {token}"})
        return urllib.request.urlopen(request, timeout=30).read().decode()

    def test_the_second_build_restores(self):
        self.assertRegex(self.cold.log, r"depcache: miss [0-9a-f]+: ")
        warm = engine.build(TASKY, TASKY / "Dockerfile", self.image("tasky-warm"), self.args,
                            [*self.secret, "--no-cache"])
        self.assertRegex(warm.log, r"depcache: hit [0-9a-f]+: \d+ units restored")

    def test_it_serves_pages_and_keeps_tasks(self):
        name, address = self.start("-e", "JWT_SECRET=s3cret")
        self.assertIn("<h1>Tasky</h1>", self.ask(address, "/"))
        self.assertEqual(json.loads(self.ask(address, "/api/status"))["version"], "v1.2.3")
        token = json.loads(self.ask(address, "/api/login", b'{"user":"ann"}'))["token"]
        self.ask(address, "/api/tasks", b'{"text":"one"}', token)
        self.assertEqual(json.loads(self.ask(address, "/api/tasks", token=token)), [{"id": 1, "text": "one"}])
        with self.assertRaisesRegex(urllib.error.HTTPError, "401"):
            self.ask(address, "/api/tasks", token="x" + token)
        logs = engine.run("logs", name)
        self.assertNotIn("s3cret", logs.stdout + logs.stderr)
        engine.run("stop", name)
        self.assertEqual(engine.inspect(name, "container")["State"]["ExitCode"], 0)

    def test_without_variables_it_starts_and_says_so(self):
        name, address = self.start()
        self.assertIn("Tasky", self.ask(address, "/"))
        with self.assertRaisesRegex(urllib.error.HTTPError, "503"):
            self.ask(address, "/api/login", b'{"user":"ann"}')
        logs = engine.run("logs", name).stderr
        self.assertIn("JWT_SECRET is not set", logs)
        self.assertIn("MONGODB_URI is not set", logs)

    def test_assets_can_be_mounted(self):
        assets = self.folder / "assets"
        assets.mkdir(exist_ok=True)
        (assets / "index.html").write_text("mine")
        _, address = self.start("-v", f"{assets}:/app/assets:ro")
        self.assertEqual(self.ask(address, "/"), "mine")

    def test_the_image_is_as_its_document_says(self):
        config = engine.inspect(self.tag)["Config"]
        self.assertEqual((config["User"], config["WorkingDir"], config["Entrypoint"]),
                         ("appuser", "/app", ["/app/tasky"]))
        self.assertEqual(list(config["ExposedPorts"]), ["8080/tcp"])
        self.assertEqual(config["Healthcheck"], {
            "Test": ["CMD-SHELL", "wget --no-verbose --tries=1 --spider http://localhost:8080/ || exit 1"],
            "Interval": 30 * SECOND, "Timeout": 3 * SECOND, "StartPeriod": 5 * SECOND, "Retries": 3})
        self.assertEqual(config["Labels"]["org.opencontainers.image.version"], "v1.2.3")
        size = engine.layer_bytes_above(self.tag, "alpine:3.17.0")
        self.assertLess(size, 11_000_000)
        who = engine.run("run", "--rm", "--entrypoint", "sh", self.tag, "-c",
                         "whoami; cat wizexercise.txt; stat -c %U tasky assets wizexercise.txt .").stdout.split("\n")
        self.assertEqual(who[:2], ["appuser", "an exercise"])
        self.assertEqual(set(who[2:-1]), {"appuser"})
        history = engine.run("history", "--no-trunc", self.tag).stdout
        self.assertNotIn(self.server.token_file.read_text().strip(), history + self.cold.log)


class Pipeline(Case):
    """The scripts that ci/github.yml runs, with docker and aws that note what they were asked."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bin = cls.folder / "pipeline-bin"
        cls.bin.mkdir()
        for tool, text in {
                "docker": 'echo "docker $*" >>"$LOG"; [ "$1" != login ] || cat >/dev/null\n',
                "aws": 'echo "aws $*" >>"$LOG"; case "$1" in sts) echo 123456789012 ;; ecr) echo pw ;; esac\n',
                "trivy": 'echo "trivy $*" >>"$LOG"; exit "${FOUND:-0}"\n'}.items():
            (cls.bin / tool).write_text("#!/bin/sh\n" + text)
            (cls.bin / tool).chmod(0o755)

    def step(self, name, **variables):
        """Runs the shell of one step of the file as the runner does; its exit code and its calls."""
        workflow = (TASKY / "ci/github.yml").read_text()
        command = re.search(rf"- name: {name}\n(?:        if: .*\n)?        run: (.*)", workflow).group(1)
        log = self.folder / f"log-{self.id()}-{name}"
        log.touch()
        env = {"PATH": f"{self.bin}:{os.environ['PATH']}", "LOG": str(log), "GITHUB_SHA": "abc123", "HOME": "/",
               "AWS_REGION": "us-east-1", "REPOSITORY": "wiz-exercise-tasky", "DEPCACHE_TOKEN": "tok",
               "DEPCACHE_SERVER": "cache:7450", **variables}
        result = subprocess.run(["bash", "-e", "-c", command], cwd=paths.ROOT, env=env, capture_output=True, text=True)
        return result.returncode, log.read_text()

    def test_a_build_hands_on_version_and_server_but_no_token(self):
        code, calls = self.step("Build", VERSION="v9")
        self.assertEqual(code, 0)
        self.assertIn("--build-arg VERSION=v9", calls)
        self.assertIn("--build-arg DEPCACHE_SERVER=cache:7450", calls)
        self.assertIn("-t tasky:abc123", calls)
        self.assertNotIn("tok ", calls.replace("depcache_token", ""))

    def test_critical_and_high_vulnerabilities_end_the_run(self):
        code, calls = self.step("Scan", FOUND="1")
        self.assertNotEqual(code, 0)
        self.assertIn("--severity CRITICAL,HIGH", calls)
        self.assertIn("--exit-code 1", calls)
        self.assertEqual(self.step("Scan")[0], 0)

    def test_only_main_pushes_and_only_after_the_scan(self):
        workflow = (TASKY / "ci/github.yml").read_text()
        self.assertLess(workflow.index("- name: Scan"), workflow.index("- name: Push"))
        self.assertIn("if: github.ref == 'refs/heads/main'\n        run: deploy/examples/tasky/ci/push.sh", workflow)
        code, calls = self.step("Push")
        self.assertEqual(code, 0)
        registry = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
        for name in ("abc123", "latest"):
            self.assertIn(f"docker push {registry}/wiz-exercise-tasky:{name}\n", calls)
        self.assertNotEqual(self.step("Push", REPOSITORY="")[0], 0)


if __name__ == "__main__":
    main()
