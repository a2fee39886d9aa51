// Properties over random rewrites of a workspace's texts: what says the same
// gives the same recipe.json, byte for byte.

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cache/recipe/make_recipe.h"
#include "cache/recipe/skeleton_json.h"
#include "cache/recipe/toml_text.h"
#include "tests/cache/recipe/workspaces.h"
#include "tests/support/status_matchers.h"

namespace depcache {
namespace {

using ::depcache::testing::Colony;
using ::depcache::testing::IsOk;
using ::depcache::testing::SmallEnvironment;
using ::depcache::testing::SmallWorkspace;

// Writes a manifest another way: keys in any order, tables inline or under
// headers, dotted keys, comments, other quotes, blank lines.
class Rewriter {
 public:
  explicit Rewriter(std::uint64_t seed) : random_(seed) {}

  std::string Rewrite(const std::string& text) {
    TomlTable table = *ParseToml(text);
    Vary(table);
    std::string out = Noise();
    std::string below;
    Write(table, "", out, below);
    return out + below;
  }

  template <typename Items>
  void Shuffle(Items& items) {
    std::ranges::shuffle(items, random_);
  }
  bool Chance() { return random_() % 2 == 0; }

 private:
  // Values that must not show.
  void Vary(TomlTable& manifest) {
    TomlTable* package = FindTable(&manifest, "package");
    if (package == nullptr) return;
    if (Chance()) (*package)["description"] = TomlString("text " + std::to_string(random_()));
    if (Chance()) (*package)["authors"] = TomlStrings({"A", std::to_string(random_())});
    if (Chance()) manifest["lints"] = {TomlTable{{"workspace", {true}}}};
    if (Chance()) (*package)["publish"] = {false};
  }

  std::string Noise() {
    switch (random_() % 4) {
      case 0:
        return "# " + std::to_string(random_()) + " [not] a = 'table'\n";
      case 1:
        return "\n\n";
      default:
        return "";
    }
  }

  std::string Key(const std::string& key) {
    return Chance() && PrintTomlKey(key) == key ? "\"" + key + "\"" : PrintTomlKey(key);
  }

  static bool IsTableArray(const TomlValue& value) {
    const TomlArray* array = value.AsArray();
    return array != nullptr && !array->empty() && array->front().AsTable() != nullptr;
  }

  void Write(const TomlTable& table, const std::string& path, std::string& out,
             std::string& below) {
    std::vector<const TomlTable::value_type*> entries;
    for (const auto& entry : table) entries.push_back(&entry);
    Shuffle(entries);
    for (const auto* entry : entries) {
      const auto& [key, value] = *entry;
      const TomlTable* inner = value.AsTable();
      const std::string full = path.empty() ? Key(key) : path + "." + Key(key);
      if (IsTableArray(value)) {
        std::vector<TomlValue> items = *value.AsArray();
        Shuffle(items);
        for (const TomlValue& item : items) {
          std::string deeper;
          below += Noise() + "[[" + full + "]]\n";
          Write(*item.AsTable(), full, below, deeper);
          below += deeper;
        }
      } else if (inner != nullptr && (path.empty() || Chance())) {
        std::string lines;
        std::string deeper;
        Write(*inner, full, lines, deeper);
        below += Noise() + "[" + full + "]\n" + lines + deeper;
      } else {
        out += Key(key) + " = " + PrintTomlInline(value) + (Chance() ? "  # why\n" : "\n");
      }
      out += Noise();
    }
  }

  std::mt19937_64 random_;
};

WorkspaceText Rewritten(WorkspaceText workspace, std::uint64_t seed) {
  Rewriter rewriter(seed);
  for (PackageText& package : workspace.packages) {
    package.text = rewriter.Rewrite(package.text);
    rewriter.Shuffle(package.targets);
  }
  rewriter.Shuffle(workspace.packages);
  workspace.lock = rewriter.Rewrite(*workspace.lock);
  for (std::string& config : workspace.configs) config = rewriter.Rewrite(config);
  return workspace;
}

void ExpectStable(const WorkspaceText& workspace, int rewrites) {
  const absl::StatusOr<Skeleton> skeleton = BuildSkeleton(workspace);
  ASSERT_THAT(skeleton, IsOk());
  const std::string json = SkeletonToJson(*skeleton);
  const RecipeHash hash = MakeRecipe(*skeleton, {}, SmallEnvironment())->Hash();
  for (std::uint64_t seed = 1; seed <= static_cast<std::uint64_t>(rewrites); ++seed) {
    const WorkspaceText rewritten = Rewritten(workspace, seed);
    const absl::StatusOr<Skeleton> other = BuildSkeleton(rewritten);
    ASSERT_THAT(other, IsOk()) << "seed " << seed << "\n" << rewritten.packages[0].text;
    ASSERT_EQ(SkeletonToJson(*other), json) << "seed " << seed;
    ASSERT_EQ(MakeRecipe(*other, {}, SmallEnvironment())->Hash(), hash) << "seed " << seed;
  }
}

TEST(StabilityTest, RewritingTheTextsOfAWorkspaceChangesNothing) {
  WorkspaceText workspace = SmallWorkspace();
  workspace.configs = {
      "[build]\nrustflags = ['-a', '-b']\n[target.'cfg(unix)']\nlinker = 'ld'\nrustflags = ['-c']\n"
      "[profile.dev.package.'*']\nopt-level = 1\n[env]\nX = 'y'\n"};
  ExpectStable(workspace, 80);
}

TEST(StabilityTest, RewritingTheTextsOfTheColonyChangesNothing) { ExpectStable(Colony(), 3); }

TEST(StabilityTest, MembersMayHaveAnyVersions) {
  const Skeleton skeleton = *BuildSkeleton(SmallWorkspace());
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    std::mt19937_64 random(seed);
    WorkspaceText workspace = SmallWorkspace();
    for (const std::string name : {"app", "core", "macros", "tool"}) {
      const std::string version = std::to_string(random() % 9) + "." +
                                  std::to_string(random() % 99) + ".0" +
                                  (random() % 2 == 0 ? "-rc.1" : "");
      std::string& lock = *workspace.lock;
      const std::size_t at = lock.find("version", lock.find("name = \"" + name + "\""));
      lock.replace(at, lock.find('\n', at) - at, "version = \"" + version + "\"");
      PackageText& package = testing::PackageAt(workspace, "crates/" + name + "/Cargo.toml");
      TomlTable manifest = *ParseToml(package.text);
      (*FindTable(&manifest, "package"))["version"] = TomlString(version);
      package.text = PrintToml(manifest);
    }
    ASSERT_EQ(*BuildSkeleton(workspace), skeleton) << "seed " << seed;
  }
}

}  // namespace
}  // namespace depcache
