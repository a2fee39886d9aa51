#include "client/capture/declared_inputs.h"

#include <algorithm>
#include <system_error>

#include "cache/base/files.h"
#include "cache/base/status.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kNoPkgConfig = "_NO_PKG_CONFIG";
constexpr std::uint64_t kMaxDeclaredFileBytes = 256 << 20;

// By any of the folder's names.
bool IsIn(const fs::path& path, const fs::path& folder, const MachineFolders& folders) {
  const std::vector<fs::path> names = folders.NamesOf(folder);
  return std::any_of(names.begin(), names.end(),
                     [&](const fs::path& name) { return IsBelow(path, name); });
}

// Adds the predicates of one unit.
class Builder {
 public:
  explicit Builder(const DeclaredInputs& inputs) : inputs_(inputs) {}

  absl::Status AddVariable(const std::string& name, const std::optional<std::string>& value) {
    Predicate predicate{PredicateKind::kEnv, name, std::nullopt};
    if (value) {
      absl::StatusOr<std::string> rooted = ToRooted(*value, inputs_.roots);
      if (!rooted.ok()) return FailedPrecondition("it read {}, whose value is unusable", name);
      predicate.value = PredicateValue(PredicateKind::kEnv, name, *rooted);
    }
    predicates_.push_back(std::move(predicate));
    if (!name.ends_with(kNoPkgConfig)) return absl::OkStatus();
    const std::string library = name.substr(0, name.size() - kNoPkgConfig.size());
    const auto found = inputs_.folders.pkg_config.find(library);
    if (found == inputs_.folders.pkg_config.end()) {
      return AddVariable(PkgConfigVariable(library), std::nullopt);
    }
    return AddVariable(PkgConfigVariable(library), found->second);
  }

  // What the script declared was added with the value that Cargo noted.
  absl::Status AddRead(const std::string& name) {
    const bool is_declared = std::any_of(
        predicates_.begin(), predicates_.end(), [&](const Predicate& predicate) {
          return predicate.kind == PredicateKind::kEnv && predicate.name == name;
        });
    if (is_declared) return absl::OkStatus();
    const char* value = inputs_.env ? inputs_.env(name) : nullptr;
    return AddVariable(name, value == nullptr ? std::nullopt : std::optional<std::string>(value));
  }

  absl::Status AddFile(const fs::path& declared) {
    const fs::path path = (inputs_.package_folder / declared).lexically_normal();
    const MachineFolders& folders = inputs_.folders;
    if (IsIn(path, inputs_.package_root, folders)) return absl::OkStatus();
    if (IsIn(path, folders.build_dir, folders) || IsIn(path, folders.target_dir, folders)) {
      return FailedPrecondition("it declared an input that the build makes, {}",
                                path.filename().native());
    }
    std::error_code error;
    if (!fs::exists(path, error)) {
      return FailedPrecondition("it declared {}, which does not exist: Cargo runs it at every build",
                                path.native());
    }
    if (!fs::is_regular_file(path, error)) {
      return FailedPrecondition("it declared {}, which is no file", path.native());
    }
    DEPCACHE_ASSIGN_OR_RETURN(const std::string content, ReadFile(path, kMaxDeclaredFileBytes));
    DEPCACHE_ASSIGN_OR_RETURN(std::string name, ToRooted(path.native(), inputs_.roots));
    const PartDigest value = PredicateValue(PredicateKind::kFile, name, content);
    predicates_.push_back(Predicate{PredicateKind::kFile, std::move(name), value});
    return absl::OkStatus();
  }

  std::vector<Predicate> Take() { return Normalized(std::move(predicates_)); }

 private:
  const DeclaredInputs& inputs_;
  std::vector<Predicate> predicates_;
};

}  // namespace

EnvLookup LookupIn(const std::map<std::string, std::string>& variables) {
  return [&variables](const std::string& name) -> const char* {
    const auto entry = variables.find(name);
    return entry == variables.end() ? nullptr : entry->second.c_str();
  };
}

absl::StatusOr<std::vector<Predicate>> PredicatesOf(const DeclaredInputs& inputs) {
  Builder builder(inputs);
  for (const LocalFingerprint& local : inputs.fingerprint.local) {
    if (const auto* variable = std::get_if<RerunIfEnvChanged>(&local)) {
      DEPCACHE_RETURN_IF_ERROR(builder.AddVariable(variable->variable, variable->value));
    } else if (const auto* changed = std::get_if<RerunIfChanged>(&local)) {
      for (const std::string& path : changed->paths) {
        DEPCACHE_RETURN_IF_ERROR(builder.AddFile(path));
      }
    }
  }
  for (const DepInfoVariable& variable : inputs.dep_info.variables) {
    DEPCACHE_RETURN_IF_ERROR(builder.AddVariable(variable.name, variable.value));
  }
  for (const DepInfoFile& file : inputs.dep_info.files) {
    // Files of the build directory are outputs of units below this one, which
    // count by their digests.
    const bool is_absolute = file.path.starts_with('/');
    if (file.root == DepInfoRoot::kBuildDir && !is_absolute) continue;
    if (IsIn(file.path, inputs.folders.build_dir, inputs.folders)) continue;
    DEPCACHE_RETURN_IF_ERROR(builder.AddFile(file.path));
  }
  for (const std::string& name : inputs.read) DEPCACHE_RETURN_IF_ERROR(builder.AddRead(name));
  for (const fs::path& archive : inputs.archives) {
    DEPCACHE_RETURN_IF_ERROR(builder.AddFile(archive));
  }
  return builder.Take();
}

std::string PkgConfigVariable(std::string_view library) {
  return fmt::format("pkg-config:{}", library);
}

absl::StatusOr<std::optional<PartDigest>> ValueHere(PredicateKind kind, const std::string& name,
                                                    const RootMap& roots, const EnvLookup& env) {
  if (kind == PredicateKind::kEnv) {
    const char* text = env(name);
    if (text == nullptr) return std::nullopt;
    DEPCACHE_ASSIGN_OR_RETURN(const std::string rooted, ToRooted(text, roots));
    return PredicateValue(kind, name, rooted);
  }
  DEPCACHE_ASSIGN_OR_RETURN(const std::string path, FromRooted(name, roots));
  const absl::StatusOr<std::string> content = ReadFile(path, kMaxDeclaredFileBytes);
  if (!content.ok()) return std::nullopt;
  return PredicateValue(kind, name, *content);
}

std::optional<std::string> FailingPredicate(const std::vector<Predicate>& predicates,
                                            const RootMap& roots, const EnvLookup& env) {
  for (const Predicate& predicate : predicates) {
    const absl::StatusOr<std::optional<PartDigest>> value =
        ValueHere(predicate.kind, predicate.name, roots, env);
    if (value.ok() && *value == predicate.value) continue;
    const absl::StatusOr<std::string> name = FromRooted(predicate.name, roots);
    return predicate.kind == PredicateKind::kFile && name.ok() ? *name : predicate.name;
  }
  return std::nullopt;
}

}  // namespace depcache::client
