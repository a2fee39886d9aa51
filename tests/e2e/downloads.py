#!/usr/bin/env python3
"""Downloads, once, the packages which the workspaces lock, or installs programs of crates.io:

    downloads.py WORKSPACE...
    downloads.py --install NAME...

Runs before the tests; they have no network."""
import os
import subprocess
import sys

from harness import crates_io, folders

# Name -> version and flags.
PROGRAMS = {
    "cargo-chef": ("0.1.77", "--locked"),
    "sccache": ("0.19.0", "--locked", "--no-default-features"),
    "kache": ("2.0.0",),
}


def main():
    if sys.argv[1] == "--install":
        for name in sys.argv[2:]:
            crates_io.install(name, *PROGRAMS[name])
        return
    folders.DOWNLOADS.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "CARGO_HOME": str(folders.DOWNLOADS)}
    for workspace in sys.argv[1:]:
        manifest = folders.WORKSPACES / workspace / "Cargo.toml"
        subprocess.run(["cargo", "fetch", "--locked", "--manifest-path", manifest], env=env, check=True)


if __name__ == "__main__":
    main()
