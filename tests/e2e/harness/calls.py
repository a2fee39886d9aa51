"""What the shims noted, and what cargo said."""
import collections
import re

# A crate that rustc compiled. `crate` tells a build script from its library.
Compile = collections.namedtuple("Compile", "package version crate")

_STEP = re.compile(r"^ *(Fresh|Dirty|Compiling|Checking) ([\w-]+) v(\S+)(.*)$", re.M)
_SCRIPT_RUN = re.compile(r"^ *Running `.*/build/(?:([\w-]+)-[0-9a-f]{16}|([\w-]+)/[0-9a-f]{16}/out)/build[-_]script[-_]build`$",
                         re.M)


class Calls:
    """The calls of one run, as the shims wrote them."""

    def __init__(self, text):
        self.compiles = []
        self.cargo = []
        for line in text.splitlines():
            tool, _, rest = line.partition(" ")
            if tool == "rustc":
                self.compiles.append(Compile(*rest.split(" ")))
            else:
                self.cargo.append(rest.split(" "))

    def compiled_packages(self):
        return {compile.package for compile in self.compiles}

    def cargo_commands(self):
        """First words that are no options: `build`, `metadata`, `-V`."""
        return [next((word for word in call if not word.startswith("+")), "") for call in self.cargo]


class Steps:
    """What `cargo build -v` reports of each package."""

    def __init__(self, text):
        self.text = text
        self.fresh = set()
        self.compiled = set()
        self.dirty = {}
        for verb, name, version, rest in _STEP.findall(text):
            package = f"{name} {version}"
            if verb == "Fresh":
                self.fresh.add(package)
            elif verb == "Dirty":
                self.dirty[package] = rest.strip()
            else:
                self.compiled.add(package)
        self.script_runs = sorted(old or new for old, new in _SCRIPT_RUN.findall(text))
