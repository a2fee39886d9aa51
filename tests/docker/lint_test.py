#!/usr/bin/env python3
"""The files of deploy/ and the Dockerfiles are clean, and say what others rely on. Needs no engine."""
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import unittest

from harness import paths, tools

SHELL = [*paths.DEPLOY.rglob("*.sh"), *paths.DOCKER_TESTS.rglob("*.sh"),
         *[paths.DOCKER_TESTS / "stand-ins" / name for name in ("apk", "busybox-user", "counting-rustc", "docker-buildx")]]
DOCKERFILES = [*paths.ROOT.glob("Dockerfile*"), *paths.DEPLOY.rglob("*Dockerfile"), *paths.DOCKER_TESTS.rglob("*Dockerfile")]


class Lint(unittest.TestCase):
    def assert_clean(self, *words):
        result = subprocess.run(list(map(str, words)), cwd=paths.ROOT, capture_output=True, text=True)
        self.assertEqual((result.returncode, result.stdout + result.stderr), (0, ""))

    def test_shellcheck(self):
        self.assertGreater(len(SHELL), 10)
        self.assert_clean("shellcheck", "-x", *SHELL)

    def test_hadolint(self):
        files = [file for file in DOCKERFILES if file.suffix != ".dockerignore"]
        self.assertGreater(len(files), 8)
        self.assert_clean(tools.find("hadolint"), "--no-color", *files)

    def test_actionlint(self):
        """PyPI's package downloads the program from GitHub; where that is out of reach this says so. The
        schema and zizmor judge the same file everywhere."""
        if shutil.which("actionlint") is None:
            try:
                socket.create_connection(("github.com", 443), timeout=10).close()
            except OSError as error:
                self.skipTest(f"actionlint cannot be installed here: {error}")
        self.assert_clean(tools.find("actionlint"), "-no-color", paths.DEPLOY / "ci/github.yml")

    def assert_accepts(self, *words):
        result = subprocess.run(list(map(str, words)), capture_output=True, text=True)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)

    def test_zizmor(self):
        self.assert_accepts(tools.find("zizmor"), "--offline", "--format=plain", paths.DEPLOY / "ci/github.yml")

    def test_pipelines_follow_their_schemas(self):
        for schema, file in (("github-workflows", "github.yml"), ("gitlab-ci", "gitlab.yml")):
            self.assert_accepts(tools.find("check-jsonschema"), "--builtin-schema", f"vendor.{schema}",
                                paths.DEPLOY / "ci" / file)

    def test_every_step_of_the_pipelines_is_a_script_of_this_tree(self):
        for file in ("github.yml", "gitlab.yml"):
            text = (paths.DEPLOY / "ci" / file).read_text()
            scripts = set(re.findall(r"deploy/[a-z/-]+\.sh", text))
            self.assertEqual(scripts, {"deploy/ci/base-if-changed.sh", "deploy/ci/build-colony.sh",
                                       "deploy/ci/scan.sh", "deploy/build-and-push-colony.sh"})
            for script in scripts:
                self.assertTrue((paths.ROOT / script).stat().st_mode & 0o100, script)

    def test_the_unit_is_what_systemd_knows(self):
        unit = (paths.DEPLOY / "systemd/depcache-server.service").read_text()
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "depcache-server.service"
            # The server is not installed here.
            file.write_text(re.sub(r"^ExecStart=\S+", "ExecStart=/bin/true", unit, flags=re.M))
            self.assert_clean("systemd-analyze", "verify", "--man=no", file)

    def test_the_deployment_keeps_no_right(self):
        text = (paths.DEPLOY / "examples/pcf-api/k8s/deployment.yaml").read_text()
        self.assertRegex(text, r"capabilities:\s+drop:\s+- ALL\n")
        for setting in ("runAsNonRoot: true", "runAsUser: 1000", "allowPrivilegeEscalation: false",
                        "readOnlyRootFilesystem: true", "automountServiceAccountToken: false"):
            self.assertIn(setting, text)

    def test_both_ignore_files_are_one(self):
        base, colony = (paths.ROOT / f"{name}.dockerignore" for name in ("Dockerfile.base", "Dockerfile"))
        self.assertEqual(base.read_text(), colony.read_text())

    def test_no_dockerfile_needs_a_frontend_that_is_pulled(self):
        for file in DOCKERFILES:
            self.assertNotIn("# syntax", file.read_text(), file)

    def test_both_ways_prepare_their_stage_alike(self):
        """The stage `none` of Dockerfile is the stage `chef` of Dockerfile.base."""
        def stage(file, name):
            text = (paths.ROOT / file).read_text()
            lines = text[text.index(f" AS {name}\n"):].split("\n\n")[0].splitlines()[1:]
            return [line for line in lines if not line.startswith("#")]
        self.assertEqual(stage("Dockerfile", "none"), stage("Dockerfile.base", "chef"))


if __name__ == "__main__":
    unittest.main(verbosity=2)
