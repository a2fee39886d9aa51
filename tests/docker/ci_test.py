#!/usr/bin/env python3
"""The steps of the pipelines in deploy/ci, run for real."""
import os
import shutil

from harness import engine, paths, workspace
from harness.case import main
from harness.script_case import LOCAL_BASE, ScriptCase

CI = paths.DEPLOY / "ci"
FLAGS = ("--build-arg", "BUILD_PACKAGES=")


class Pipeline(ScriptCase):
    def setUp(self):
        super().setUp()
        tools = self.folder / "bin"
        if not (tools / "depcache-client").exists():
            (tools / "depcache-client").symlink_to(paths.binary("depcache-client"))
            (tools / "cargo").symlink_to(shutil.which("cargo"))
            # Says what it was asked and finds something in images that are called so.
            (tools / "trivy").write_text('#!/bin/sh\necho "$*"\ncase "$*" in *vulnerable*) exit 1 ;; esac\n')
            (tools / "trivy").chmod(0o755)
        home = os.environ["HOME"]
        self.environment = {**self.environment, "BINS": "tiny", "HOME": home}

    def test_the_base_is_built_when_the_recipe_changes_and_only_then(self):
        engine.remove(LOCAL_BASE)
        step = CI / "base-if-changed.sh"
        first = self.run_script(step, self.tiny, *FLAGS)
        self.assertEqual(first.returncode, 0, first.out + first.err)
        self.assertIn("The recipe changed: no base image", first.out)
        built = engine.inspect(LOCAL_BASE)["Id"]

        edited = self.folder / "edited"
        shutil.copytree(self.tiny, edited)
        (edited / "src/main.rs").write_text('// Another comment.\nfn main() { println!("edited"); }\n')
        manifest = edited / "Cargo.toml"
        manifest.write_text("# The same.\n" + manifest.read_text())
        same = self.run_script(step, edited, *FLAGS)
        self.assertIn("nothing to do", same.out, same.err)
        self.assertEqual(engine.inspect(LOCAL_BASE)["Id"], built)

        manifest.write_text(manifest.read_text().replace("=1.0.15", "=1.0.14"))
        workspace.lock_version(edited, "itoa", "1.0.14")
        changed = self.run_script(step, edited, *FLAGS)
        self.assertEqual(changed.returncode, 0, changed.out + changed.err)
        self.assertIn("The recipe changed: ", changed.out)
        self.assertNotEqual(engine.inspect(LOCAL_BASE)["Id"], built)

        image = self.image("pipeline")
        colony = self.run_script(CI / "build-colony.sh", image, edited)
        self.assertEqual(colony.returncode, 0, colony.out + colony.err)
        self.assertEqual(engine.run("run", "--rm", image, "/usr/local/bin/tiny").stdout, "edited\n")
        engine.remove(LOCAL_BASE)

    def test_a_failing_base_fails_the_step(self):
        result = self.run_script(CI / "base-if-changed.sh", self.tiny, "--build-arg", "RUST_IMAGE=scratch-that-is-not")
        self.assertEqual(result.returncode, 1, result.out + result.err)

    def test_a_scan_that_finds_something_fails_the_step(self):
        clean = self.run_script(CI / "scan.sh", "colony:1")
        self.assertEqual(clean.returncode, 0)
        self.assertIn("--exit-code 1 --severity CRITICAL,HIGH", clean.out)
        self.assertEqual(self.run_script(CI / "scan.sh", "vulnerable:1").returncode, 1)


if __name__ == "__main__":
    main()
