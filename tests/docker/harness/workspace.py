"""Copies of the test workspaces that a test may change."""
import pathlib
import re
import shutil
import subprocess

from . import paths

# Tokens of others that lie about in a workspace. Neither may come into an image or a recipe.
REGISTRY_TOKEN = "planted-registry-6d0f2b1c5e"
ENV_TOKEN = "planted-env-9a3377e1b4"


def copy_small(folder, has_gui=True):
    """The small workspace; with a member `gui` that asks for packages which nothing else needs."""
    folder = pathlib.Path(folder)
    shutil.copytree(paths.WORKSPACES / "small", folder, ignore=shutil.ignore_patterns("target"))
    if not has_gui:
        return folder
    gui = folder / "gui"
    (gui / "src").mkdir(parents=True)
    (gui / "Cargo.toml").write_text('[package]\nname = "gui"\nversion = "0.1.0"\nedition = "2021"\n\n'
                                    '[dependencies]\nmatches = "=0.1.10"\nutil = { path = "../util" }\n')
    (gui / "src/main.rs").write_text('fn main() { matches::assert_matches!(1, 1); }\n')
    root = folder / "Cargo.toml"
    root.write_text(root.read_text().replace('"macros"]', '"macros", "gui"]'))
    subprocess.run(["cargo", "metadata", "--format-version", "1"], cwd=folder, check=True, capture_output=True)
    assert "matches" in (folder / "Cargo.lock").read_text()
    return folder


def plant_tokens(folder):
    config = folder / ".cargo"
    config.mkdir(exist_ok=True)
    (config / "config.toml").write_text(
        '[registries.private]\nindex = "sparse+https://registry.example/"\n'
        f'token = "{REGISTRY_TOKEN}"\n\n[env]\nDEPLOY_TOKEN = "{ENV_TOKEN}"\n')


def say_something_else(folder, text):
    """A source-only edit: what `app` prints."""
    main = folder / "app/src/main.rs"
    main.write_text(re.sub(r'"[^"]*app \{\} \(\{\}\)[^"]*"', f'"{text} app {{}} ({{}})"', main.read_text()))


def lock_version(folder, package, version):
    """Another version of one package in Cargo.lock."""
    subprocess.run(["cargo", "update", "-p", package, "--precise", version], cwd=folder, check=True,
                   capture_output=True)


def make_tiny(folder, says="tiny"):
    """One binary and one dependency: for tests of everything but the building."""
    folder = pathlib.Path(folder)
    (folder / "src").mkdir(parents=True)
    (folder / "Cargo.toml").write_text('[package]\nname = "tiny"\nversion = "0.1.0"\nedition = "2021"\n\n'
                                       '[dependencies]\nitoa = "=1.0.15"\n')
    (folder / "src/main.rs").write_text(
        f'fn main() {{ println!("{says} {{}}", itoa::Buffer::new().format(42)); }}\n')
    subprocess.run(["cargo", "generate-lockfile"], cwd=folder, check=True, capture_output=True)
    return folder
