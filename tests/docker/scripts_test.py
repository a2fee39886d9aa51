#!/usr/bin/env python3
"""deploy/build-and-push-*.sh, unmodified, against a fake AWS and a real registry at ECR's own name."""
import os
import re
import shutil
import signal
import subprocess

from harness import engine, paths
from harness.aws import ACCOUNT, REGION, REGISTRY
from harness.case import main
from harness.script_case import BASE_URI, COLONY_URI, LOCAL_BASE, ScriptCase

BASE = paths.DEPLOY / "build-and-push-base.sh"
COLONY = paths.DEPLOY / "build-and-push-colony.sh"


class Scripts(ScriptCase):
    def assert_works(self, result):
        self.assertEqual(result.returncode, 0, result.out + result.err)

    def assert_fails(self, result, *lines):
        self.assertEqual(result.returncode, 1, result.out + result.err)
        plain = self.plain(result.err)
        self.assertEqual([line for line in plain if line in lines], list(lines), result.err)

    @staticmethod
    def plain(text):
        return re.sub(r"\033\[[0-9;]*m", "", text).splitlines()

    def make_base(self):
        if not engine.has_image(LOCAL_BASE):
            self.assert_works(self.run_script(BASE))

    def test_base_then_colony(self):
        engine.remove(LOCAL_BASE)
        base = self.run_script(BASE)
        self.assert_works(base)
        said = self.plain(base.out)
        self.assertIn(f"[INFO] AWS account {ACCOUNT}, region {REGION}", said)
        self.assertIn(f"[INFO] ECR URI: {BASE_URI}", said)
        self.assertRegex(base.out, r"\033\[0;32m\[INFO\]\033\[0m Build completed in \d+s")
        self.assertRegex(base.out, r"Push completed in \d+s")
        self.assertTrue(self.registry.has("distributed-colony-base"))
        self.assertIn("--platform linux/amd64 --load", self.buildx_log.read_text())

        colony = self.run_script(COLONY)
        self.assert_works(colony)
        said = self.plain(colony.out)
        self.assertEqual(said[-2], f"[INFO] ECR URI: {COLONY_URI}")
        self.assertRegex(said[-1], r"^\[WARNING\] .*CDK")
        self.assertIn(f"--build-arg BASE_IMAGE={LOCAL_BASE}", self.buildx_log.read_text())
        self.assert_repositories_are_as_specified()
        self.assertNotIn(self.server.token_file.read_text().strip(), base.out + base.err + colony.out + colony.err)

        # What CDK does: pull the exact URI where nothing is, and run it.
        engine.remove(COLONY_URI)
        pulled = subprocess.run(["docker", "pull", COLONY_URI], env=self.environment, capture_output=True, text=True)
        self.assertEqual(pulled.returncode, 0, pulled.stderr)
        self.assertEqual(engine.run("run", "--rm", COLONY_URI, "/usr/local/bin/tiny").stdout, "tiny 42\n")
        variables = engine.inspect(COLONY_URI)["Config"]["Env"]
        self.assertTrue([v for v in variables if re.fullmatch(r"BUILD_VERSION=\d{8}-\d{6}", v)], variables)

        again = self.run_script(COLONY, IMAGE_TAG="v2", BUILD_VERSION="2.0.0", NO_COLOR="1")
        self.assert_works(again)
        self.assertIn("[INFO] ECR repository distributed-colony exists", again.out)
        self.assertIn(f"[INFO] ECR URI: {REGISTRY}/distributed-colony:v2", again.out)
        engine.remove(f"{REGISTRY}/distributed-colony:v2")

    def assert_repositories_are_as_specified(self):
        for name in ("distributed-colony-base", "distributed-colony"):
            found = self.aws.aws("ecr", "describe-repositories", "--repository-names", name)["repositories"][0]
            self.assertIs(found["imageScanningConfiguration"]["scanOnPush"], True)
            self.assertEqual(found["encryptionConfiguration"]["encryptionType"], "AES256")
            policy = self.aws.aws("ecr", "get-lifecycle-policy", "--repository-name", name)["lifecyclePolicyText"]
            for part in ("sinceImagePushed", '"countNumber": 30', '"countUnit": "days"', '"expire"'):
                self.assertIn(part, policy)

    def test_a_newer_base_in_the_registry_is_not_used(self):
        self.make_base()
        newer = self.folder / "newer"
        newer.mkdir()
        (newer / "Dockerfile").write_text(f"FROM {LOCAL_BASE}\nRUN rm -r /app/target /app/cook.json\n")
        engine.run("build", "-t", BASE_URI, newer)
        self.login()
        subprocess.run(["docker", "push", BASE_URI], env=self.environment, check=True, capture_output=True)
        engine.remove(BASE_URI)
        result = self.run_script(COLONY)
        self.assert_works(result)
        self.assertFalse(engine.has_image(BASE_URI))
        self.assertNotIn("Compiling itoa", result.out + result.err)

    def login(self):
        subprocess.run(["docker", "login", "--username", "AWS", "--password-stdin", REGISTRY], check=True,
                       env=self.environment, input=self.aws.ecr_password(), text=True, capture_output=True)

    def test_no_aws_is_the_first_error(self):
        no_aws = self.folder / "no-aws"
        no_aws.mkdir(exist_ok=True)
        for program in ("bash", "env", "dirname", "date", "cat"):
            if not (no_aws / program).exists():
                (no_aws / program).symlink_to(shutil.which(program))
        for script in (BASE, COLONY):
            self.assert_fails(self.run_script(script, PATH=str(no_aws)), "[ERROR] AWS CLI is not installed")

    def test_bad_credentials(self):
        for script in (BASE, COLONY):
            result = self.run_script(script, AWS_SECRET_ACCESS_KEY="wrong")
            self.assert_fails(result, "[ERROR] AWS CLI is not configured or credentials are invalid",
                              "[INFO] Please run: aws configure")
        self.assertEqual(self.buildx_log.read_text(), "")

    def test_no_buildx(self):
        plugins = self.folder / "broken-config/cli-plugins"
        plugins.mkdir(parents=True)
        (plugins / "docker-buildx").write_text("#!/bin/sh\nexit 1\n")
        (plugins / "docker-buildx").chmod(0o755)
        for script in (BASE, COLONY):
            result = self.run_script(script, DOCKER_CONFIG=str(plugins.parent))
            self.assert_fails(result, "[ERROR] Docker buildx is not available")

    def test_no_base_image(self):
        result = self.run_script(COLONY, ECR_BASE_REPOSITORY="absent-base", BASE_IMAGE_TAG="7")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(self.plain(result.err), [
            "[ERROR] Base image 'absent-base:7' not found locally!",
            "[INFO] Please build the base image first:",
            "[INFO]   ./build-and-push-base.sh",
            "Base image 'absent-base:7' not found locally. Please build it first: ./build-and-push-base.sh"])
        self.assertNotIn("build --platform", self.buildx_log.read_text())

    def test_no_client_image(self):
        result = self.run_script(BASE, DEPCACHE_CLIENT_IMAGE="absent-client:1")
        self.assert_fails(result, "[ERROR] Client image 'absent-client:1' not found locally!")

    def test_no_workspace(self):
        result = self.run_script(BASE, self.folder / "nowhere")
        self.assert_fails(result, f"[ERROR] '{self.folder}/nowhere' is no Cargo workspace: it has no Cargo.toml")

    def test_a_build_that_fails_pushes_nothing(self):
        self.make_base()
        broken = self.folder / "broken"
        shutil.copytree(self.tiny, broken)
        (broken / "src/main.rs").write_text("fn main() { no_such_function(); }\n")
        result = self.run_script(COLONY, broken, ECR_REPOSITORY="never-pushed")
        self.assert_fails(result, "[ERROR] Docker build failed (see above)")
        self.assertIn("no_such_function", result.err)
        self.assertFalse(self.registry.has("never-pushed"))

    def test_a_push_that_is_refused(self):
        self.make_base()
        self.registry.stop()
        self.registry.start(is_read_only=True)
        result = self.run_script(COLONY, ECR_REPOSITORY="read-only")
        self.assert_fails(result, "[ERROR] Docker push failed (see above)")
        self.assertNotIn("ECR URI", result.out)

    def test_a_registry_that_is_away(self):
        self.make_base()
        self.registry.stop()
        self.assert_fails(self.run_script(COLONY), f"[ERROR] Docker cannot log in to {REGISTRY}")

    def test_interrupted_while_it_builds(self):
        self.make_base()
        slow = self.folder / "slow"
        shutil.copytree(self.tiny, slow)
        (slow / "build.rs").write_text('fn main() { eprintln!("started"); loop { std::thread::park(); } }\n')
        process = self.start(COLONY, slow, ECR_REPOSITORY="interrupted")
        for line in process.stderr:
            if "Compiling tiny" in line:
                break
        os.killpg(process.pid, signal.SIGINT)
        out, err = process.communicate()
        self.assertEqual(process.returncode, 130, out + err)
        self.assertIn("[ERROR] Interrupted: nothing was pushed after this point", self.plain(err))
        self.assertFalse(self.registry.has("interrupted"))


if __name__ == "__main__":
    main()
