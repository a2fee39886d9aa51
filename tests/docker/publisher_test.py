#!/usr/bin/env python3
"""cloudwatch-publisher: what it publishes, when it fails and how it stops."""
import datetime
import json
import subprocess

from harness import engine, paths
from harness.aws import REGION, FakeAws
from harness.case import Case, main

FOLDER = paths.EXAMPLES / "cloudwatch-publisher"
FIGURES = {"hits": 41, "misses": 3, "bytes_served": 123456789, "compile_seconds_saved": 512.5, "disk_bytes": 7340032}
UNITS = {"Hits": ("hits", "Count"), "Misses": ("misses", "Count"), "BytesServed": ("bytes_served", "Bytes"),
         "CompileSecondsSaved": ("compile_seconds_saved", "Seconds"), "DiskUsed": ("disk_bytes", "Bytes")}


class Publisher(Case):
    stand_ins = ("alpine:3.19",)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tag = cls.image("publisher")
        engine.build(FOLDER, FOLDER / "Dockerfile", cls.tag, {"DEPCACHE_CLIENT_IMAGE": cls.client_image()})
        cls.aws = FakeAws(cls.folder)
        cls.undo(cls.aws.stop)
        cls.stats = cls.folder / "stats.json"
        cls.stats.write_text(json.dumps(FIGURES))

    def flags(self, **variables):
        variables = {**self.aws.environment, "AWS_REGION": REGION, "STATS_COMMAND": "cat /stats.json",
                     "DEPCACHE_SERVER": "127.0.0.1:7450", "BACKOFF_SECONDS": "0", **variables}
        return ["--network=host", "--read-only", "--cap-drop=ALL", "-v", f"{self.stats}:/stats.json:ro",
                *[word for pair in variables.items() for word in ("-e", "=".join(pair))]]

    def follow(self, name, *wanted):
        """The log until a line has each of `wanted`, in this order."""
        logs = subprocess.Popen([engine.DOCKER, "logs", "-f", name], stdout=subprocess.PIPE, text=True)
        seen = []
        try:
            for text in wanted:
                for line in logs.stdout:
                    seen.append(line)
                    if text in line:
                        break
                    self.assertNotIn(" ERROR ", line, "".join(seen))
                else:
                    self.fail(f"no line has {text!r}: {''.join(seen)}")
            return "".join(seen)
        finally:
            logs.kill()
            logs.communicate()

    def datapoints(self, namespace, metric, statistic="Maximum"):
        now = datetime.datetime.now(datetime.timezone.utc).replace(second=0, microsecond=0)
        hour = datetime.timedelta(hours=1)
        return self.aws.aws(
            "cloudwatch", "get-metric-statistics", "--namespace", namespace, "--metric-name", metric,
            "--statistics", statistic, "--period", "60", "--dimensions", "Name=Server,Value=127.0.0.1:7450",
            "--start-time", (now - hour).isoformat(), "--end-time", (now + hour).isoformat())["Datapoints"]

    def test_what_is_read_back_is_what_the_server_said(self):
        name = self.container(self.tag, flags=self.flags(NAMESPACE="Known"))
        log = self.follow(name, "published Hits=41")
        self.assertRegex(log, r"(?m)^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ INFO published")
        for metric, (figure, unit) in UNITS.items():
            points = self.datapoints("Known", metric)
            self.assertEqual([(p["Maximum"], p["Unit"]) for p in points], [(FIGURES[figure], unit)], metric)
        self.assertEqual(engine.run("top", name, "-o", "pid,uid").stdout.split()[3], "1002")
        engine.run("stop", name)
        self.assertEqual(engine.inspect(name, "container")["State"]["ExitCode"], 0)
        self.assertIn("INFO stopped", engine.run("logs", name).stdout)

    def test_it_publishes_again_on_the_minute(self):
        name = self.container(self.tag, flags=self.flags(NAMESPACE="Again"))
        log = self.follow(name, "published", "published")
        self.assertRegex(log.splitlines()[-1], r" for \d{4}-\d\d-\d\dT\d\d:\d\d:00Z$")
        # The fake's periods begin with the first datapoint, not with the minute.
        points = self.datapoints("Again", "Hits", "SampleCount")
        self.assertEqual(sum(point["SampleCount"] for point in points), 2)

    def test_it_tries_again_and_says_so(self):
        self.stats.write_text(json.dumps({**FIGURES, "misses": None}))
        self.addCleanup(self.stats.write_text, json.dumps(FIGURES))
        name = self.container(self.tag, flags=self.flags(NAMESPACE="Retry", MAX_ATTEMPTS="2"))
        log = self.follow(name, "not published at")
        self.assertIn("the statistics have no number misses", log)
        self.assertIn("WARNING attempt 1 of 2 failed", log)
        self.assertEqual(self.aws.aws("cloudwatch", "list-metrics", "--namespace", "Retry")["Metrics"], [])

    def test_bad_credentials_are_no_end(self):
        name = self.container(self.tag, flags=self.flags(AWS_SECRET_ACCESS_KEY="wrong", MAX_ATTEMPTS="1"))
        self.assertIn("SignatureDoesNotMatch", self.follow(name, "not published at"))
        self.assertTrue(engine.inspect(name, "container")["State"]["Running"])

    def test_wrong_settings_are_named(self):
        for variable, value in (("AWS_REGION", "nowhere"), ("NAMESPACE", "AWS/EC2"), ("SCHEDULE", "61 * * * *"),
                                ("METRICS", "hits"), ("DIMENSIONS", "x"), ("MAX_ATTEMPTS", "0")):
            result = engine.run("run", "--rm", *self.flags(**{variable: value}), self.tag, check=False)
            self.assertEqual((variable, result.returncode), (variable, 2))
            self.assertRegex(result.stdout, f"ERROR {variable} ")

    def test_the_image_is_small_and_knows_no_secret(self):
        above = engine.layer_bytes_above(self.tag, "alpine:3.19")
        client = engine.inspect(self.client_image())["Size"]
        stripped = 24_000_000  # the client of the release preset; others are larger
        self.assertLess(above - client + stripped + engine.REAL_ALPINE_BYTES, 100_000_000)
        self.assertEqual(engine.inspect(self.tag)["Config"]["User"], "1002:1002")
        self.assertNotIn("SECRET", json.dumps(engine.inspect(self.tag)))


if __name__ == "__main__":
    main()
