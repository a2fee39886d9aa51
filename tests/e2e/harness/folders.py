"""Where things are. The environment comes from tests/e2e/CMakeLists.txt."""
import os
import pathlib
import shutil
import tempfile

SOURCE = pathlib.Path(__file__).resolve().parents[3]
BIN = pathlib.Path(os.environ.get("DEPCACHE_E2E_BIN", SOURCE / "build/dev/bin"))
CACHE = pathlib.Path(os.environ.get("DEPCACHE_E2E_CACHE", SOURCE / "build/dev/e2e"))
CLIENT = BIN / "depcache-client"
SERVER = BIN / "depcache-server"
WORKSPACES = SOURCE / "tests/workspaces"
SHIMS = pathlib.Path(__file__).resolve().parent / "shims"
DOWNLOADS = CACHE / os.environ.get("E2E_DOWNLOADS", "downloads")  # a CARGO_HOME that `downloads.py` fills


def make_scratch(name):
    """A new folder below the build directory. The caller removes it."""
    scratch = CACHE / "scratch"
    scratch.mkdir(parents=True, exist_ok=True)
    return pathlib.Path(tempfile.mkdtemp(prefix=f"{name}-", dir=scratch))


def fill_cargo_home(cargo_home):
    """Gives an empty CARGO_HOME what `cargo fetch` would have downloaded. Index
    files are copied, since Cargo writes them in place; archives are links."""
    source = DOWNLOADS / "registry"
    if not (source / "cache").is_dir():
        raise FileNotFoundError(f"{source} is not filled; run tests/e2e/downloads.py first")
    registry = cargo_home / "registry"
    registry.mkdir(parents=True)
    shutil.copytree(source / "index", registry / "index", ignore=shutil.ignore_patterns(".cargo-index-lock"))
    shutil.copytree(source / "cache", registry / "cache", copy_function=os.link)


def tree_of(folder):
    """Every path below a folder, relative to it, folders included."""
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def bytes_below(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
