"""Go on the machines of a team: a module proxy that is a folder, checkouts, and
what `go build -x` compiled."""
import re
import zipfile

from . import folders
from .machine import Machine

_COMPILE = re.compile(r"^\S+/compile -o .* -p (\S+) ", re.M)


class ModuleProxy:
    """What GOPROXY=file://… reads: every version of every module, as proxies keep them."""

    def __init__(self, root):
        self.root = root

    @property
    def url(self):
        return self.root.as_uri()

    def add(self, path, version, files, required=()):
        # As Go asks for it: "!" and the small letter for a capital one.
        folder = self.root / re.sub("[A-Z]", lambda letter: "!" + letter[0].lower(), path) / "@v"
        folder.mkdir(parents=True, exist_ok=True)
        mod = f"module {path}\n\ngo 1.19\n" + "".join(f"\nrequire {name} {other}\n" for name, other in required)
        (folder / f"{version}.mod").write_text(mod)
        (folder / f"{version}.info").write_text(f'{{"Version":"{version}","Time":"2024-01-01T00:00:00Z"}}')
        with open(folder / "list", "a", encoding="ascii") as versions:
            versions.write(version + "\n")
        with zipfile.ZipFile(folder / f"{version}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for name, text in {"go.mod": mod, **files}.items():
                archive.writestr(f"{path}@{version}/{name}", text)


def compiled(result):
    """Import paths of what a build with -x compiled; main packages are `main`."""
    return sorted(_COMPILE.findall(result.err))


class GoMachine(Machine):
    """Its caches are empty at first, and it has no modules but those of its proxy."""

    def __init__(self, root, server="", proxy="off", **variables):
        super().__init__(root, server, GOPROXY=proxy, GOCACHE=root / "go build", GOMODCACHE=root / "go mod",
                         GONOSUMDB="*", GOTOOLCHAIN="local", GOENV="off", **{"CGO_ENABLED": "0", **variables})
        self.build_cache = root / "go build"
        self.module_cache = root / "go mod"

    def environment(self, **more):
        env = super().environment(**more)
        env["PATH"] = "/usr/local/go/bin:/usr/bin:/bin"
        return env

    def go_checkout(self, files):
        folder = self.work / "app"
        write_tree(folder, files)
        return folder

    def go_cook(self, cwd, *flags, **variables):
        return self.run([folders.CLIENT, "go", "cook", "--json", *flags], cwd, **variables)

    def go_build(self, cwd, *flags, packages=("./...",), **variables):
        """Plain go, which knows nothing of depcache."""
        return self.run(["go", "build", "-trimpath", "-x", *flags, *packages], cwd, **variables)

    def vanish(self):
        # Go makes its unpacked modules read-only.
        for folder in self.module_cache.rglob("*"):
            if folder.is_dir():
                folder.chmod(0o755)
        super().vanish()


def write_tree(folder, files):
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
