"""Files and variables of a state, on one machine."""
import json
import random
import shutil
import subprocess

from state import FEATURES, FLAGS, PROFILES, SELECTIONS, VERSIONS, WORKSPACES

PLACES = ("one", "zwei é", "deep/er/three")
CARGO_HOMES = ("cargo", "other cargo")
TOOLCHAINS = ("1.95.0", "stable")
TRIPLE = "x86_64-unknown-linux-gnu"

# What main prints of each dependency.
USES = {
    "tw-leaf": "tw_leaf::leaf()", "tw-env": "tw_env::name()", "tw-script": "tw_script::script()",
    "tw-top": "tw_top::top()", "tw-text": "tw_text::text()", "tw-file": "tw_file::file()",
    "tw-mac": "tw_mac::made!()", "tw-arc": "tw_arc::archive()", "tw-own": "tw_own::own()",
    "itoa": "itoa::Buffer::new().format(7u8).to_string()",
    "cfg-if": '{ cfg_if::cfg_if! { if #[cfg(unix)] { "unix" } else { "other" } } }',
    "anyhow": 'anyhow::anyhow!("an error").to_string()',
    "smallvec": "format!(\"{:?}\", smallvec::SmallVec::<[u8; 4]>::from_slice(&[1, 2]))",
}
MODULES = ('pub fn say() -> &\'static str { "first" }\n', 'pub fn say() -> &\'static str { "second" }\n')
WORDS = ("alpha", "beta\nbeta", "")


def _manifest_of_app(state):
    order = random.Random(state["order"])
    lines = []
    for name in WORKSPACES[state["workspace"]]:
        features = [FEATURES[name]] if state["features"].get(name) else []
        lines.append(f"{name} = {{ version = \"1\", features = {json.dumps(features)} }}\n" if features else f'{name} = "1"\n')
    lines.append('helper = { path = "../helper" }\n')
    order.shuffle(lines)
    package = ['name = "app"\n', 'version = "0.1.0"\n', 'edition = "2021"\n']
    order.shuffle(package)
    extra = '["tw-leaf/loud"]' if "tw-leaf" in WORKSPACES[state["workspace"]] else "[]"
    tables = ["[package]\n" + "".join(package), "[dependencies]\n" + "".join(lines), f"[features]\nextra = {extra}\n"]
    order.shuffle(tables)
    return f"# order {state['order']}\n" + "\n".join(tables)


def _root_manifest(state):
    line = PROFILES[state["profile"]]
    profiles = f"\n[profile.dev]\n{line}\n\n[profile.release]\n{line}\n" if line else ""
    return '[workspace]\nmembers = ["app", "helper"]\nresolver = "2"\n' + profiles


def _config(state):
    text = ""
    flags = json.dumps(FLAGS[state["flags"]])
    if state["flags_from"] == "build":
        text += f"[build]\nrustflags = {flags}\n"
    if state["flags_from"] == "target":
        text += f"[target.{TRIPLE}]\nrustflags = {flags}\n"
    if state["name_from"] == "config" and state["name"] is not None:
        text += f'[env]\nTW_NAME = "{state["name"]}"\n'
    return text


def _main(state):
    uses = "".join(f'    println!("{{}}", {USES[name]});\n' for name in WORKSPACES[state["workspace"]])
    return "mod a;\nmod b;\n\nfn main() {\n" + uses + \
        '    println!("{} {} {}", a::say(), b::say(), helper::help());\n}\n'


class Checkout:
    """One state of one workspace, at one place of a machine."""

    def __init__(self, machine, archives, state):
        self._machine = machine
        self._archives = archives
        self.state = state
        self.folder = machine.work / PLACES[state["checkout"]] / state["workspace"]
        outside = machine.root / "targets" / state["workspace"] / str(state["checkout"]) / str(state["target"])
        self.target = self.folder / "target" if state["target"] == 0 else outside
        self.flags = list(SELECTIONS[state["selection"]])
        if state["target"] == 1:
            self.flags += ["--target-dir", str(outside)]
        self.profile = "release" if "--release" in self.flags else "debug"

    def variables(self):
        data = self.folder / "data"
        found = {
            "CARGO_HOME": self._machine.root / CARGO_HOMES[self.state["cargo_home"]],
            "RUSTUP_TOOLCHAIN": TOOLCHAINS[self.state["toolchain"]],
            "CARGO_INCREMENTAL": "0",
            "TW_TEXT": data / "text.txt",
            "TW_FILE": data / "file.txt",
            "TW_LIBS": data / "lib",
        }
        if self.state["flags_from"] == "RUSTFLAGS" and FLAGS[self.state["flags"]]:
            found["RUSTFLAGS"] = " ".join(FLAGS[self.state["flags"]])
        if self.state["name_from"] == "environment" and self.state["name"] is not None:
            found["TW_NAME"] = self.state["name"]
        if self.state["declared"] is not None:
            found["TW_DECLARED"] = self.state["declared"]
        if self.state["undeclared"] is not None:
            found["TW_UNDECLARED"] = self.state["undeclared"]
        if self.state["target"] == 2:
            found["CARGO_TARGET_DIR"] = self.target
        return found

    def write(self, is_warm):
        """A fresh checkout has nothing of an earlier one; a warm one keeps what is still right, times included."""
        if not is_warm:
            shutil.rmtree(self.folder, ignore_errors=True)
            shutil.rmtree(self.target, ignore_errors=True)
        first, second = MODULES if not self.state["swapped"] else MODULES[::-1]
        texts = {
            "Cargo.toml": _root_manifest(self.state),
            "app/Cargo.toml": _manifest_of_app(self.state),
            "app/src/main.rs": _main(self.state),
            "app/src/a.rs": first,
            "app/src/b.rs": second,
            "helper/Cargo.toml": '[package]\nname = "helper"\nversion = "0.2.0"\nedition = "2021"\n',
            "helper/src/lib.rs": 'pub fn help() -> &\'static str { "help" }\n',
            ".cargo/config.toml": _config(self.state),
            "data/text.txt": WORDS[self.state["text"]],
            "data/file.txt": WORDS[self.state["file"]],
        }
        for name, text in texts.items():
            self._put(name, text.encode())
        self._put("data/lib/libtwarc.a", self._archives[self.state["archive"]])
        self._lock()

    def _put(self, name, content):
        path = self.folder / name
        if path.is_file() and path.read_bytes() == content:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)

    def _lock(self):
        """The newest of all, then down to what the state says."""
        self._cargo("generate-lockfile")
        text = (self.folder / "Cargo.lock").read_text(encoding="utf-8")
        for name, versions in VERSIONS.items():
            if self.state["versions"][name] == 0 and f'name = "{name}"\nversion = "{versions[1]}"' in text:
                self._cargo("update", name, "--precise", versions[0])

    def _cargo(self, *words):
        variables = {"CARGO_HOME": self.variables()["CARGO_HOME"], "RUSTUP_TOOLCHAIN": TOOLCHAINS[0]}
        result = self._machine.run(["cargo", *words, "--offline"], self.folder, **variables)
        if result.code != 0:
            raise RuntimeError(result.said())


def make_archives(folder):
    """The bytes of two archives that differ in what they return."""
    archives = []
    for number in (1, 2):
        source = folder / "twarc.c"
        source.write_text(f"int tw_archive(void) {{ return {number}; }}\n", encoding="ascii")
        subprocess.run(["cc", "-c", "-fPIC", "-O1", "twarc.c", "-o", "twarc.o"], cwd=folder, check=True)
        (folder / "libtwarc.a").unlink(missing_ok=True)
        subprocess.run(["ar", "rcsD", "libtwarc.a", "twarc.o"], cwd=folder, check=True)
        archives.append((folder / "libtwarc.a").read_bytes())
    return archives
