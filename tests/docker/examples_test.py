#!/usr/bin/env python3
"""The example services: built through depcache, started, asked, measured."""
import json
import os
import subprocess
import urllib.error
import urllib.request

from harness import engine, paths
from harness.aws import REGION, FakeAws, free_port
from harness.case import Case, main

TARGET = "x86_64-unknown-linux-gnu"  # the stand-in toolchain has no musl
PCF = paths.EXAMPLES / "pcf-api"
MSD = paths.EXAMPLES / "msd-metrics"


class Examples(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        cls.args = {"RUST_IMAGE": engine.rust_image(), "DEPCACHE_CLIENT_IMAGE": cls.client_image(),
                    "DEPCACHE_SERVER": cls.server.address, "TARGET": TARGET}
        cls.secret = ["--secret", f"id=depcache_token,src={cls.server.token_file}"]

    def assert_hit(self, build):
        self.assertRegex(build.log, r"depcache: hit [0-9a-f]+: \d+ units restored")

    def ask(self, port, path, data=None):
        request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", data=data,
                                         headers={"content-type": "application/json"})
        return urllib.request.urlopen(request, timeout=30).read().decode()


class PcfApi(Examples):
    stand_ins = (engine.rust_image(),)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.image("pcf-api")
        cls.build = engine.build(PCF, PCF / "Dockerfile", cls.tag, cls.args, cls.secret)

    def test_it_serves_and_calls_out_with_the_copied_certificates(self):
        port = free_port()
        name = self.container(self.tag, flags=[
            "--network=host", "--read-only", "--cap-drop=ALL", "--health-interval=1s", "-e", f"PORT={port}",
            "-e", "UPSTREAM_URL=https://index.crates.io/config.json"])
        engine.wait_healthy(name)
        self.assertEqual(self.ask(port, "/healthz"), "ok\n")
        self.assertEqual(json.loads(self.ask(port, "/v1/items", b'"first"')), {"id": 1, "name": "first"})
        self.assertEqual(json.loads(self.ask(port, "/v1/items")), [{"id": 1, "name": "first"}])
        self.assertEqual(json.loads(self.ask(port, "/v1/upstream"))["status"], 200)
        self.assertEqual(engine.run("top", name, "-o", "pid,uid").stdout.split()[-1], "1000")
        engine.run("stop", name)
        self.assertEqual(engine.inspect(name, "container")["State"]["ExitCode"], 0)

    def test_without_the_certificates_the_call_fails(self):
        port = free_port()
        name = self.container(self.tag, flags=[
            "--network=host", "--health-interval=1s", "-e", f"PORT={port}", "-e", "SSL_CERT_FILE=/none",
            "-e", "UPSTREAM_URL=https://index.crates.io/config.json"])
        engine.wait_healthy(name)
        with self.assertRaisesRegex(urllib.error.HTTPError, "502"):
            self.ask(port, "/v1/upstream")

    def test_the_image_is_as_its_document_says(self):
        found = engine.inspect(self.tag)
        self.assertLess(found["Size"], 50_000_000)
        config = found["Config"]
        self.assertEqual((config["User"], config["Entrypoint"]), ("1000", ["/pcf-api"]))
        self.assertIn("TZ=UTC", config["Env"])
        second = 1_000_000_000
        self.assertEqual(config["Healthcheck"], {
            "Test": ["CMD", "/pcf-api", "healthcheck"], "Interval": 30 * second, "Timeout": 3 * second,
            "StartPeriod": 5 * second, "Retries": 3})

    def test_the_second_build_restores(self):
        again = engine.build(PCF, PCF / "Dockerfile", self.image("pcf-warm"), self.args, [*self.secret, "--no-cache"])
        self.assert_hit(again)
        self.assertEqual(again.crates(), ["pcf-api"])


class MsdMetrics(Examples):
    stand_ins = (engine.rust_image(), "alpine:3.19")

    def build_sh(self, *words, **variables):
        arguments = [f for name, value in self.args.items() if name not in ("TARGET", "DEPCACHE_SERVER")
                     for f in ("--build-arg", f"{name}={value}")]
        environment = {**engine.ENVIRONMENT, "TARGET": TARGET, "DEPCACHE_SERVER": self.server.address,
                       "DEPCACHE_TOKEN_FILE": str(self.server.token_file), "TMPDIR": str(self.folder / "tmp"),
                       "PATH": f"{self.folder}/bin:{os.environ['PATH']}", **variables}
        return subprocess.run([MSD / "build.sh", *arguments, *words], env=environment, capture_output=True, text=True)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.folder / "tmp").mkdir()
        (cls.folder / "bin").mkdir()
        (cls.folder / "bin/docker").symlink_to(engine.DOCKER)
        cls.tag = f"test-{os.getpid()}"
        cls.ecr = "123456789012.dkr.ecr.us-west-2.amazonaws.com"
        cls.tags = (f"msd-metrics:{cls.tag}", f"{cls.ecr}/msd-metrics:{cls.tag}")
        cls.undo(engine.remove, *cls.tags)
        cls.built = cls.build_sh(cls, IMAGE_TAG=cls.tag, ECR_REGISTRY=cls.ecr)
        if cls.built.returncode != 0:
            raise AssertionError(cls.built.stdout + cls.built.stderr[-6000:])

    def test_build_sh_tags_and_cleans_up(self):
        for tag in self.tags:
            self.assertTrue(engine.has_image(tag), tag)
        self.assertEqual(list((self.folder / "tmp").iterdir()), [])

    def test_build_sh_checks_its_sources(self):
        result = self.build_sh(SOURCE_DIR="/nowhere")
        self.assertEqual(result.returncode, 1)
        self.assertIn("build.sh: source directory '/nowhere' does not exist", result.stderr)
        result = self.build_sh(SOURCE_DIR=str(self.folder))
        self.assertIn("has no Cargo.toml", result.stderr)

    def test_build_sh_cleans_up_after_a_failure(self):
        result = self.build_sh("--target", "no-such-stage", IMAGE_TAG="never")
        self.assertEqual(result.returncode, 1)
        self.assertIn("build.sh: docker build failed", result.stderr)
        self.assertFalse(engine.has_image("msd-metrics:never"))
        self.assertEqual(list((self.folder / "tmp").iterdir()), [])

    def test_the_image_is_as_its_document_says(self):
        config = engine.inspect(self.tags[0])["Config"]
        self.assertEqual(config["User"], "1001:1001")
        second = 1_000_000_000
        self.assertEqual(config["Healthcheck"], {
            "Test": ["CMD", "pgrep", "-x", "msd-metrics"], "Interval": 60 * second, "Timeout": 5 * second,
            "StartPeriod": 30 * second, "Retries": 3})
        size = engine.layer_bytes_above(self.tags[0], "alpine:3.19") + engine.REAL_ALPINE_BYTES
        self.assertLess(size, 20_000_000)
        self.assertNotIn("openssl-sys", (MSD / "Cargo.lock").read_text())

    def test_it_publishes(self):
        aws = FakeAws(self.folder)
        self.addCleanup(aws.stop)
        gauge = self.folder / "players"
        gauge.write_text("17\n")
        variables = {**aws.environment, "AWS_REGION": REGION, "INSTANCE_ID": "i-test", "INTERVAL_SECONDS": "1",
                     "GAUGE_FILE": "/players"}
        flags = ["--network=host", "--read-only", "--health-interval=1s", "-v", f"{gauge}:/players:ro"]
        flags += [word for pair in variables.items() for word in ("-e", "=".join(pair))]
        name = self.container(self.tags[0], flags=flags)
        logs = subprocess.Popen([engine.DOCKER, "logs", "-f", name], stdout=subprocess.PIPE, text=True)
        self.addCleanup(logs.communicate)
        self.addCleanup(logs.kill)
        published = [line for _, line in zip(range(3), filter(lambda l: "published" in l, logs.stdout))]
        self.assertRegex(published[-1], r" published 6 figures")
        engine.wait_healthy(name)
        metrics = aws.aws("cloudwatch", "list-metrics", "--namespace", "MinecraftDashboard")["Metrics"]
        self.assertEqual({m["MetricName"] for m in metrics}, {
            "CPUUtilization", "MemoryUsedMB", "MemoryUtilization", "NetworkBytesSent", "NetworkBytesReceived",
            "ActivePlayers"})
        self.assertEqual(metrics[0]["Dimensions"], [{"Name": "InstanceId", "Value": "i-test"}])
        engine.run("stop", name)
        self.assertEqual(engine.inspect(name, "container")["State"]["ExitCode"], 0)

    def test_a_missing_variable_is_named(self):
        result = engine.run("run", "--rm", self.tags[0], check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("INSTANCE_ID is not set", result.stderr)


del Examples
if __name__ == "__main__":
    main()
