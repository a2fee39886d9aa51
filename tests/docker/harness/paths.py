"""Where things are in this repository."""
import os
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[3]
WORKSPACES = ROOT / "tests" / "workspaces"
DOCKER_TESTS = ROOT / "tests" / "docker"
DEPLOY = ROOT / "deploy"
EXAMPLES = DEPLOY / "examples"


def binary(name):
    """The built binary: of DEPCACHE_BIN_DIR, else of the release preset, else of dev."""
    folders = [os.environ.get("DEPCACHE_BIN_DIR"), ROOT / "build/release/bin", ROOT / "build/dev/bin"]
    for folder in folders:
        if folder and (pathlib.Path(folder) / name).exists():
            return pathlib.Path(folder) / name
    raise FileNotFoundError(f"{name} is not built; run cmake --build --preset release --target {name}")
