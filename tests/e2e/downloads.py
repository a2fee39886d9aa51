#!/usr/bin/env python3
"""Downloads, once, the packages which the workspaces lock. Runs before the tests; they have no network."""
import os
import subprocess
import sys

from harness import folders


def main():
    folders.DOWNLOADS.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "CARGO_HOME": str(folders.DOWNLOADS)}
    for workspace in sys.argv[1:]:
        manifest = folders.WORKSPACES / workspace / "Cargo.toml"
        subprocess.run(["cargo", "fetch", "--locked", "--manifest-path", manifest], env=env, check=True)


if __name__ == "__main__":
    main()
