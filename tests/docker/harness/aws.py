"""A fake AWS that keeps state and checks signatures (moto), and the registry it stands for, on this machine."""
import crypt
import json
import os
import pathlib
import socket
import subprocess

from . import tools

ACCOUNT = "123456789012"
REGION = "eu-west-1"
REGISTRY = f"{ACCOUNT}.dkr.ecr.{REGION}.amazonaws.com"
ADMIN = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
SETUP_CALLS = 3  # made before credentials are looked at


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for_port(process, port):
    """Returns once something listens. Tries again as often as the kernel says no; the process must live."""
    while process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=5).close()
            return
        except ConnectionRefusedError:
            os.sched_yield()
    raise AssertionError(f"{process.args[0]} ended with {process.returncode}")


class FakeAws:
    def __init__(self, folder):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = open(pathlib.Path(folder) / "moto.log", "w")
        self.process = subprocess.Popen(
            [tools.find("moto_server"), "-H", "127.0.0.1", "-p", str(self.port)], stdout=self.log, stderr=self.log,
            env={**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": str(SETUP_CALLS)})
        wait_for_port(self.process, self.port)
        self.environment = {"AWS_ENDPOINT_URL": self.url, "AWS_ACCESS_KEY_ID": "setup",
                            "AWS_SECRET_ACCESS_KEY": "setup", "AWS_CONFIG_FILE": "/dev/null",
                            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true"}
        self.aws("iam", "create-user", "--user-name", "ci")
        key = self.aws("iam", "create-access-key", "--user-name", "ci")["AccessKey"]
        self.aws("iam", "put-user-policy", "--user-name", "ci", "--policy-name", "all",
                 "--policy-document", json.dumps(ADMIN))
        self.environment["AWS_ACCESS_KEY_ID"] = key["AccessKeyId"]
        self.environment["AWS_SECRET_ACCESS_KEY"] = key["SecretAccessKey"]

    def aws(self, *words):
        result = subprocess.run([tools.find("aws"), "--region", REGION, "--output", "json", *words],
                                env={**os.environ, **self.environment}, capture_output=True, text=True)
        if result.returncode != 0:
            raise AssertionError(f"aws {' '.join(words)}: {result.stderr}")
        return json.loads(result.stdout) if result.stdout.strip() else {}

    def ecr_password(self):
        return subprocess.run([tools.find("aws"), "--region", REGION, "ecr", "get-login-password"], check=True,
                              env={**os.environ, **self.environment}, capture_output=True, text=True).stdout.strip()

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.log.close()


class Registry:
    """Debian's docker-registry at the name and port that ECR has; /etc/hosts and certs.d lead there."""

    MARK = "# depcache container tests"

    def __init__(self, folder, password):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir()
        self.make_certificate()
        salt = crypt.mksalt(crypt.METHOD_BLOWFISH, rounds=16)
        (self.folder / "htpasswd").write_text(f"AWS:{crypt.crypt(password, salt)}\n")
        hosts = pathlib.Path("/etc/hosts")
        hosts.write_text(f"{hosts.read_text().rstrip()}\n127.0.0.1 {REGISTRY} {self.MARK}\n")
        self.certs = pathlib.Path("/etc/docker/certs.d") / REGISTRY
        self.certs.mkdir(parents=True, exist_ok=True)
        (self.certs / "ca.crt").write_bytes((self.folder / "registry.crt").read_bytes())
        self.process = None

    def make_certificate(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                        f"/CN={REGISTRY}", "-addext", f"subjectAltName=DNS:{REGISTRY}", "-keyout", "registry.key",
                        "-out", "registry.crt"], cwd=self.folder, check=True, capture_output=True)

    def start(self, is_read_only=False):
        config = {"version": 0.1,
                  "storage": {"filesystem": {"rootdirectory": str(self.folder / "data")},
                              "maintenance": {"readonly": {"enabled": is_read_only},
                                              "uploadpurging": {"enabled": False}}},
                  "auth": {"htpasswd": {"realm": "ecr", "path": str(self.folder / "htpasswd")}},
                  "http": {"addr": "127.0.0.1:443", "tls": {"certificate": str(self.folder / "registry.crt"),
                                                            "key": str(self.folder / "registry.key")}}}
        path = self.folder / "config.yml"
        path.write_text(json.dumps(config))  # JSON is YAML
        with open(self.folder / "log", "a") as log:
            self.process = subprocess.Popen(["docker-registry", "serve", path], stdout=log, stderr=log)
        wait_for_port(self.process, 443)
        return self

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def remove(self):
        self.stop()
        hosts = pathlib.Path("/etc/hosts")
        kept = [line for line in hosts.read_text().splitlines() if self.MARK not in line]
        hosts.write_text("\n".join(kept) + "\n")
        (self.certs / "ca.crt").unlink()
        self.certs.rmdir()

    def has(self, repository):
        return (self.folder / "data/docker/registry/v2/repositories" / repository / "_manifests/tags").exists()
