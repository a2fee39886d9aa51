"""A case for scripts that build and push: a tiny workspace, a fake AWS, a registry, a server, a buildx."""
import os
import shutil
import subprocess

from . import engine, paths, tools, workspace
from .aws import REGISTRY, FakeAws, Registry
from .case import Case

BASE_URI = f"{REGISTRY}/distributed-colony-base:latest"
COLONY_URI = f"{REGISTRY}/distributed-colony:latest"
LOCAL_BASE = "distributed-colony-base:latest"


class ScriptCase(Case):
    stand_ins = (engine.rust_image(), "gcr.io/distroless/cc")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.tiny = workspace.make_tiny(cls.folder / "tiny")
        cls.client = cls.client_image()
        cls.server = cls.serve()
        cls.aws = FakeAws(cls.folder)
        cls.undo(cls.aws.stop)
        cls.registry = Registry(cls.folder / "registry", cls.aws.ecr_password())
        cls.undo(cls.registry.remove)
        cls.undo(engine.remove, BASE_URI, COLONY_URI, LOCAL_BASE)
        cls.buildx_log = cls.folder / "buildx.log"
        cls.environment = cls.make_environment()

    @classmethod
    def make_environment(cls):
        bin_folder = cls.folder / "bin"
        bin_folder.mkdir()
        (bin_folder / "docker").symlink_to(engine.DOCKER)
        # A shim of a version manager finds its program by PATH.
        (bin_folder / "aws").write_text(f'#!/bin/sh\nPATH="{os.environ["PATH"]}" exec {tools.find("aws")} "$@"\n')
        (bin_folder / "aws").chmod(0o755)
        plugins = cls.folder / "docker-config/cli-plugins"
        plugins.mkdir(parents=True)
        shutil.copy(paths.DOCKER_TESTS / "stand-ins/docker-buildx", plugins)
        return {"PATH": f"{bin_folder}:/usr/bin:/bin", "HOME": str(cls.folder), "BUILDKIT_PROGRESS": "plain",
                "DOCKER_CONFIG": str(plugins.parent), "BUILDX_LOG": str(cls.buildx_log), **cls.aws.environment,
                "DEPCACHE_CLIENT_IMAGE": cls.client, "DEPCACHE_SERVER": cls.server.address,
                "DEPCACHE_TOKEN_FILE": str(cls.server.token_file), "COLONY_WORKSPACE": str(cls.tiny)}

    def setUp(self):
        self.registry.start()
        self.addCleanup(self.registry.stop)
        self.buildx_log.write_text("")

    def start(self, script, *words, **variables):
        words = words or ("--", "--build-arg", "BINS=tiny", "--build-arg", "BUILD_PACKAGES=")
        return subprocess.Popen([script, *map(str, words)], env={**self.environment, **variables}, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True)

    def run_script(self, script, *words, **variables):
        process = self.start(script, *words, **variables)
        process.out, process.err = process.communicate()
        return process
