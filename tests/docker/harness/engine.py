"""The docker engine, through the classic CLI and its BuildKit."""
import json
import os
import re
import shutil
import subprocess
import time

from . import paths

DOCKER = os.environ.get("DOCKER") or ("/usr/bin/docker" if os.path.exists("/usr/bin/docker") else "docker")
ENVIRONMENT = {**os.environ, "DOCKER_BUILDKIT": "1", "BUILDKIT_PROGRESS": "plain", "NO_COLOR": "1"}
PREFIX = "depcache-test"


class DockerError(AssertionError):
    pass


def run(*words, check=True, text=True, **more):
    result = subprocess.run([DOCKER, *map(str, words)], env=ENVIRONMENT, capture_output=True, text=text, **more)
    if check and result.returncode != 0:
        raise DockerError(f"docker {' '.join(map(str, words))}: exit code {result.returncode}\n"
                          f"{result.stdout}\n{result.stderr}")
    return result


def is_there():
    return shutil.which(DOCKER) is not None and run("version", check=False).returncode == 0


def has_image(name):
    return run("image", "inspect", name, check=False).returncode == 0


def make_stand_ins(*images):
    subprocess.run([paths.DOCKER_TESTS / "make-stand-in-images.sh", *images], check=True,
                   env={**os.environ, "DOCKER": DOCKER})


def rust_image():
    version = subprocess.run(["rustc", "-V"], capture_output=True, text=True, check=True).stdout.split()[1]
    return f"rust:{'.'.join(version.split('.')[:2])}-slim-bookworm"


class Build:
    """The log of one build: its steps, which of them came from the cache, what they printed."""

    def __init__(self, log, seconds):
        self.log = log
        self.seconds = seconds

    def step_ids(self, text):
        return re.findall(rf"^#(\d+) \[.*{re.escape(text)}", self.log, re.M)

    def is_cached(self, text):
        ids = self.step_ids(text)
        if not ids:
            raise AssertionError(f"no step has {text!r}:\n{self.log}")
        return all(re.search(rf"^#{step} CACHED", self.log, re.M) for step in ids)

    def step_seconds(self, text):
        return float(re.search(rf"^#{self.step_ids(text)[-1]} DONE ([0-9.]+)s", self.log, re.M).group(1))

    def context_bytes(self):
        """What was sent of the context, by the last line that says so."""
        units = {"B": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}
        step = self.step_ids("load build context")[-1]
        found = re.findall(rf"^#{step} transferring context: ([0-9.]+)(k?M?G?B)", self.log, re.M)
        return float(found[-1][0]) * units[found[-1][1]]

    def crates(self):
        """Packages which cargo said it compiled."""
        return re.findall(r"^#\d+ [0-9.]+ +Compiling (\S+)", self.log, re.M)


def build(context, dockerfile, tag, args=None, flags=(), check=True, watch=None):
    """Builds an image. `watch` is called with each line of the log while the build goes on."""
    words = ["build", "--network=host", "-f", dockerfile, "-t", tag, *flags]
    for name, value in (args or {}).items():
        words += ["--build-arg", f"{name}={value}"]
    start = time.monotonic()
    lines = []
    with subprocess.Popen([DOCKER, *map(str, words), context], env=ENVIRONMENT, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        for line in process.stdout:
            lines.append(line)
            if watch:
                watch(line)
    made = Build("".join(lines), time.monotonic() - start)
    if process.returncode != 0 and check:
        raise DockerError(f"docker build failed:\n{made.log[-6000:]}")
    made.exit_code = process.returncode
    return made


def file_of(image, path):
    """The text of a file in an image that has cat."""
    return run("run", "--rm", "--network=none", "--entrypoint", "cat", image, path).stdout


def inspect(name, kind="image"):
    return json.loads(run(kind, "inspect", name).stdout)[0]


def layer_bytes_above(image, base):
    """Size of the layers which `image` has on top of `base`."""
    return inspect(image)["Size"] - inspect(base)["Size"]


def remove(*images):
    for image in images:
        run("image", "rm", "-f", image, check=False)


# Uncompressed size of the real gcr.io/distroless/cc for Debian 12 (glibc with gconv, libssl3, libgomp1,
# libstdc++6, tzdata, ca-certificates), rounded up: the stand-in is smaller, so limits on sizes
# count what lies above it and add this.
REAL_CC_BYTES = 25_000_000
REAL_ALPINE_BYTES = 7_700_000  # alpine:3.19


def wait_healthy(container):
    """Returns once the engine calls it healthy; an unhealthy or ended container is an error."""
    since = inspect(container, "container")["Created"]
    events = subprocess.Popen(
        [DOCKER, "events", "--since", since, "--filter", f"container={container}", "--format", "{{.Status}}"],
        stdout=subprocess.PIPE, text=True)
    try:
        for line in events.stdout:
            if line.strip() == "health_status: healthy":
                return
            if line.strip() == "health_status: unhealthy" or line.startswith(("die", "kill")):
                break
        logs = run("logs", container, check=False)
        raise AssertionError(f"{container} is not healthy: {line}\n{logs.stdout}{logs.stderr}")
    finally:
        events.kill()
        events.communicate()
