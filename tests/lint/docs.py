#!/usr/bin/env python3
"""Fails where the pages for users and operators do not name a command, flag or
setting that the binaries have, where the server's example configuration does
not load, or where it and the table of defaults lag behind the settings; where
docs/compatibility.md names a test that is not there, or lacks one of its rows.

    docs.py FOLDER DEPCACHE_CLIENT DEPCACHE_SERVER
"""
import ast
import pathlib
import re
import subprocess
import sys
import tempfile

FLAG = re.compile(r"(?<![\w-])--?[a-zA-Z][\w-]*")
EVERYWHERE = {"-h", "--help", "-V", "--version"}


def run(*argv):
    return subprocess.run(argv, env={}, check=True, capture_output=True, text=True).stdout


def flags_of(help_text):
    """Flags at the beginning of lines: not those that a description mentions."""
    for line in help_text.splitlines():
        if line.startswith("  -"):
            yield from FLAG.findall(re.split(r"\s{2,}|\sVALUE|\sTEXT", line.strip())[0])


def client_problems(root, client):
    page = (root / "docs/cli.md").read_text()
    commands = re.findall(r"^  (\w+) {2,}\S", run(client, "--help").partition("Subcommands:")[2], re.M)
    for command in commands:
        if f"`{command}`" not in page:
            yield f"docs/cli.md does not name the command {command}"
        for flag in sorted(set(flags_of(run(client, command, "--help"))) - EVERYWHERE):
            if not re.search(rf"`{re.escape(flag)}[` ,]", page):
                yield f"docs/cli.md does not name {flag} of {command}"
    settings = re.findall(r'\{"(\w+)", "(DEPCACHE_\w+)"', (root / "client/config.cc").read_text())
    for key, variable in settings:
        if f"| `{key}` | `{variable}` |" not in page:
            yield f"docs/cli.md has no row for the setting {key}, {variable}"
    if not commands or not settings:
        yield "no commands or no settings were found: this check is broken"


def server_problems(root, server):
    page = (root / "docs/operating.md").read_text()
    example = root / "deploy/systemd/depcache.conf.example"
    settings = re.findall(r'^(\w+) = "', run(server, "--print-config"), re.M)
    for key in settings:
        if f"| `{key}` |" not in page:
            yield f"docs/operating.md has no row for the setting {key}"
        if not re.search(rf"^(# )?{key} = ", example.read_text(), re.M):
            yield f"{example.relative_to(root)} does not show {key}"
    own = {f"--{key.replace('_', '-')}" for key in settings}
    for flag in sorted(set(flags_of(run(server, "--help"))) - EVERYWHERE - own):
        if f"{flag}`" not in page and f"{flag} " not in page:
            yield f"docs/operating.md does not name {flag}"
    # With what is commented out put into force, so that those values are checked too.
    text = re.sub(r"^# (\w+ = )", r"\1", example.read_text(), flags=re.M)
    with tempfile.NamedTemporaryFile("w", suffix=".toml") as file:
        file.write(text)
        file.flush()
        loaded = subprocess.run([server, "--config", file.name, "--print-config"], env={}, capture_output=True,
                                text=True)
    if loaded.returncode != 0:
        yield f"{example.relative_to(root)}: {loaded.stderr.strip()}"
    if not settings:
        yield "no settings were found: this check is broken"


def tests_of(file):
    """Class.test of each test in a Python file."""
    for node in ast.parse(file.read_text()).body:
        if isinstance(node, ast.ClassDef):
            yield from (f"{node.name}.{test.name}" for test in node.body
                        if isinstance(test, ast.FunctionDef) and test.name.startswith("test_"))


def compatibility_problems(root):
    folder = root / "tests/e2e"
    named = set(re.findall(r"`(\w+_test\.py) (\w+\.\w+)`", (root / "docs/compatibility.md").read_text()))
    there = {(file.name, test) for file in folder.glob("*_test.py") for test in tests_of(file)}
    rows = {(file, test) for file, test in there if file.startswith("compat_")}
    for file, test in sorted(named - there):
        yield f"docs/compatibility.md names {file} {test}, which does not exist"
    for file, test in sorted(rows - named):
        yield f"docs/compatibility.md has no row for {file} {test}"
    if not named or not rows:
        yield "no tests of compatibility were found: this check is broken"


root = pathlib.Path(sys.argv[1])
found = [*compatibility_problems(root), *client_problems(root, sys.argv[2]), *server_problems(root, sys.argv[3])]
for line in found:
    print(line)
sys.exit(bool(found))
