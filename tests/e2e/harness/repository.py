"""Git repositories that Cargo fetches dependencies from."""
import os
import subprocess

GIT_ENVIRONMENT = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1",
                   "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a",
                   "GIT_COMMITTER_EMAIL": "a@b", "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
                   "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z"}


class Repository:
    """A working repository with a branch `main`; `url` is what a manifest names."""

    def __init__(self, folder):
        self.folder = folder
        self.url = folder.as_uri()
        folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *arguments):
        return subprocess.run(["git", *arguments], cwd=self.folder, env=GIT_ENVIRONMENT, check=True,
                              capture_output=True, text=True).stdout.strip()

    def write(self, name, text):
        file = self.folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def write_crate(self, name, source, below=".", extra=""):
        self.write(f"{below}/Cargo.toml", f'[package]\nname = "{name}"\nversion = "0.3.0"\nedition = "2021"\n{extra}\n')
        self.write(f"{below}/src/lib.rs", source)

    def commit(self):
        """All that was written; the commit's name."""
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "a change")
        return self.head()

    def head(self):
        return self.git("rev-parse", "HEAD")

    def vanish(self):
        """Nobody can fetch from it any more."""
        self.folder.rename(self.folder.with_name(self.folder.name + " gone"))
