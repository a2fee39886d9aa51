"""Small packages that a test writes itself, over real crates."""

MAIN = "fn main() {{ println!(\"{{}}\", {expression}); }}\n"


def write_package(folder, dependencies, expression, extra="", name="tiny"):
    """A package of one binary that prints `expression`. Its lock holds
    versions which are downloaded for the workspaces of this repository."""
    (folder / "src").mkdir(parents=True, exist_ok=True)
    (folder / "Cargo.toml").write_text(
        f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "2021"\n\n[dependencies]\n{dependencies}\n{extra}\n',
        encoding="utf-8")
    (folder / "src/main.rs").write_text(MAIN.format(expression=expression), encoding="utf-8")
    return folder


def lock_package(machine, folder):
    """Resolves among what the machine's CARGO_HOME has, as Cargo does without a network."""
    result = machine.run(["cargo", "generate-lockfile", "--offline"], folder)
    if result.code != 0:
        raise RuntimeError(result.said())
    return folder
