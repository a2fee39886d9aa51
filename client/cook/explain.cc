#include "client/cook/explain.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "cache/recipe/recipe_diff.h"

namespace depcache::client {
namespace {

struct Origin {
  std::string_view part;  // or the beginning of several
  std::string_view from;
};

constexpr Origin kOrigins[] = {
    {"cargo", "the version of cargo"},
    {"command", "--check or --clippy"},
    {"config.", ".cargo/config.toml"},
    {"env.", "the environment"},
    {"host.", "this host"},
    {"lock", "Cargo.lock"},
    {"packages", "Cargo.toml of the members"},
    {"patch", "[patch] of the root's Cargo.toml"},
    {"profile", "--profile or --release"},
    {"profile.settings", "[profile] of the root's Cargo.toml"},
    {"resolver", "resolver or edition of the root's Cargo.toml"},
    {"rustc", "the version of rustc"},
    {"rustc.digest", "the files of rustc"},
    {"rustc.wrapper", "RUSTC_WRAPPER"},
    {"selection.features", "--features, --all-features or --no-default-features"},
    {"selection.packages", "--package, --exclude, --workspace, or the members"},
    {"selection.targets", "--lib, --bin, --tests and the like"},
    {"selection.unstable", "-Z"},
    {"sources.directory", "the vendored packages"},
    {"target-spec.", "the target specification"},
    {"targets", "--target, CARGO_BUILD_TARGET or build.target"},
    {"workspace", "[workspace] of the root's Cargo.toml"},
};

std::string OriginOfFlags(const Environment& environment) {
  for (const auto& [name, value] : environment) {
    const bool is_flags = name == "RUSTFLAGS" || name == "CARGO_ENCODED_RUSTFLAGS" ||
                          name == "CARGO_BUILD_RUSTFLAGS" ||
                          (name.starts_with("CARGO_TARGET_") && name.ends_with("_RUSTFLAGS"));
    if (is_flags && !value.empty()) return name;
  }
  return "RUSTFLAGS or .cargo/config.toml";
}

std::string Known(const std::optional<std::string>& value, const std::optional<PartDigest>& digest,
                  PartState state) {
  if (!digest) return "(none)";
  if (value) return *value;
  return fmt::format("(a value that is {}, sha256 {})",
                     state == PartState::kHidden ? "not shown" : "not known any more",
                     digest->ToShortHex());
}

bool ListsPackages(std::string_view part) { return part == "lock" || part == "packages"; }

// Names end where a version, a colon or the line does.
bool IsAbout(std::string_view line, std::string_view part, std::string_view package) {
  for (std::size_t at = line.find(package); at != std::string_view::npos;
       at = line.find(package, at + 1)) {
    const std::size_t end = at + package.size();
    const bool starts = at == 0 || line[at - 1] == ' ' || line[at - 1] == '.';
    const bool ends = end == line.size() || line[end] == ' ' || line[end] == ':' ||
                      line[end] == '.' || line[end] == ',';
    if (starts && ends && at >= part.size()) return true;
  }
  return false;
}

void Describe(PartChange& change, std::string_view package) {
  const bool are_known =
      (!change.ours_digest || change.ours) && (!change.theirs_digest || change.theirs);
  if (!are_known) {
    change.lines = {fmt::format("{}: {} -> {}", change.name,
                                Known(change.theirs, change.theirs_digest, change.theirs_state),
                                ListsPackages(change.name)
                                    ? "ours"
                                    : Known(change.ours, change.ours_digest, PartState::kShown))};
    return;
  }
  const auto view = [](const std::optional<std::string>& value) {
    return value ? std::optional<std::string_view>(*value) : std::nullopt;
  };
  const bool is_narrow = !package.empty() && ListsPackages(change.name);
  change.lines = DescribePart(change.name, view(change.theirs), view(change.ours),
                              is_narrow ? 100'000 : kDefaultDiffLines);
  if (!is_narrow) return;
  std::erase_if(change.lines,
                [&](const std::string& line) { return !IsAbout(line, change.name, package); });
  if (change.lines.empty()) {
    change.lines = {fmt::format("{}: differs, but not in {}", change.name, package)};
  }
}

}  // namespace

std::string OriginOf(std::string_view part, const Environment& environment) {
  if (part == "rustflags") return OriginOfFlags(environment);
  for (const Origin& origin : kOrigins) {
    const bool is_family = origin.part.ends_with('.');
    if (is_family ? part.starts_with(origin.part) : part == origin.part) {
      return std::string(origin.from);
    }
  }
  return "a newer client or server";
}

std::vector<PartChange> ChangesOf(const Recipe& ours, const std::vector<StoredPart>& theirs,
                                  const Environment& environment, std::string_view package) {
  std::map<std::string, PartChange> changes;
  for (const auto& [name, digest] : ours.Trace()) {
    PartChange& change = changes[name];
    change.ours_digest = digest;
    change.ours = ours.parts().find(name)->second;
  }
  for (const StoredPart& part : theirs) {
    PartChange& change = changes[part.name];
    change.theirs_digest = part.digest;
    change.theirs_state = part.state;
    if (part.state == PartState::kShown) change.theirs = part.value;
  }
  std::vector<PartChange> differing;
  for (auto& [name, change] : changes) {
    if (change.ours_digest == change.theirs_digest) continue;
    change.name = name;
    change.from = OriginOf(name, environment);
    Describe(change, package);
    differing.push_back(std::move(change));
  }
  return differing;
}

}  // namespace depcache::client
