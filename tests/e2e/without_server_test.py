#!/usr/bin/env python3
"""Whatever happens to the server, the dependencies are built and the exit code is cargo's."""
import shutil
import socket

from harness import folders
from harness.case import Case, main
from harness.proxy import Proxy
from harness.server import write_tokens
from harness.tiny import lock_package, write_package

DEPENDENCIES = 'itoa = "1"\ncfg-if = "1"\neither = "1"'
EXPRESSION = 'itoa::Buffer::new().format(either::Either::<u8, u8>::Left(42).into_inner())'


class NeverInTheWay(Case):
    """A small package is compiled anew in each test: three dependency units."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        author = cls.machine("author", has_crates=True)
        cls.package = lock_package(author, write_package(author.work / "tiny", DEPENDENCIES, EXPRESSION))

    def builder(self, server_address, **variables):
        machine = self.machine(self.id().rpartition(".")[2], has_crates=True, DEPCACHE_SERVER=server_address,
                               **variables)
        folder = machine.work / "tiny"
        shutil.copytree(self.package, folder)
        return machine, folder

    def assert_compiled(self, machine, folder, result, count=3):
        """Cooked without help, and the build after it is right."""
        self.assert_ok(result)
        self.assertEqual(len(result.calls.compiled_packages()), count, result.said())
        built = machine.build(folder)
        self.assert_ok(built)
        self.assertEqual(built.calls.compiled_packages(), {"tiny"}, built.said())
        self.assertEqual(machine.run([folder / "target/debug/tiny"], folder).out, "42\n")
        self.assertEqual(list(machine.temp.iterdir()), [])

    def assert_one_line_says(self, result, *words):
        said = [line for line in result.err.splitlines() if line.startswith("depcache: ")]
        telling = [line for line in said if all(word in line for word in words)]
        self.assertEqual(len(telling), 1, result.said())

    def test_no_server_is_set(self):
        machine, folder = self.builder("")
        result = machine.cook(folder)
        self.assert_compiled(machine, folder, result)
        self.assert_one_line_says(result, "no server is set", "DEPCACHE_SERVER")

    def test_off_says_nothing(self):
        machine, folder = self.builder("127.0.0.1:1", DEPCACHE_OFF="1")
        result = machine.cook(folder)
        self.assert_compiled(machine, folder, result)
        self.assertEqual(result.summary["result"], "off")
        self.assertEqual(result.summary["server"], "")

    def test_connection_is_refused(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            port = listener.getsockname()[1]
        machine, folder = self.builder(f"127.0.0.1:{port}")
        result = machine.cook(folder)
        self.assert_compiled(machine, folder, result)
        self.assert_one_line_says(result, "going on with cargo alone")

    def test_server_never_answers(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            machine, folder = self.builder(f"127.0.0.1:{listener.getsockname()[1]}")
            result = machine.cook(folder)
        self.assert_compiled(machine, folder, result)
        self.assert_one_line_says(result, "going on with cargo alone")

    def test_name_that_resolves_to_nothing_and_address_that_is_none(self):
        for address in ("grpcs://cache.invalid:7450", "http://cache", "grpc://10.0.0.1:7450"):
            with self.subTest(address):
                machine, folder = self.builder(address)
                result = machine.cook(folder)
                self.assert_compiled(machine, folder, result)
                self.assert_one_line_says(result, "going on with cargo alone")
                shutil.rmtree(machine.root)

    def test_wrong_settings(self):
        machine, folder = self.builder("127.0.0.1:1", DEPCACHE_STALL_BOUND="soon")
        result = machine.cook(folder)
        self.assert_compiled(machine, folder, result)
        self.assert_one_line_says(result, "DEPCACHE_STALL_BOUND", "going on without a server")

    def test_token_that_may_only_read(self):
        tokens = write_tokens(self.scratch / "tokens.toml", ("ci", "writer-token", ["main"], ["main"]),
                              ("laptop", "reader-token", ["main"], []))
        server = self.serve("with tokens", "--tokens", tokens)
        machine, folder = self.builder(server.address, DEPCACHE_TOKEN="reader-token")
        result = machine.cook(folder)
        self.assert_compiled(machine, folder, result)
        self.assertEqual(result.units["shared"], 0)
        self.assert_one_line_says(result, "laptop may only read here", "not shared")
        # Nothing was written: another reader misses, and a writer then shares.
        self.assertEqual(machine.run([folders.CLIENT, "fetch", "--target-dir", "other"], folder).code, 3)
        shared = machine.run([folders.CLIENT, "push", "--json"], folder, DEPCACHE_TOKEN="writer-token")
        self.assert_ok(shared)
        self.assertEqual(shared.units["shared"], 3, shared.said())
        self.assert_ok(machine.run([folders.CLIENT, "fetch", "--target-dir", "other"], folder))

    def test_token_that_nobody_knows(self):
        tokens = write_tokens(self.scratch / "others.toml", ("ci", "writer-token", ["main"], ["main"]))
        server = self.serve("with other tokens", "--tokens", tokens)
        machine, folder = self.builder(server.address, DEPCACHE_TOKEN="stolen")
        result = machine.cook(folder)
        self.assert_compiled(machine, folder, result)
        self.assert_one_line_says(result, "token is not valid", "going on with cargo alone")

    def test_server_with_a_full_disk(self):
        server = self.serve("full", "--min-free-bytes", "100000GiB")
        machine, folder = self.builder(server.address)
        result = machine.cook(folder)
        self.assert_compiled(machine, folder, result)
        self.assertFalse(result.summary["layer_recorded"])
        self.assertNotEqual(result.summary["server_error"], "", result.said())

    def test_fetch_and_push_tell_by_their_exit_code(self):
        server = self.serve("empty")
        machine, folder = self.builder(server.address)
        fetched = machine.run([folders.CLIENT, "fetch"], folder)
        self.assertEqual((fetched.code, fetched.calls.compiles), (3, []), fetched.said())
        for command in ("fetch", "push"):
            away = machine.run([folders.CLIENT, command], folder, DEPCACHE_SERVER="127.0.0.1:1")
            self.assertEqual((away.code, away.calls.compiles), (4, []), away.said())
        self.assertEqual(machine.run([folders.CLIENT, "fetch", "--release", "--profile", "ci"], folder).code, 2)

    def test_compile_error_has_cargos_exit_code(self):
        machine, folder = self.builder("")
        broken = machine.run(["cargo", "fetch", "--offline"], folder)
        self.assert_ok(broken)
        source = next((machine.cargo_home / "registry/src").glob("*/either-*/src/lib.rs"))
        source.chmod(0o644)
        source.write_text("this is no Rust")
        result = machine.cook(folder)
        self.assertEqual(result.code, 101, result.said())
        self.assertIn("this is no Rust", result.err)
        self.assertEqual(result.summary["cargo"], "failed")


class LostMidway(Case):
    """A server that goes away while bytes flow."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        first = cls.machine("first", cls.server, has_crates=True)
        cls.cold = first.cook(first.checkout("small"))
        cls.whole = cls.cold.summary["bytes"]["sent"]
        first.vanish()

    def restore_through(self, cut_after, on_cut):
        self.assert_ok(self.cold)
        proxy = Proxy(self.server.address, cut_after, on_cut)
        self.addCleanup(proxy.close)
        machine = self.machine(self.id().rpartition(".")[2], has_crates=True, DEPCACHE_SERVER=proxy.address)
        folder = machine.checkout("small")
        result = machine.cook(folder)
        self.assertTrue(proxy.was_cut)
        self.assert_ok(result)
        self.assertEqual(result.summary["result"], "partial", result.said())
        self.assertNotEqual(result.summary["server_error"], "")
        built = machine.build(folder)
        self.assert_members_only(built, "small")
        self.assert_idle(machine.build(folder))
        self.assert_ok(machine.run([folder / "target/debug/app", "selftest"], folder))
        return result

    def test_connection_cut_in_the_middle_of_a_restore(self):
        result = self.restore_through(self.whole // 2, lambda: None)
        self.assertNotEqual(result.calls.compiles, [])

    def test_server_killed_in_the_middle_of_a_restore(self):
        self.restore_through(self.whole * 3 // 4, self.server.kill)
        # What it had recorded is still there.
        self.server.start()
        machine = self.machine("afterwards", self.server)
        folder = machine.checkout("small")
        self.assert_hit(machine.cook(folder))
        self.assert_members_only(machine.build(folder), "small")


if __name__ == "__main__":
    main()
