#!/usr/bin/env python3
"""The reference workspace through both images, and cargo-chef beside: takes the better part of an hour. Prints its figures."""
import json
import os
import shutil
import subprocess
import time
import urllib.request

from harness import engine, paths, workspace
from harness.case import Case, main

COLONY = paths.WORKSPACES / "colony"
MEMBERS = {"backend", "coordinator", "shared"}
COOK = "RUN --mount=type=secret,id=depcache_token"
BUILD = "RUN . /app/build.env;     cargo build"
CHEF_COOK = "RUN cargo chef cook"
CHEF_BUILD = "RUN cargo build"
CHEF_VERSION = "0.1.77"
# Packages that need no other: one that compression and images stand on, one that the SDK of AWS does.
LEAVES = {"crc32fast": "1.4.1", "uuid": "1.18.0"}


def figure(name, value):
    print(f"FIGURE {name}: {value}", flush=True)


class Colony(Case):
    stand_ins = (engine.rust_image(), "gcr.io/distroless/cc")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        cls.args = {"RUST_IMAGE": engine.rust_image(), "DEPCACHE_CLIENT_IMAGE": cls.client_image(),
                    "DEPCACHE_SERVER": cls.server.address}
        cls.secret = ["--secret", f"id=depcache_token,src={cls.server.token_file}"]
        cls.cold, cls.cold_build = cls.base("cold")
        cls.warm, cls.warm_build = cls.base("warm", "--no-cache")
        cls.app = cls.image("colony")
        cls.app_build = engine.build(COLONY, paths.ROOT / "Dockerfile", cls.app,
                                     {**cls.args, "BASE_IMAGE": cls.warm, "BUILD_VERSION": "1.2.3"})

    @classmethod
    def base(cls, name, *flags, folder=COLONY):
        tag = cls.image(f"colony-base-{name}")
        return tag, engine.build(folder, paths.ROOT / "Dockerfile.base", tag, cls.args, [*cls.secret, *flags])

    def edited(self):
        """The colony after a change of one source file."""
        folder = self.folder / "edited"
        if not folder.exists():
            shutil.copytree(COLONY, folder, ignore=shutil.ignore_patterns("target"))
            main_file = folder / "crates/backend/src/be_main.rs"
            main_file.write_text(main_file.read_text().replace("usage: backend", "usage of backend"))
        return folder

    def bumped(self, package):
        folder = self.folder / f"bumped-{package}"
        if not folder.exists():
            shutil.copytree(COLONY, folder, ignore=shutil.ignore_patterns("target"))
            workspace.lock_version(folder, package, LEAVES[package])
        return folder

    def cook(self, image):
        return json.loads(engine.file_of(image, "/app/cook.json"))

    def test_the_base_is_restored_whole(self):
        cold, warm = self.cook(self.cold), self.cook(self.warm)
        self.assertEqual((cold["result"], warm["result"]), ("miss", "hit"), warm)
        self.assertEqual(warm["units"]["restored"], cold["units"]["planned"])
        self.assertEqual(self.warm_build.crates(), [])
        figure("cook step, cold", self.cold_build.step_seconds(COOK))
        figure("cook step, warm server", self.warm_build.step_seconds(COOK))
        figure("units", cold["units"])

    def test_only_members_are_compiled_and_gui_is_none_of_them(self):
        self.assertEqual(set(self.app_build.crates()), MEMBERS)
        figure("build step, members", self.app_build.step_seconds(BUILD))

    def test_the_image_is_small_and_not_root(self):
        size = engine.layer_bytes_above(self.app, "gcr.io/distroless/cc") + engine.REAL_CC_BYTES
        figure("colony image bytes", size)
        self.assertLess(size, 50_000_000)
        config = engine.inspect(self.app)["Config"]
        self.assertEqual(config["User"], "65532:65532")
        self.assertEqual(config["Cmd"], ["/usr/local/bin/backend", "0.0.0.0", "8082", "aws"])

    def test_both_services_answer(self):
        backend = self.container(self.app, flags=["--read-only", "-p", "127.0.0.1:8082:8082"])
        self.assertRegex(self.health(backend, "backend", 8082), r"^ok backend \w+ 1\.2\.3$")
        coordinator = f"{backend}-coordinator"
        self.addCleanup(engine.run, "rm", "-f", coordinator, check=False)
        engine.run("run", "-d", "--name", coordinator, "-p", "127.0.0.1:8083:8083", "-e",
                   "SERVICE_TYPE=coordinator", "-e", "COORDINATOR_HOST=0.0.0.0", self.app,
                   "/usr/local/bin/coordinator", "aws")
        self.assertRegex(self.health(coordinator, "coordinator", 8083), r"^ok coordinator \w+ 1\.2\.3$")

    def health(self, container, service, port):
        # It says where it listens once it does.
        logs = subprocess.Popen([engine.DOCKER, "logs", "-f", container], stdout=subprocess.PIPE,
                                       stderr=subprocess.STDOUT, text=True)
        seen = ""
        for line in logs.stdout:
            seen += line
            if str(port) in line:
                break
        else:
            self.fail(f"{service} did not say where it listens: {seen}")
        logs.kill()
        logs.communicate()
        engine.run("exec", container, f"/usr/local/bin/{service}", "healthcheck")
        return urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=30).read().decode().strip()

    def test_the_selftests_pass_in_the_image(self):
        for service in ("backend", "coordinator"):
            said = engine.run("run", "--rm", "--network=none", self.app, f"/usr/local/bin/{service}", "selftest")
            self.assertGreater(said.stdout.count(": ok"), 10)

    def test_a_source_edit_compiles_members_only(self):
        tag = self.image("colony-edited")
        build = engine.build(self.edited(), paths.ROOT / "Dockerfile", tag, {**self.args, "BASE_IMAGE": self.warm})
        self.assertEqual(set(build.crates()), MEMBERS)
        figure("build step after a source edit", build.step_seconds(BUILD))
        said = engine.run("run", "--rm", tag, "/usr/local/bin/backend", "nonsense", check=False)
        self.assertIn("usage of backend", said.stderr)

    def test_a_bumped_leaf_compiles_what_stands_on_it(self):
        for package in LEAVES:
            image, build = self.base(f"bumped-{package}", folder=self.bumped(package))
            cook = self.cook(image)
            self.assertEqual(cook["result"], "partial")
            self.assertGreater(cook["units"]["restored"], cook["units"]["built"])
            figure(f"cook step, {package} bumped", build.step_seconds(COOK))
            figure(f"units, {package} bumped", cook["units"])

    def test_without_a_base_image(self):
        tag = self.image("colony-none")
        build = engine.build(COLONY, paths.ROOT / "Dockerfile", tag, {**self.args, "BASE_IMAGE": "none"}, self.secret)
        self.assertEqual(set(build.crates()), MEMBERS)
        figure("restore in the build stage, no base image", build.step_seconds(COOK))
        figure("build step, no base image", build.step_seconds(BUILD))

    def test_members_on_the_host(self):
        """What the build step is compared with: cargo alone, in a target of dependencies."""
        folder = self.folder / "host"
        shutil.copytree(COLONY, folder, ignore=shutil.ignore_patterns("target"))
        environment = {**os.environ, "CARGO_HOME": str(self.folder / "host-home"), "DEPCACHE_SERVER": self.server.address,
                       "DEPCACHE_TOKEN_FILE": str(self.server.token_file)}
        environment.pop("CARGO_TARGET_DIR", None)
        selection = ["--bin", "backend", "--bin", "coordinator", "--release"]
        subprocess.run([paths.binary("depcache-client"), "cook", *selection], cwd=folder, env=environment, check=True)
        start = time.monotonic()
        subprocess.run(["cargo", "build", "--offline", *selection], cwd=folder, env=environment, check=True)
        figure("members on the host", round(time.monotonic() - start, 1))

    def test_cargo_chef_beside(self):
        folder = self.folder / "cargo-chef"
        subprocess.run(["cargo", "install", "cargo-chef", "--version", f"={CHEF_VERSION}", "--locked", "--quiet",
                        "--root", folder], check=True)
        (folder / "Dockerfile").write_text("FROM scratch\nCOPY bin/cargo-chef /cargo-chef\n")
        tool = self.image("cargo-chef")
        engine.build(folder, folder / "Dockerfile", tool)

        def build(name, context, *flags):
            return engine.build(context, paths.DOCKER_TESTS / "stand-ins/cargo-chef.Dockerfile", self.image(f"chef-{name}"),
                                {"RUST_IMAGE": engine.rust_image(), "TOOL_IMAGE": tool}, flags)

        cold = build("cold", COLONY, "--no-cache")
        figure("cargo-chef: cook step, cold", cold.step_seconds(CHEF_COOK))
        figure("cargo-chef: build step", cold.step_seconds(CHEF_BUILD))
        edited = build("edited", self.edited())
        self.assertTrue(edited.is_cached(CHEF_COOK))
        figure("cargo-chef: build step after a source edit", edited.step_seconds(CHEF_BUILD))
        for package in LEAVES:
            figure(f"cargo-chef: cook step, {package} bumped",
                   build(package, self.bumped(package), "--target", "cooked").step_seconds(CHEF_COOK))


if __name__ == "__main__":
    main()
