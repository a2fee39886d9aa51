"""Programs of crates.io, each installed once into the build directory."""
import subprocess

from . import folders

HOME = folders.CACHE / "programs"


def binary(name):
    return HOME / "bin" / name


def install(name, version, *flags):
    """Wants a network; the tests have none."""
    if not binary(name).exists():
        subprocess.run(["cargo", "install", name, "--version", f"={version}", "--debug", "--quiet", "--root", HOME, *flags],
                       check=True)
