#!/usr/bin/env python3
"""Go checkouts: what one machine compiled of others' packages, another restores
at another path and with no proxy, and compiles its own packages only."""
import os
import shutil
import stat

from harness import folders
from harness.case import FAR_AWAY, Case, main
from harness.go import GoMachine, ModuleProxy, compiled, write_tree

LEAF = 'package leaf\n\nimport "strings"\n\nfunc Up(s string) string { return strings.ToUpper(s) + "%s" }\n'
MID = """package mid

import (
	"encoding/json"

	"example.com/Leaf"
)

func Mid(s string) string {
	out, _ := json.Marshal(leaf.Up(s))
	return string(out)
}
"""
APP = {
    "go.mod": "module example.org/app\n\ngo 1.19\n\nrequire example.com/mid/v2 v2.1.0\n\n"
              "require example.com/Leaf v1.0.0 // indirect\n",
    "cmd/app/main.go": """package main

import (
	"fmt"

	"example.com/mid/v2"
	"example.org/app/util"
)

func main() { fmt.Println(mid.Mid(util.Word)) }
""",
    "util/util.go": 'package util\n\nimport "sort"\n\nvar Word = "a"\n\nfunc init() { sort.Strings(nil) }\n',
}
OWN = ["example.org/app/util", "main"]


def fill(proxy):
    proxy.add("example.com/Leaf", "v1.0.0", {"leaf.go": LEAF % "!"})
    proxy.add("example.com/Leaf", "v1.1.0", {"leaf.go": LEAF % "?"})
    proxy.add("example.com/mid/v2", "v2.1.0", {"mid.go": MID}, [("example.com/Leaf", "v1.0.0")])


class GoCase(Case):
    @classmethod
    def go_machine(cls, name, server=None, proxy="off", **variables):
        return GoMachine(cls.scratch / name, server.address if server else "", proxy, **variables)

    def assert_restored(self, result):
        self.assert_ok(result)
        self.assertEqual(result.summary["result"], "hit", result.said())
        self.assertEqual(result.units["restored"] + result.units["present"], result.units["planned"])
        self.assertGreater(result.units["planned"], 40, "runtime and encoding/json alone are more")

    def assert_own_only(self, machine, folder, says, **variables):
        built = machine.go_build(folder, GOPROXY="off", **variables)
        self.assert_ok(built)
        self.assertEqual(compiled(built), OWN, built.said())
        self.assert_ok(machine.go_build(folder, "-o", folder / "app.bin", packages=["./cmd/app"],
                                        GOPROXY="off", **variables))
        if says:
            ran = machine.run([folder / "app.bin"], folder)
            self.assertEqual(ran.out.strip(), says)


class SharedLayers(GoCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = cls.serve()
        cls.proxy = ModuleProxy(cls.scratch / "proxy")
        fill(cls.proxy)
        first = cls.go_machine("first", cls.server, cls.proxy.url)
        folder = first.go_checkout(APP)
        # What a developer commits.
        tidy = first.run(["go", "mod", "tidy"], folder)
        if tidy.code != 0:
            raise RuntimeError(tidy.said())
        cls.app = {**APP, "go.mod": (folder / "go.mod").read_text(), "go.sum": (folder / "go.sum").read_text()}
        shutil.rmtree(first.build_cache, ignore_errors=True)
        cls.cold = first.go_cook(folder)
        cls.plain = first.go_build(folder)
        cls.first_layer = first.run(["find", first.build_cache, "-name", "*-d"], folder).out
        first.vanish()

    def test_the_first_machine_compiled_and_shared_all(self):
        self.assert_ok(self.cold)
        self.assertEqual(self.cold.summary["result"], "miss")
        self.assertTrue(self.cold.summary["recipe"].startswith("go:"), self.cold.said())
        self.assertTrue(self.cold.summary["layer_recorded"], self.cold.said())
        self.assertEqual(self.cold.summary["skipped"], [])
        self.assertEqual(self.cold.units["shared"], self.cold.units["planned"])
        self.assert_ok(self.plain)
        self.assertEqual(compiled(self.plain), OWN, "a cook leaves nothing of others to compile")

    def test_without_a_layer_everything_is_compiled(self):
        """The counter counts: what the other tests find small is large without us."""
        machine = self.go_machine("plain", proxy=self.proxy.url)
        built = machine.go_build(machine.go_checkout(self.app))
        self.assert_ok(built)
        self.assertIn("encoding/json", compiled(built))
        self.assertIn("example.com/Leaf", compiled(built))
        lonely = self.go_machine("lonely")
        self.assertNotEqual(lonely.go_build(lonely.go_checkout(self.app)).code, 0, "there was a proxy after all")

    def test_another_machine_restores_and_compiles_its_own_packages_only(self):
        machine = self.go_machine(FAR_AWAY, self.server)
        folder = machine.go_checkout(self.app)
        cooked = machine.go_cook(folder)
        self.assert_restored(cooked)
        self.assertEqual(cooked.units["present"], 0)
        self.assert_own_only(machine, folder, says='"A!"')
        # Unpacked by Go, and read-only now; a second cook finds all it needs.
        leaf = machine.module_cache / "example.com/!leaf@v1.0.0"
        self.assertFalse(os.stat(leaf).st_mode & stat.S_IWUSR)
        again = machine.go_cook(folder)
        self.assert_restored(again)
        self.assertEqual(again.units["present"], again.units["planned"])
        self.assertEqual(again.summary["bytes"]["written"], 0)
        verified = machine.run(["go", "mod", "verify"], folder)
        self.assertIn("all modules verified", verified.out, verified.said())

    def test_nothing_but_the_two_caches_is_written(self):
        machine = self.go_machine("tidy", self.server)
        folder = machine.go_checkout(self.app)
        before = sorted(folder.rglob("*")), sorted(machine.home.rglob("*"))
        self.assert_restored(machine.go_cook(folder))
        self.assertEqual((sorted(folder.rglob("*")), sorted(machine.home.rglob("*"))), before)
        self.assertEqual(list(machine.temp.iterdir()), [])
        # Two digits, and what Go itself writes.
        names = {path.name for path in machine.build_cache.iterdir() if len(path.name) != 2}
        self.assertLessEqual(names, {"README", "trim.txt", "log.txt"})
        self.assertLessEqual({path.name for path in (machine.module_cache / "cache").iterdir()}, {"download", "lock"})

    def test_a_recipe_is_enough(self):
        """As in a container build: prepare where the sources are, cook where they are not."""
        planner = self.go_machine("planner")
        folder = planner.go_checkout(self.app)
        self.assert_ok(planner.run([self.client(), "go", "prepare"], folder))
        builder = self.go_machine("builder", self.server)
        empty = builder.work / "app"
        empty.mkdir()
        shutil.copy(folder / "recipe.json", empty)
        self.assert_restored(builder.go_cook(empty, "--recipe-path", "recipe.json"))
        self.assertEqual([path.name for path in empty.iterdir()], ["recipe.json"])
        write_tree(empty, self.app)
        self.assert_own_only(builder, empty, says='"A!"')

    def test_only_what_others_wrote_counts_in_a_recipe(self):
        machine = self.go_machine("recipes")

        def recipe(**changes):
            folder = machine.go_checkout({**self.app, **changes})
            self.assert_ok(machine.run([self.client(), "go", "prepare"], folder))
            return (folder / "recipe.json").read_text()

        before = recipe()
        edited = self.app["util/util.go"] + "\nvar More = 1\n"
        self.assertEqual(recipe(**{"util/util.go": edited}), before)
        self.assertEqual(recipe(**{"go.mod": "// why\n" + self.app["go.mod"]}), before)
        imports = self.app["util/util.go"].replace('"sort"', '"sort"\n\nimport _ "unicode"')
        self.assertNotEqual(recipe(**{"util/util.go": imports}), before)

    def test_go_build_does_both(self):
        machine = self.go_machine("both", self.server)
        folder = machine.go_checkout(self.app)
        built = machine.run([self.client(), "go", "build", "-o", "app.bin", "--ldflags", "-s -w", "./cmd/app"], folder)
        self.assert_ok(built)
        self.assertIn("restored", built.err)
        self.assertEqual(machine.run([folder / "app.bin"], folder).out.strip(), '"A!"')
        broken = {**self.app, "util/util.go": "package util\n\nthis is no go\n"}
        folder = machine.go_checkout(broken)
        self.assertNotEqual(machine.run([self.client(), "go", "build", "./..."], folder).code, 0)

    def test_a_newer_leaf_compiles_the_leaf_and_what_stands_on_it(self):
        machine = self.go_machine("bump", self.server, self.proxy.url)
        folder = machine.go_checkout(self.app)
        self.assert_ok(machine.run(["go", "get", "example.com/Leaf@v1.1.0"], folder))
        shutil.rmtree(machine.build_cache)
        cooked = machine.go_cook(folder)
        self.assert_ok(cooked)
        self.assertEqual(cooked.summary["result"], "partial", cooked.said())
        # The new module, its package, and the one package above it.
        self.assertLessEqual(cooked.units["built"], 3, cooked.said())
        self.assertTrue(cooked.summary["layer_recorded"])
        self.assert_own_only(machine, folder, says='"A?"')

    def test_platforms_and_tags_have_layers_of_their_own(self):
        recipes = {self.cold.summary["recipe"]}
        machine = self.go_machine("platforms", self.server, self.proxy.url)
        folder = machine.go_checkout(self.app)
        arm = machine.go_cook(folder, GOARCH="arm64")
        self.assert_ok(arm)
        recipes.add(arm.summary["recipe"])
        self.assert_own_only(machine, folder, says=None, GOARCH="arm64")
        tagged = machine.go_cook(folder, "--tags", "netgo,osusergo")
        self.assert_ok(tagged)
        recipes.add(tagged.summary["recipe"])
        self.assertEqual(len(recipes), 3)

    @staticmethod
    def client():
        return folders.CLIENT


class WithCgo(GoCase):
    """Packages with C files: runtime/cgo and net."""

    APP = {
        "go.mod": "module example.org/app\n\ngo 1.19\n",
        "cmd/app/main.go": 'package main\n\nimport (\n\t"net"\n\n\t"example.org/app/util"\n)\n\n'
                           'func main() { println(net.IPv4zero.String(), util.N) }\n',
        "util/util.go": "package util\n\nvar N = 1\n",
    }

    def test_another_machine_runs_no_c_compiler(self):
        server = self.serve()
        first = self.go_machine("first", server, CGO_ENABLED="1")
        cold = first.go_cook(first.go_checkout(self.APP))
        self.assert_ok(cold)
        self.assertEqual(cold.summary["skipped"], [], cold.said())
        first.vanish()
        machine = self.go_machine(FAR_AWAY, server, CGO_ENABLED="1")
        folder = machine.go_checkout(self.APP)
        self.assert_restored(machine.go_cook(folder))
        built = machine.go_build(folder)
        self.assert_ok(built)
        self.assertEqual(compiled(built), OWN, built.said())
        self.assertNotRegex(built.err, r"(?m)^\S*/cgo -", "cgo ran")


class WithoutServers(GoCase):
    def test_a_cook_goes_on_with_go_alone(self):
        server = self.serve()
        server.kill()
        proxy = ModuleProxy(self.scratch / "proxy")
        proxy.add("example.com/Leaf", "v1.0.0", {"leaf.go": LEAF % "!"})
        machine = self.go_machine("alone", server, proxy.url, GOFLAGS="-mod=mod")
        folder = machine.go_checkout({
            "go.mod": "module example.org/app\n\ngo 1.19\n\nrequire example.com/Leaf v1.0.0\n",
            "main.go": 'package main\n\nimport "example.com/Leaf"\n\nfunc main() { print(leaf.Up("a")) }\n'})
        cooked = machine.go_cook(folder)
        self.assert_ok(cooked)
        self.assertIn("going on with go alone", cooked.err)
        self.assertNotEqual(cooked.summary["server_error"], "")
        self.assertEqual(cooked.summary["result"], "off")
        self.assertFalse(cooked.summary["layer_recorded"])

    def test_nothing_to_cook_is_an_error_of_usage(self):
        machine = self.go_machine("empty")
        nothing = machine.go_cook(machine.work)
        self.assertEqual(nothing.code, 2)
        self.assertIn("go.mod", nothing.err)


class Workspaces(GoCase):
    """go.work, a module replaced by a folder, and one replaced by another."""

    def test_a_workspace_is_cooked_as_one(self):
        server = self.serve()
        proxy = ModuleProxy(self.scratch / "proxy")
        proxy.add("example.net/fork", "v1.0.0", {"leaf.go": LEAF % "#"})
        files = {
            "go.work": "go 1.19\n\nuse (\n\t./app\n\t./lib\n)\n",
            "lib/go.mod": "module example.org/lib\n\ngo 1.19\n",
            "lib/lib.go": "package lib\n\nvar N = 1\n",
            "local/go.mod": "module example.com/local\n\ngo 1.19\n",
            "local/local.go": 'package local\n\nimport "bytes"\n\nvar B bytes.Buffer\n',
            "app/go.mod": "module example.org/app\n\ngo 1.19\n\nrequire (\n\texample.com/Leaf v1.0.0\n"
                          "\texample.com/local v0.0.0\n)\n\nreplace example.com/local => ../local\n\n"
                          "replace example.com/Leaf => example.net/fork v1.0.0\n",
            "app/main.go": 'package main\n\nimport (\n\t"example.com/Leaf"\n\t"example.com/local"\n'
                           '\t"example.org/lib"\n)\n\nfunc main() { print(leaf.Up("a"), local.B.Len(), lib.N) }\n',
        }
        first = self.go_machine("first", server, proxy.url)
        folder = first.go_checkout(files)
        self.assert_ok(first.run(["go", "mod", "download"], folder))
        # What the team commits, go.work.sum with it.
        sums = [name for name in ("go.work.sum", "app/go.sum", "lib/go.sum") if (folder / name).exists()]
        self.assertNotEqual(sums, [], "the fork's sums are nowhere")
        files = {name: (folder / name).read_text() for name in [*files, *sums]}
        cold = first.go_cook(folder)
        self.assert_ok(cold)
        self.assertTrue(cold.summary["layer_recorded"], cold.said())
        first.vanish()
        machine = self.go_machine(FAR_AWAY, server)
        folder = machine.go_checkout(files)
        restored = machine.go_cook(folder)
        self.assert_ok(restored)
        self.assertEqual(restored.summary["result"], "hit", restored.said())
        built = machine.go_build(folder, packages=["./app", "./lib"])
        self.assert_ok(built)
        self.assertEqual(compiled(built), ["example.com/local", "example.org/lib", "main"], built.said())


if __name__ == "__main__":
    main()
