#!/usr/bin/env python3
"""Dockerfile.base and Dockerfile on the small workspace: what is compiled, what stays in the images."""
import json
import os
import shutil
import subprocess

from harness import engine, paths, workspace
from harness.case import Case, main
from harness.server import TOKEN

BASE = paths.ROOT / "Dockerfile.base"
COLONY = paths.ROOT / "Dockerfile"
COOK = "RUN --mount=type=secret,id=depcache_token"
HOST_FACTS = ". /etc/os-release; echo $ID $VERSION_ID; cc --version | head -1; ld --version | head -1; pkg-config --modversion zlib"
MEMBERS = {"app", "util", "macros", "build_script_build"}


class Images(Case):
    stand_ins = (engine.rust_image(), "gcr.io/distroless/cc", "alpine:3.19")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        cls.small = workspace.copy_small(cls.folder / "small")
        workspace.plant_tokens(cls.small)
        (cls.small / "target").mkdir()
        (cls.small / "target/large").write_bytes(bytes(3_000_000))
        (cls.folder / "cargo_env").write_text(f"DEPLOY_TOKEN={workspace.ENV_TOKEN}\n")
        cls.args = {"RUST_IMAGE": cls.counting_rust(), "DEPCACHE_CLIENT_IMAGE": cls.client_image(),
                    "BUILD_PACKAGES": "", "BINS": "app", "DEPCACHE_SERVER": cls.server.address}
        cls.secrets = ["--secret", f"id=depcache_token,src={cls.server.token_file}",
                       "--secret", f"id=cargo_env,src={cls.folder / 'cargo_env'}"]
        cls.cold = cls.image("base-cold")
        cls.cold_build = cls.base(cls.cold)
        cls.warm = cls.image("base-warm")
        cls.warm_build = cls.base(cls.warm, "--no-cache")
        cls.app = cls.image("app")
        cls.app_build = cls.colony(cls.app, cls.warm)

    @classmethod
    def base(cls, tag, *flags, folder=None, **args):
        return engine.build(folder or cls.small, BASE, tag, {**cls.args, **args}, [*cls.secrets, *flags])

    @classmethod
    def colony(cls, tag, base, *flags, folder=None, **args):
        return engine.build(folder or cls.small, COLONY, tag, {**cls.args, "BASE_IMAGE": base, **args},
                            [*cls.secrets, *flags])

    def cook(self, image):
        return json.loads(engine.file_of(image, "/app/cook.json"))

    def rustc_runs(self, image):
        return engine.file_of(image, "/var/log/rustc-runs").split()

    def rustc_runs_of_app(self, base, *flags, **more):
        """Crates which rustc was run on between the base image and the end of the build stage."""
        builder = self.image("builder")
        self.colony(builder, base, "--target", "builder", *flags, **more)
        return self.rustc_runs(builder)[len(self.rustc_runs(base)):]

    def say(self, image, *words):
        return engine.run("run", "--rm", "--network=none", image, "/usr/local/bin/app", *words).stdout

    def test_a_cold_base_compiles_and_shares(self):
        cook = self.cook(self.cold)
        self.assertEqual(cook["result"], "miss")
        self.assertGreater(cook["units"]["built"], 20)
        self.assertEqual(cook["units"]["shared"], cook["units"]["planned"])
        self.assertTrue(cook["layer_recorded"])
        self.assertFalse(MEMBERS - {"build_script_build"} & set(self.rustc_runs(self.cold)))

    def test_a_warm_base_compiles_nothing(self):
        self.assertFalse(self.warm_build.is_cached(COOK))
        cook = self.cook(self.warm)
        self.assertEqual(cook["result"], "hit")
        self.assertEqual(cook["units"]["restored"], self.cook(self.cold)["units"]["planned"])
        self.assertEqual(cook["units"]["built"], 0)
        self.assertGreater(cook["bytes"]["received"], 1_000_000)
        self.assertEqual(self.rustc_runs(self.warm), [])

    def test_the_base_is_no_larger_than_what_was_restored(self):
        restored = self.cook(self.warm)["bytes"]["written"]
        client = engine.inspect(self.args["DEPCACHE_CLIENT_IMAGE"])["Size"]
        self.assertLess(engine.layer_bytes_above(self.warm, self.args["RUST_IMAGE"]), 1.05 * restored + client + 100_000)

    def test_only_members_are_compiled_on_the_base(self):
        runs = self.rustc_runs_of_app(self.warm)
        self.assertLessEqual(set(runs), MEMBERS)
        self.assertIn("app", runs)
        self.assertEqual(set(self.app_build.crates()), {"app", "util", "macros"})

    def test_the_app_runs_as_nobody_special(self):
        self.assertRegex(self.say(self.app), r"^app 0\.3\.1 \(release\)")
        self.assertIn("typenum: ok", self.say(self.app, "selftest"))
        config = engine.inspect(self.app)["Config"]
        self.assertEqual(config["User"], "65532:65532")
        self.assertEqual(set(config["ExposedPorts"]), {"8082/tcp", "8083/tcp"})
        self.assertIn("BUILD_VERSION=dev", config["Env"])
        self.assertLess(engine.layer_bytes_above(self.app, "gcr.io/distroless/cc"), 2_000_000)

    def test_the_binary_is_stripped(self):
        container = engine.run("create", self.app).stdout.strip()
        self.addCleanup(engine.run, "rm", container)
        engine.run("cp", f"{container}:/usr/local/bin/app", self.folder / "binary")
        sections = subprocess.run(["readelf", "-SW", self.folder / "binary"], capture_output=True, text=True, check=True).stdout
        self.assertIn(".text", sections)
        self.assertNotRegex(sections, r"\.symtab|\.debug_")

    def test_the_context_is_without_build_products(self):
        for build in (self.cold_build, self.app_build):
            self.assertLess(build.context_bytes(), 200_000)

    def test_a_source_edit_leaves_the_base_as_it_is(self):
        edited = self.folder / "edited"
        shutil.copytree(self.small, edited)
        workspace.say_something_else(edited, "edited")
        base = self.image("base-edited")
        build = self.base(base, folder=edited)
        self.assertTrue(build.is_cached(COOK), build.log)
        self.assertEqual(engine.inspect(base)["RootFS"], engine.inspect(self.warm)["RootFS"])
        app = self.image("app-edited")
        self.colony(app, base, folder=edited)
        self.assertIn("edited app", self.say(app))
        self.assertNotIn("edited", self.say(self.app))

    def test_a_lock_bump_compiles_what_changed(self):
        bumped = self.folder / "bumped"
        shutil.copytree(self.small, bumped)
        lock = bumped / "Cargo.lock"
        workspace.lock_version(bumped, "itoa", "1.0.14")
        self.assertNotEqual(lock.read_text(), (self.small / "Cargo.lock").read_text())
        base = self.image("base-bumped")
        build = self.base(base, folder=bumped)
        self.assertFalse(build.is_cached(COOK))
        cook = self.cook(base)
        self.assertEqual(cook["result"], "partial")
        runs = self.rustc_runs(base)
        self.assertIn("itoa", runs)
        self.assertLess(len(runs), 0.3 * len(self.rustc_runs(self.cold)), runs)
        app = self.image("app-bumped")
        self.colony(app, base, folder=bumped)
        self.assertIn("itoa: ok", self.say(app, "selftest"))

    def test_without_a_base_image_the_build_restores(self):
        builder = self.image("builder-none")
        self.colony(builder, "none", "--target", "builder")
        self.assertEqual(self.cook(builder)["result"], "hit")
        self.assertLessEqual(set(self.rustc_runs(builder)), MEMBERS)
        app = self.image("app-none")
        self.colony(app, "none")
        self.assertIn("typenum: ok", self.say(app, "selftest"))

    def test_without_a_server_the_base_compiles_everything(self):
        base = self.image("base-alone")
        build = self.base(base, "--no-cache", DEPCACHE_SERVER="")
        self.assertIn("going on with cargo alone", build.log)
        cook = self.cook(base)
        self.assertEqual((cook["cargo"], cook["units"]["built"]), ("ok", self.cook(self.cold)["units"]["built"]), cook)
        self.assertLessEqual(set(self.rustc_runs_of_app(base)), MEMBERS)

    def test_units_of_the_host_come_back(self):
        """Compiled on this machine, restored in the base image: /app is no path that counts."""
        server = self.serve("of-the-host")
        environment = {**os.environ, "DEPLOY_TOKEN": workspace.ENV_TOKEN, "DEPCACHE_SERVER": server.address,
                       "DEPCACHE_TOKEN_FILE": str(server.token_file), "CARGO_TARGET_DIR": str(self.folder / "host-target")}
        subprocess.run([paths.binary("depcache-client"), "cook", "--release", "--bin", "app"], cwd=self.small,
                       env=environment, capture_output=True, check=True)
        base = self.image("base-of-the-host")
        self.base(base, DEPCACHE_SERVER=server.address, RUST_IMAGE=engine.rust_image(), BUILD_PACKAGES="zlib1g-dev")
        units = self.cook(base)["units"]
        self.assertGreater(units["restored"], 0, units)
        # With other tools or system libraries, what they made is rightly another unit.
        there = engine.run("run", "--rm", "--network=none", "--entrypoint", "sh", base, "-c", HOST_FACTS).stdout
        here = subprocess.run(["sh", "-c", HOST_FACTS], capture_output=True, text=True, check=True).stdout
        if here == there:
            self.assertEqual((units["built"], units["restored"]), (0, units["planned"]), units)

    def test_each_argument_counts(self):
        """A static program of another profile, with a feature, in the two runtimes that have no C library."""
        triple = "x86_64-unknown-linux-gnu"
        what = {"BINS": "", "PACKAGES": "app", "PROFILE": "ci", "TARGET": triple, "CARGO_FLAGS": "--features app/fast-hash --config "
                f"target.{triple}.rustflags=['-Ctarget-feature=+crt-static']"}
        base = self.image("base-static")
        self.base(base, **what)
        for runtime in ("scratch", "alpine"):
            with self.subTest(runtime):
                app = self.image(f"app-{runtime}")
                build = self.colony(app, base, RUNTIME=runtime, RUN_USER="1234:4321", PORTS="9000", BUILD_VERSION="4.5.6")
                self.assertLessEqual(set(build.crates()), MEMBERS)
                self.assertRegex(self.say(app), r"^app 0\.3\.1 \(")
                self.assertIn("fnv: ok", self.say(app, "selftest"))
                config = engine.inspect(app)["Config"]
                self.assertEqual((config["User"], set(config["ExposedPorts"])), ("1234:4321", {"9000/tcp"}))
                self.assertIn("BUILD_VERSION=4.5.6", config["Env"])

    def test_a_base_that_was_saved_and_loaded_still_serves(self):
        archive = self.folder / "base.tar"
        engine.run("save", "-o", archive, self.warm)
        engine.remove(self.warm, self.image("builder"), self.image("base-edited"))
        engine.run("load", "-i", archive)
        archive.unlink()
        self.assertLessEqual(set(self.rustc_runs_of_app(self.warm, "--no-cache")), MEMBERS)

    def test_a_server_that_is_killed_and_comes_back_leaves_a_right_base(self):
        server = self.serve("killed")
        seen = []

        def watch(line):
            if "Compiling proc-macro2" in line:
                server.kill()
                seen.append("killed")
            if "Compiling serde_derive" in line:
                server.start()
                seen.append("started")

        base = self.image("base-killed")
        engine.build(self.small, BASE, base, {**self.args, "DEPCACHE_SERVER": server.address},
                     [*self.secrets, "--no-cache"], watch=watch)
        self.assertEqual(seen, ["killed", "started"])
        self.assertEqual(self.cook(base)["cargo"], "ok")
        app = self.image("app-killed")
        build = self.colony(app, base)
        self.assertEqual(set(build.crates()), {"app", "util", "macros"})
        self.assertIn("typenum: ok", self.say(app, "selftest"))

    def test_a_missing_client_or_base_is_an_error(self):
        with self.assertRaisesRegex(engine.DockerError, "depcache-test/absent"):
            self.colony(self.image("never"), "depcache-test/absent:1")

    def test_a_dynamic_binary_does_not_get_into_scratch(self):
        with self.assertRaisesRegex(engine.DockerError, "is no static binary and cannot run in 'scratch'"):
            self.colony(self.image("never"), self.warm, RUNTIME="scratch")

    def test_no_token_is_in_layers_history_logs_or_records(self):
        logs = self.cold_build.log + self.warm_build.log + self.app_build.log + self.server.log.read_text()
        recipe = engine.file_of(self.warm, "/app/recipe.json")
        for image in (self.cold, self.warm, self.app):
            logs += engine.run("history", "--no-trunc", image).stdout + json.dumps(engine.inspect(image))
            stream = self.folder / "image.tar"
            engine.run("save", "-o", stream, image)
            self.assert_has_none(stream.read_bytes(), image)
            stream.unlink()
        self.assert_has_none((logs + recipe).encode(), "logs")
        self.assert_has_none(self.parts_of_the_recipe(), "recipe")
        for file in (self.server.folder / "data").rglob("*"):
            if file.is_file():
                self.assert_has_none(file.read_bytes(), file)

    def parts_of_the_recipe(self):
        """What the client sends to the server of this workspace and its environment."""
        words = [paths.binary("depcache-client"), "recipe", "--json", "--release", "--bin", "app"]
        environment = {**os.environ, "DEPLOY_TOKEN": workspace.ENV_TOKEN, "DEPCACHE_TOKEN": TOKEN}
        return subprocess.run(words, cwd=self.small, env=environment, capture_output=True, check=True).stdout

    def assert_has_none(self, data, where):
        for token in (TOKEN, workspace.REGISTRY_TOKEN, workspace.ENV_TOKEN):
            self.assertNotIn(token.encode(), data, where)


if __name__ == "__main__":
    main()
