#!/usr/bin/env python3
"""Fails where the tree breaks its own rules: an include that the layer diagram
of docs/architecture.md forbids, a third-party header outside its place, a file
past 400 lines, or a source file without a test."""
import pathlib
import re
import sys

CLIENT = "client client/system client/flags client/workspace client/cargo"
CACHE = "cache/base cache/cargo cache/layer cache/recipe"
GO = f"{CACHE} cache/go client client/system client/remote"

# Folder -> folders whose headers it may include, besides its own.
MAY_INCLUDE = {
    "cache/base": "",
    "cache/recipe": "cache/base",
    "cache/cargo": "cache/base",
    "cache/layer": "cache/base cache/cargo",
    "cache/go": CACHE,
    "cache/store": "cache/base cache/cargo cache/layer",
    "cache/store/rocksdb": "cache/base cache/cargo cache/layer cache/store",
    "cache/engine": "cache/base cache/cargo cache/layer cache/store",
    "cache/wire": "cache/base cache/cargo cache/layer depcache/v1",
    "server/rpc": "cache/base cache/cargo cache/layer cache/recipe cache/engine cache/wire depcache/v1",
    "server": "cache/base cache/engine cache/store cache/store/rocksdb cache/wire server/rpc",
    "client/system": "cache/base",
    "client/remote": f"{CACHE} cache/wire depcache/v1 client",
    "client": "cache/base client/system client/remote client/cargo client/commands",
    "client/flags": "cache/base cache/recipe client",
    "client/workspace": "cache/base cache/recipe client/cargo",
    "client/cargo": f"{CACHE} client client/system",
    "client/restore": f"{CACHE} {CLIENT} client/remote",
    "client/capture": f"{CACHE} {CLIENT} client/remote",
    "client/cook": f"{CACHE} {CLIENT} client/remote client/restore client/capture",
    "client/go": f"{GO} client/capture client/cook",
    "client/watch": f"{CACHE} {CLIENT} client/cook",
    "client/commands": f"{CACHE} {CLIENT} client/remote client/cook client/capture client/go client/watch",
}

# Third-party header prefix -> where it may appear.
ONLY_IN = {
    "rocksdb/": "cache/store/rocksdb/",
    "grpcpp/": "server/rpc/ server/app.cc client/remote/grpc_",
    "google/protobuf": "cache/wire/ server/rpc/",
    "toml++/": "cache/base/toml_library.h",
    "CLI/": "client/cli.cc server/main.cc",
    "prometheus/": "server/metrics.cc",
    "spdlog/": "cache/base/log.cc",
    "openssl/": "cache/base/digest.cc cache/base/random.cc cache/cargo/git_snapshot.cc",
    "zlib": "cache/cargo/git_snapshot.cc",
    "zstd": "cache/base/compress.cc",
    "archive": "client/capture/check_sources.cc client/go/zip_sum.cc",
    "libelf": "cache/cargo/",
    "gelf": "cache/cargo/",
}

MAX_LINES = 400

# Sources whose test stands elsewhere or which only wire others together.
NO_TEST = {line.strip() for line in (pathlib.Path(__file__).parent / "no_test.txt").read_text().splitlines()
           if line.strip() and not line.startswith("#")}

LOCKS = re.compile(r"\bMutexLock\b|\bstd::thread\b|\bstd::atomic\b|\bThreadPool\b|\bstd::async\b")
OURS = re.compile(r'^\s*#\s*include\s+"([^"]+)/[^"/]+"', re.M)
THEIRS = re.compile(r'^\s*#\s*include\s+<([^>]+)>', re.M)


def include_problems(path, text):
    folder = path.parent.as_posix()
    if folder not in MAY_INCLUDE:
        yield f"folder {folder} is not in the table of layers"
    for used in OURS.findall(text):
        if used != folder and used not in MAY_INCLUDE.get(folder, "").split():
            yield f"{folder} may not include {used}"
    for used in THEIRS.findall(text):
        for prefix, places in ONLY_IN.items():
            if used.startswith(prefix) and not path.as_posix().startswith(tuple(places.split())):
                yield f"<{used}> belongs in {places}"


def test_problems(root, path):
    """x/y.cc is tested by tests/x/y_test.cc."""
    if path.suffix != ".cc" or path.as_posix() in NO_TEST:
        return
    test = root / "tests" / path.parent / f"{path.stem}_test.cc"
    if not test.exists():
        yield f"no test {test.relative_to(root)}; write it, or say why not in tests/lint/no_test.txt"


def thread_problems(root):
    """Code with a lock is run under ThreadSanitizer."""
    for folder in sorted(MAY_INCLUDE):
        # gRPC's and RocksDB's own builds are not instrumented: what stands on them is left out.
        if folder.startswith("server") or not any(LOCKS.search(file.read_text()) for file in (root / folder).glob("*.[hc]*")):
            continue
        places = [root / "tests" / folder / "CMakeLists.txt", root / "tests" / folder / "../CMakeLists.txt"]
        if not any("THREADS" in place.read_text() for place in places if place.exists()):
            yield f"{folder} has locks or threads, and no depcache_test with THREADS"


def problems(root):
    for top in ("cache", "server", "client"):
        for file in sorted((root / top).rglob("*.[hc]*")):
            path = file.relative_to(root)
            text = file.read_text()
            lines = text.count("\n")
            if lines > MAX_LINES:
                yield f"{path}: {lines} lines, above {MAX_LINES}"
            for problem in [*include_problems(path, text), *test_problems(root, path)]:
                yield f"{path}: {problem}"
    yield from thread_problems(root)
    for name in sorted(NO_TEST):
        if not (root / name).exists():
            yield f"tests/lint/no_test.txt: {name} does not exist"


found = list(problems(pathlib.Path(sys.argv[1])))
print("\n".join(found))
sys.exit(bool(found))
