"""Two build directories, byte for byte: which file differs, and in which section."""
import json
import struct

MEMBERS = ("app", "helper")
# Written by cargo while it builds, read by nobody; or of the time and not of the build.
_NOT_COMPARED = (".d", ".timestamp", ".lock", ".tag", ".TAG", ".rustc_info.json")
_NAMES_NOT_COMPARED = ("stderr", "CACHEDIR.TAG", ".cargo-lock", ".cargo-build-lock", ".cargo-artifact-lock")


def files_of(profile):
    """Outputs of dependencies below `<target>/<profile>`: path -> bytes. Fingerprints are compared by their hash
    files, which say that all they are made of is equal, and their JSON."""
    found = {}
    for path in sorted(profile.rglob("*")):
        name = path.relative_to(profile).as_posix()
        if path.is_symlink() or not path.is_file() or _is_left_out(name, path):
            continue
        found[name] = path.read_bytes()
    return found


def _is_left_out(name, path):
    parts = name.split("/")
    if len(parts) < 2 or parts[0] in ("incremental", "examples", ".depcache"):
        return True  # what is linked last is the members' own
    if parts[1].rsplit("-", 1)[0] in MEMBERS or parts[1] in MEMBERS or parts[1].startswith(tuple(f"lib{m}-" for m in MEMBERS)):
        return True
    if path.suffix in _NOT_COMPARED or path.name in _NAMES_NOT_COMPARED or path.name == "build-script-build":
        return "/out/" not in name
    if parts[0] == ".fingerprint":
        # Entries of a dep-info stand in the order of a hash map; output- is what the compiler said.
        return path.name.startswith(("dep-", "output-")) or (path.suffix != ".json" and path.stat().st_size != 16)
    return False


def differences(ours, clean):
    """Lines, one for each file of the clean build which ours does not have as it is there."""
    lines = []
    for name, content in clean.items():
        if name not in ours:
            lines.append(f"{name}: missing")
        elif name.endswith(".json") and name.startswith(".fingerprint/"):
            if json.loads(ours[name]) != json.loads(content):
                lines.append(f"{name}: {_json_keys(json.loads(ours[name]), json.loads(content))}")
        elif ours[name] != content:
            lines.append(f"{name}: {_where(ours[name], content)}")
    # An OUT_DIR holds what its script wrote and nothing else.
    folders = {name.split("/out/")[0] for name in clean if name.startswith("build/") and "/out/" in name}
    for name in ours:
        if name not in clean and "/out/" in name and name.split("/out/")[0] in folders:
            lines.append(f"{name}: a clean build has no such file")
    return lines


def _json_keys(ours, clean):
    return "fields " + ", ".join(sorted(key for key in {*ours, *clean} if ours.get(key) != clean.get(key)))


def _where(ours, clean):
    if clean.startswith(b"!<arch>\n"):
        return _where_in(_archive_members, "member", ours, clean)
    if clean.startswith(b"\x7fELF"):
        return _where_in(_elf_sections, "section", ours, clean)
    first = next((i for i, (a, b) in enumerate(zip(ours, clean)) if a != b), min(len(ours), len(clean)))
    return f"byte {first}: {ours[first:first + 60]!r}, clean {clean[first:first + 60]!r}"


def _where_in(split, word, ours, clean):
    ours, clean = split(ours), split(clean)
    differing = [name for name in sorted({*ours, *clean}) if ours.get(name) != clean.get(name)]
    told = []
    for name in differing:
        inner = ""
        are_objects = all(side.get(name, b"").startswith(b"\x7fELF") for side in (ours, clean))
        if word == "member" and are_objects:
            inner = f" ({_where_in(_elf_sections, 'section', ours[name], clean[name])})"
        told.append(name + inner)
    return f"{word} " + ", ".join(told)


def _archive_members(data):
    members, position, long_names = {}, 8, b""
    while position + 60 <= len(data):
        header = data[position:position + 60]
        size = int(header[48:58])
        body = data[position + 60:position + 60 + size]
        name = header[:16].rstrip()
        if name == b"//":
            long_names = body
        elif name.startswith(b"/") and name[1:].isdigit():
            name = long_names[int(name[1:]):].split(b"/", 1)[0]
        members[name.decode(errors="replace")] = body
        position += 60 + size + size % 2
    return members


def _elf_sections(data):
    """Of a 64-bit little-endian file, as all of this test's are."""
    offset, = struct.unpack_from("<Q", data, 0x28)
    size, count, names_at = struct.unpack_from("<HHH", data, 0x3A)
    headers = [struct.unpack_from("<IIQQQQ", data, offset + i * size) for i in range(count)]
    names = headers[names_at][4]
    sections = {"(header)": data[:64]}
    for number, (name, kind, _, _, at, length) in enumerate(headers):
        text = data[names + name:data.index(b"\0", names + name)].decode(errors="replace")
        sections[f"{text or number}"] = b"" if kind == 8 else data[at:at + length]
    return sections
