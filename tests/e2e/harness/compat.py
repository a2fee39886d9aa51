"""Rows of docs/compatibility.md: a setting of Cargo is cooked on one machine,
restored on another, and cooked on a third with one input changed."""
import dataclasses
import hashlib
import shutil
import tarfile
import typing

from . import folders
from .case import Case
from .server import write_tokens
from .tiny import MAIN

TOKEN = "one-for-all-rows"
GREETING = "itoa::Buffer::new().format(42)"


@dataclasses.dataclass(frozen=True)
class Setting:
    """One way to build a workspace. Values of `variables` may be functions of
    (machine, workspace folder)."""

    files: dict                   # path below the workspace -> text; "#!" makes it a program
    beside: dict = dataclasses.field(default_factory=dict)  # the same below the machine's root
    flags: tuple = ()             # of cook and of cargo
    cook_flags: tuple = ()        # of cook alone, where cargo says it otherwise
    cargo_flags: tuple = ()       # of cargo alone
    command: str = "build"        # of cargo
    variables: dict = dataclasses.field(default_factory=dict)
    members: frozenset = frozenset({"tiny"})  # packages that cargo compiles after a cook
    runs: typing.Optional[str] = "target/debug/tiny"  # below the workspace; None: nothing is run
    prints: str = "42\n"
    folder: str = "work/tiny"     # the workspace's, below the machine's root
    cwd: str = "."                # where cargo is called, below the workspace

    def but(self, **changes):
        return dataclasses.replace(self, **changes)

    def with_files(self, files):
        return self.but(files={**self.files, **files})


def package(dependencies='itoa = "1"', more="", name="tiny", extra="", edition="2021"):
    """A manifest; `extra` belongs to [package], `more` follows the dependencies."""
    return (f'[package]\nname = "{name}"\nversion = "0.1.0"\nedition = "{edition}"\n{extra}\n'
            f"[dependencies]\n{dependencies}\n\n{more}\n")


def program(expression=GREETING):
    return MAIN.format(expression=expression)


def tiny(dependencies='itoa = "1"', more="", expression=GREETING, **rest):
    """The usual setting: a package of one binary."""
    files = {"Cargo.toml": package(dependencies, more), "src/main.rs": program(expression), **rest.pop("files", {})}
    return Setting(files=files, **rest)


def crate_files(crate, folder):
    """Manifest and Rust sources of a downloaded crate, as files of a setting below `folder`."""
    (archive,) = (folders.DOWNLOADS / "registry/cache").glob(f"*/{crate}.crate")
    files = {}
    with tarfile.open(archive) as tar:
        for entry in tar:
            path = entry.name.partition("/")[2]
            if path == "Cargo.toml" or path.endswith(".rs"):
                files[f"{folder}/{path}"] = tar.extractfile(entry).read().decode()
    return files


class CompatCase(Case):
    """One server for a class; a scope for each row, so that no row finds units of another."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tokens = write_tokens(cls.scratch / "tokens.toml", ("rows", TOKEN, ["row/*"], ["row/*"]))
        cls.server = cls.serve("server", "--tokens", tokens)

    def setUp(self):
        self.row = hashlib.sha256(self.id().encode()).hexdigest()[:8]
        self._machines = 0

    def row_machine(self, name, **options):
        self._machines += 1
        options = {"DEPCACHE_TOKEN": TOKEN, "DEPCACHE_SCOPE": f"row/{self.row}", **options}
        machine = self.machine(f"{self.row} {self._machines} {name}", self.server, **options)
        self.addCleanup(shutil.rmtree, machine.root, True)
        return machine

    def write(self, machine, setting, lock=None):
        """Writes the setting's files; returns the workspace's folder. Without a lock, Cargo makes one."""
        folder = machine.root / setting.folder
        for root, files in ((folder, setting.files), (machine.root, setting.beside)):
            for path, text in files.items():
                file = root / path
                file.parent.mkdir(parents=True, exist_ok=True)
                file.write_text(text, encoding="utf-8")
                if text.startswith("#!"):
                    file.chmod(0o755)
        if lock is not None:
            (folder / "Cargo.lock").write_text(lock)
        elif "Cargo.lock" not in setting.files:
            self.assert_ok(machine.run(["cargo", "generate-lockfile", "--offline"], folder))
        return folder

    def cook(self, machine, folder, setting, *flags):
        return machine.cook(folder / setting.cwd, *setting.flags, *setting.cook_flags, *flags,
                            **_variables(setting, machine, folder))

    def cargo(self, machine, folder, setting):
        return machine.build(folder / setting.cwd, *setting.flags, *setting.cargo_flags, command=setting.command,
                             **_variables(setting, machine, folder))

    def assert_right(self, machine, folder, setting):
        """Cargo compiles members alone, then nothing, and the program prints what it should."""
        built = self.cargo(machine, folder, setting)
        self.assert_ok(built)
        self.assertLessEqual(built.calls.compiled_packages(), setting.members, built.said())
        # Clippy and rustdoc do not call rustc for members.
        self.assertRegex(built.err, r"(Compiling|Checking|Documenting) [\w-]+ v", "the build did nothing: it was no test")
        self.assertLessEqual(set(built.steps.script_runs), setting.members, built.said())
        self.assert_idle(self.cargo(machine, folder, setting))
        if setting.runs is not None:
            ran = machine.run([folder / setting.runs], folder, **_variables(setting, machine, folder))
            self.assert_ok(ran)
            self.assertEqual(ran.out, setting.prints)

    def share(self, setting, skipped=(), **options):
        """A cold cook. All that is compiled is shared, but for the packages in `skipped`. Then the machine is gone."""
        machine = self.row_machine("A", has_crates=True, **options)
        folder = self.write(machine, setting)
        cold = self.cook(machine, folder, setting)
        self.assert_ok(cold)
        self.assertEqual(cold.summary["result"], "miss", cold.said())
        self.assertNotEqual(cold.calls.compiles, [], cold.said())
        self.assertEqual({unit["package"] for unit in cold.summary["skipped"]}, set(skipped), cold.said())
        self.assertTrue(cold.summary["layer_recorded"], cold.said())
        self.lock = (folder / "Cargo.lock").read_text()
        self.cold = cold
        machine.vanish()
        return cold

    def restore(self, setting, name="elsewhere é", **options):
        """Cooks on another machine, with nothing compiled in its CARGO_HOME: all of it comes back."""
        machine = self.row_machine(name, **options)
        folder = self.write(machine, setting, self.lock)
        restored = self.cook(machine, folder, setting)
        self.assert_ok(restored)
        self.assertEqual((restored.summary["result"], restored.calls.compiles), ("hit", []), restored.said())
        self.assertEqual(restored.units["restored"], self.cold.units["shared"], restored.said())
        self.assertEqual(restored.summary["recipe"], self.cold.summary["recipe"])
        self.assert_right(machine, folder, setting)
        return machine, folder

    def change(self, twin, compiled, keeps_lock=True, **options):
        """The twin on a third machine: `compiled` are the packages its cook compiles, no more and no fewer."""
        machine = self.row_machine("C", has_crates=True, **options)
        folder = self.write(machine, twin, self.lock if keeps_lock else None)
        changed = self.cook(machine, folder, twin)
        self.assert_ok(changed)
        self.assertEqual(changed.calls.compiled_packages(), set(compiled), changed.said())
        self.assertNotEqual(changed.summary["recipe"], self.cold.summary["recipe"])
        self.assert_right(machine, folder, twin)
        return changed

    def check_row(self, setting, twin, compiled, **options):
        self.share(setting, **options)
        self.restore(setting, **options)
        return self.change(twin, compiled, **options)


def _variables(setting, machine, folder):
    return {name: value(machine, folder) if callable(value) else value for name, value in setting.variables.items()}
