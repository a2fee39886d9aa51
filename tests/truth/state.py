"""What a workspace is at a step: a pure function of seed and step."""
import copy
import random

# Dependencies of each workspace; all of them have some in common.
WORKSPACES = {
    "one": ("tw-leaf", "tw-env", "tw-script", "tw-top", "itoa", "cfg-if"),
    "two": ("tw-leaf", "tw-text", "tw-file", "tw-mac", "anyhow", "cfg-if"),
    "three": ("tw-arc", "tw-own", "tw-script", "tw-top", "smallvec", "itoa"),
}

VERSIONS = {
    "tw-leaf": ("1.0.0", "1.1.0"),
    "tw-script": ("1.0.0", "1.1.0"),
    "tw-mac": ("1.0.0", "1.1.0"),
    "tw-top": ("1.0.0", "1.1.0"),
    "itoa": ("1.0.14", "1.0.15"),
    "cfg-if": ("1.0.0", "1.0.1"),
    "smallvec": ("1.14.0", "1.15.1"),
    "anyhow": ("1.0.99", "1.0.100"),
}
FEATURES = {"tw-leaf": "loud", "smallvec": "const_generics"}

# Of a repeated option the last counts.
FLAGS = ((), ("--cfg", "tw_flag"), ("-Copt-level=0", "-Copt-level=1"), ("-Copt-level=1", "-Copt-level=0"),
         ("-Cdebug-assertions=on", "-Cdebug-assertions=off"), ("-Cdebug-assertions=off", "-Cdebug-assertions=on"),
         ("-Ctarget-feature=+sse3",))
FLAGS_FROM = ("RUSTFLAGS", "build", "target")

PROFILES = ("", "opt-level = 1", "debug = 0", "debug-assertions = false", "overflow-checks = false", 'panic = "abort"',
            "codegen-units = 1", 'split-debuginfo = "unpacked"', 'strip = "debuginfo"', "package.tw-leaf.opt-level = 2",
            "build-override.opt-level = 1", 'package."*".debug = 1')

SELECTIONS = ((), ("--release",), ("--features", "app/extra"), ("--workspace",), ("--bins",), ("--tests",))

START = {
    "workspace": "one",
    "versions": {name: 1 for name in VERSIONS},
    "features": {name: False for name in FEATURES},
    "flags": 0,
    "flags_from": "RUSTFLAGS",
    "declared": None,   # of a build script
    "name": None,       # of env!
    "name_from": "environment",
    "undeclared": None,  # nobody reads it
    "profile": 0,
    "toolchain": 0,
    "file": 0,
    "text": 0,
    "archive": 0,
    "checkout": 0,
    "cargo_home": 0,
    "target": 0,
    "order": 0,
    "swapped": False,
    "selection": 0,
}


def _other(rng, values, now):
    return rng.choice([value for value in values if value != now])


def _version(state, rng):
    name = rng.choice([name for name in WORKSPACES[state["workspace"]] if name in VERSIONS])
    state["versions"][name] ^= 1
    return f"{name} {VERSIONS[name][state['versions'][name]]}"


def _feature(state, rng):
    name = rng.choice(sorted(FEATURES))
    state["features"][name] = not state["features"][name]
    return f"{name}/{FEATURES[name]} {'on' if state['features'][name] else 'off'}"


def _flags(state, rng):
    state["flags"] = _other(rng, range(len(FLAGS)), state["flags"])
    state["flags_from"] = rng.choice(FLAGS_FROM)
    return f"{' '.join(FLAGS[state['flags']]) or '(none)'} by {state['flags_from']}"


def _name(state, rng):
    state["name"] = _other(rng, (None, "", "a", "b"), state["name"])
    state["name_from"] = rng.choice(("environment", "config"))
    return f"{state['name']!r} by {state['name_from']}"


def _one_of(key, values):
    def change(state, rng):
        state[key] = _other(rng, values, state[key])
        return str(state[key])
    return change


KINDS = {
    "workspace": _one_of("workspace", tuple(WORKSPACES)),
    "version": _version,
    "feature": _feature,
    "flags": _flags,
    "declared": _one_of("declared", (None, "", "a", "b")),
    "name": _name,
    "undeclared": _one_of("undeclared", (None, "x", "y")),
    "profile": _one_of("profile", range(len(PROFILES))),
    "toolchain": _one_of("toolchain", range(2)),
    "file": _one_of("file", range(3)),
    "text": _one_of("text", range(3)),
    "archive": _one_of("archive", range(2)),
    "checkout": _one_of("checkout", range(3)),
    "cargo_home": _one_of("cargo_home", range(2)),
    "target": _one_of("target", range(3)),
    "order": _one_of("order", range(100)),
    "swapped": _one_of("swapped", (False, True)),
    "selection": _one_of("selection", range(len(SELECTIONS))),
}
CHANGES_PER_STEP = 2


def _deck(seed, turn):
    deck = sorted(KINDS)
    random.Random(f"{seed} deck {turn}").shuffle(deck)
    return deck


def changes_at(seed, step):
    """Kinds which step changes. Each kind comes once before one comes again."""
    first = (step - 1) * CHANGES_PER_STEP
    return [_deck(seed, number // len(KINDS))[number % len(KINDS)] for number in range(first, first + CHANGES_PER_STEP)]


def walk(seed):
    """Yields, for step 1, 2, …: step, state, what was changed, and whether the target directory is kept."""
    state = copy.deepcopy(START)
    step = 0
    while True:
        step += 1
        rng = random.Random(f"{seed} step {step}")
        told = [f"{kind}: {KINDS[kind](state, rng)}" for kind in changes_at(seed, step)] if step > 1 else ["start"]
        yield step, copy.deepcopy(state), told, rng.random() < 0.4
