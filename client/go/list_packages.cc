#include "client/go/list_packages.h"

#include <algorithm>
#include <map>

#include "cache/base/status.h"
#include "cache/base/text.h"

namespace depcache::client {
namespace {

// One line a package, fields apart by tabs, which no path of Go's has.
constexpr std::string_view kTemplate =
    "{{.ImportPath}}\t{{.BuildID}}\t{{.Standard}}\t"
    "{{with .Module}}{{.Path}}\t{{.Version}}\t{{.Main}}\t"
    "{{with .Replace}}{{.Path}}\t{{.Version}}{{else}}\t{{end}}{{else}}\t\t\t\t{{end}}\t"
    "{{join .Imports \" \"}}";
constexpr std::size_t kFields = 9;

// nullopt: a package of the checkout's own.
std::optional<GoPackage> PackageOf(const std::vector<std::string>& fields) {
  GoPackage package;
  package.import_path = fields[0];
  if (fields[2] == "true") {
    package.module.version = kStandardVersion;
    return package;
  }
  const GoModuleId module{fields[3], fields[4]};
  const GoModuleId replacement{fields[6], fields[7]};
  if (!replacement.path.empty()) {
    package.module = replacement;
    package.replaced = module;
  } else {
    package.module = module;
  }
  // Without a version: a main module, or a folder in place of one.
  const bool is_own = fields[5] == "true" || package.module.version.empty();
  return is_own ? std::nullopt : std::optional(package);
}

}  // namespace

absl::StatusOr<std::vector<ListedPackage>> ListPackages(Context& context, const GoSetup& setup,
                                                        const std::filesystem::path& folder,
                                                        const std::vector<std::string>& imports,
                                                        bool with_build_ids) {
  std::vector<std::string> words = {"list", "-deps"};
  if (with_build_ids) words.emplace_back("-export");
  std::vector<std::string> rest = {"-f", std::string(kTemplate)};
  rest.insert(rest.end(), imports.begin(), imports.end());
  DEPCACHE_ASSIGN_OR_RETURN(const std::string out,
                            OutputOf(context, GoCommand(setup, folder, words, rest)));
  std::vector<ListedPackage> listed;
  std::map<std::string, std::size_t> positions;
  for (const std::string& line : Split(out, '\n')) {
    if (line.empty()) continue;
    const std::vector<std::string> fields = Split(line, '\t');
    if (fields.size() != kFields) return DataLoss("`go list` printed '{}'", line);
    std::optional<GoPackage> package = PackageOf(fields);
    // A pseudo package, known to the compiler itself.
    if (!package || fields[0] == "unsafe") continue;
    ListedPackage entry{*std::move(package), fields[1], {}};
    for (const std::string& import : Split(fields[8], ' ')) {
      const auto found = positions.find(import);
      if (found != positions.end()) entry.imports.push_back(found->second);
    }
    positions.emplace(fields[0], listed.size());
    listed.push_back(std::move(entry));
  }
  return listed;
}

std::vector<std::string> LinkedAlways(const GoEnvironment& environment) {
  std::vector<std::string> paths = {"runtime"};
  const auto cgo = environment.env.find("CGO_ENABLED");
  if (cgo != environment.env.end() && cgo->second == "1") paths.emplace_back("runtime/cgo");
  for (const std::string& flag : environment.flags.flags) {
    const std::string_view name = std::string_view(flag).substr(flag.find_first_not_of('-'));
    for (const std::string_view detector : {"race", "msan", "asan"}) {
      if (name == detector || name == std::string(detector) + "=true") {
        paths.push_back("runtime/" + std::string(detector));
      }
    }
  }
  return paths;
}

}  // namespace depcache::client
