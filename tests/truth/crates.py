"""Crates made to catch caches. They look as if Cargo had downloaded them from crates.io: each is one `.crate` and one
index file in a CARGO_HOME, so that Cargo, and the client, treat them as every other crate of a registry."""
import gzip
import hashlib
import io
import json
import struct
import tarfile

INDEX = "index.crates.io-1949cf8c6b5b557f"

LEAF = """pub fn leaf() -> String {
    let loud = if cfg!(feature = "loud") { "LOUD" } else { "quiet" };
    format!("leaf VERSION {loud} checks={} flag={}", cfg!(debug_assertions), cfg!(tw_flag))
}
"""
LEAF_MANIFEST = '[lints.rust]\nunexpected_cfgs = "allow"\n'

# env! of a variable that no build script declares: Cargo sees it in the dep-info alone.
ENV = 'pub fn name() -> String { format!("env VERSION {:?}", option_env!("TW_NAME")) }\n'

# A file outside the package, found by a variable.
TEXT = 'pub fn text() -> String { format!("text VERSION {}", include_str!(env!("TW_TEXT")).trim()) }\n'

SCRIPT = 'include!(concat!(env!("OUT_DIR"), "/gen.rs"));\n' \
    'pub fn script() -> String { format!("script VERSION {} {}", GENERATED, env!("TW_FROM_SCRIPT")) }\n'
SCRIPT_BUILD = """fn main() {
    println!("cargo:rerun-if-env-changed=TW_DECLARED");
    let value = std::env::var("TW_DECLARED").unwrap_or_else(|_| "unset".into());
    let out = std::path::PathBuf::from(std::env::var_os("OUT_DIR").unwrap());
    std::fs::write(out.join("gen.rs"), format!("pub const GENERATED: &str = {value:?};\\n")).unwrap();
    // A script that runs again in one OUT_DIR leaves more than one which runs once.
    std::fs::write(out.join(format!("left-{value}.txt")), "left").unwrap();
    println!("cargo:rustc-env=TW_FROM_SCRIPT={}", value.to_uppercase());
}
"""

FILE_BUILD = """fn main() {
    println!("cargo:rerun-if-env-changed=TW_FILE");
    let file = std::env::var("TW_FILE").unwrap();
    println!("cargo:rerun-if-changed={file}");
    let text = std::fs::read_to_string(file).unwrap();
    let out = std::path::PathBuf::from(std::env::var_os("OUT_DIR").unwrap());
    std::fs::write(out.join("gen.rs"), format!("pub const READ: &str = {:?};\\n", text.trim())).unwrap();
}
"""
FILE = 'include!(concat!(env!("OUT_DIR"), "/gen.rs"));\npub fn file() -> String { format!("file VERSION {READ}") }\n'

# Declares what it wrote itself, and reads it. With the time of the writing, Cargo runs it again whenever the clock
# ticked between its start and the write.
OWN_BUILD = """fn main() {
    println!("cargo:rerun-if-env-changed=TW_DECLARED");
    let value = std::env::var("TW_DECLARED").unwrap_or_default();
    let table = std::path::PathBuf::from(std::env::var_os("OUT_DIR").unwrap()).join("table.txt");
    if std::fs::read_to_string(&table).ok().as_deref() != Some(value.as_str()) {
        std::fs::write(&table, &value).unwrap();
        let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_000_000_000);
        std::fs::File::options().write(true).open(&table).unwrap().set_modified(long_ago).unwrap();
    }
    println!("cargo:rerun-if-changed={}", table.display());
    println!("cargo:rustc-env=TW_OWN={}", std::fs::read_to_string(table).unwrap());
}
"""
OWN = 'pub fn own() -> String { format!("own VERSION {}", env!("TW_OWN")) }\n'

# Links an archive that nobody declares: Cargo does not know of it, and what the script prints does not change with it.
ARCHIVE_BUILD = """fn main() {
    println!("cargo:rerun-if-env-changed=TW_LIBS");
    let libs = std::env::var("TW_LIBS").unwrap();
    println!("cargo:rustc-link-search=native={libs}");
    println!("cargo:rustc-link-lib=static=twarc");
}
"""
ARCHIVE = 'extern "C" { fn tw_archive() -> i32; }\n' \
    'pub fn archive() -> String { format!("archive VERSION {}", unsafe { tw_archive() }) }\n'

MACRO = """use proc_macro::TokenStream;
#[proc_macro]
pub fn made(_: TokenStream) -> TokenStream {
    format!("{:?}", format!("made VERSION by {}", tw_leaf::leaf())).parse().unwrap()
}
"""

TOP = """pub fn top() -> String { format!("top VERSION [{}] [{}] [{}]", tw_leaf::leaf(), tw_script::script(), tw_mac::made!()) }
"""

# name -> versions, library, build script, dependencies (kind, name), lines for the manifest, features
CRATES = {
    "tw-leaf": (("1.0.0", "1.1.0"), LEAF, None, (), LEAF_MANIFEST, {"loud": []}),
    "tw-env": (("1.0.0",), ENV, None, (), "", {}),
    "tw-text": (("1.0.0",), TEXT, None, (), "", {}),
    "tw-script": (("1.0.0", "1.1.0"), SCRIPT, SCRIPT_BUILD, (), "", {}),
    "tw-file": (("1.0.0",), FILE, FILE_BUILD, (), "", {}),
    "tw-own": (("1.0.0",), OWN, OWN_BUILD, (), "", {}),
    "tw-arc": (("1.0.0",), ARCHIVE, ARCHIVE_BUILD, (("build", "pkg-config"),), "", {}),
    "tw-mac": (("1.0.0", "1.1.0"), MACRO, None, (("normal", "tw-leaf"),), "[lib]\nproc-macro = true\n", {}),
    "tw-top": (("1.0.0", "1.1.0"), TOP, None,
               (("normal", "tw-leaf"), ("normal", "tw-script"), ("normal", "tw-mac")), "", {}),
}
REQUIREMENTS = {"pkg-config": "0.3"}


def add_crates(cargo_home):
    """To a CARGO_HOME that folders.fill_cargo_home filled."""
    registry = cargo_home / "registry"
    for name in CRATES:
        versions = CRATES[name][0]
        entries = [(version, _add_crate(registry / "cache" / INDEX, name, version)) for version in versions]
        index = registry / "index" / INDEX / ".cache" / name[:2] / name[2:4] / name
        index.parent.mkdir(parents=True, exist_ok=True)
        pieces = [b"\x03", struct.pack("<I", 2), b"Unknown\0"]
        for version, line in entries:
            pieces += [version.encode(), b"\0", json.dumps(line).encode(), b"\0"]
        index.write_bytes(b"".join(pieces))


def _requirement(name):
    return REQUIREMENTS.get(name, "1")


def _manifest(name, version):
    _, _, script, dependencies, extra, features = CRATES[name]
    text = f'[package]\nname = "{name}"\nversion = "{version}"\nedition = "2021"\n'
    text += 'build = "build.rs"\n' if script else "build = false\n"
    for kind, table in (("normal", "dependencies"), ("build", "build-dependencies")):
        lines = [f'{dep} = "{_requirement(dep)}"\n' for other, dep in dependencies if other == kind]
        text += f"[{table}]\n" + "".join(lines) if lines else ""
    text += "[features]\n" + "".join(f"{feature} = {json.dumps(list(on))}\n" for feature, on in features.items())
    return text + extra


def _files(name, version):
    _, library, script, _, _, _ = CRATES[name]
    files = {"Cargo.toml": _manifest(name, version), "src/lib.rs": library.replace("VERSION", version)}
    if script:
        files["build.rs"] = script
    return files


def _add_crate(folder, name, version):
    """Writes the archive; returns its line of the index."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for path, text in sorted(_files(name, version).items()):
            entry = tarfile.TarInfo(f"{name}-{version}/{path}")
            entry.size, entry.mtime, entry.mode = len(text.encode()), 1153704088, 0o644
            archive.addfile(entry, io.BytesIO(text.encode()))
    data = gzip.compress(plain.getvalue(), mtime=0)
    (folder / f"{name}-{version}.crate").write_bytes(data)
    deps = [{"name": dep, "req": f"^{_requirement(dep)}", "features": [], "optional": False, "default_features": True,
             "target": None, "kind": kind} for kind, dep in CRATES[name][3]]
    return {"name": name, "vers": version, "deps": deps, "cksum": hashlib.sha256(data).hexdigest(),
            "features": CRATES[name][5], "yanked": False}
