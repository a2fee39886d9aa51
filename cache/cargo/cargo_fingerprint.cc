#include "cache/cargo/cargo_fingerprint.h"

#include <utility>

#include "cache/base/status.h"
#include "cache/cargo/json_reader.h"

namespace depcache {
namespace {

// The largest seen has 64 KiB (a crate which declares 2000 features).
constexpr JsonLimits kLimits{.max_bytes = 4 << 20, .max_depth = 6, .max_fields = 32};

absl::StatusOr<FingerprintDep> ParseDep(const Json& json) {
  // A tuple: [package id, name, is public, hash].
  if (!json.is_array() || json.size() != 4 || !json[0].is_number_unsigned() ||
      !json[1].is_string() || !json[2].is_boolean() || !json[3].is_number_unsigned()) {
    return InvalidArgument("malformed entry of 'deps'");
  }
  return FingerprintDep{.package_id = *json[0].get_ptr<const std::uint64_t*>(),
                        .name = *json[1].get_ptr<const std::string*>(),
                        .is_public = *json[2].get_ptr<const bool*>(),
                        .hash = *json[3].get_ptr<const std::uint64_t*>()};
}

absl::StatusOr<LocalFingerprint> ParseCheckDepInfo(const Json& json) {
  DEPCACHE_RETURN_IF_ERROR(CheckFields(json, {"dep_info", "checksum", "fingerprint"}));
  CheckDepInfo check;
  DEPCACHE_ASSIGN_OR_RETURN(check.dep_info, StringField(json, "dep_info"));
  check.is_method_named = json.contains("fingerprint");
  if (!check.is_method_named) {
    DEPCACHE_ASSIGN_OR_RETURN(check.is_by_content, BoolField(json, "checksum"));
    return check;
  }
  DEPCACHE_ASSIGN_OR_RETURN(const std::string method, StringField(json, "fingerprint"));
  if (method != "mtime" && method != "content") {
    return InvalidArgument("unknown freshness method '{}'", method);
  }
  check.is_by_content = method == "content";
  return check;
}

absl::StatusOr<LocalFingerprint> ParseRerunIfChanged(const Json& json) {
  DEPCACHE_RETURN_IF_ERROR(CheckFields(json, {"output", "paths"}));
  RerunIfChanged rerun;
  DEPCACHE_ASSIGN_OR_RETURN(rerun.output, StringField(json, "output"));
  DEPCACHE_ASSIGN_OR_RETURN(rerun.paths, StringsField(json, "paths"));
  return rerun;
}

absl::StatusOr<LocalFingerprint> ParseRerunIfEnvChanged(const Json& json) {
  DEPCACHE_RETURN_IF_ERROR(CheckFields(json, {"var", "val"}));
  RerunIfEnvChanged rerun;
  DEPCACHE_ASSIGN_OR_RETURN(rerun.variable, StringField(json, "var"));
  if (!json.contains("val")) return InvalidArgument("field 'val' is missing");
  if (json.find("val")->is_null()) return rerun;
  DEPCACHE_ASSIGN_OR_RETURN(rerun.value, StringField(json, "val"));
  return rerun;
}

absl::StatusOr<LocalFingerprint> ParseLocal(const Json& json) {
  // {"<variant>": <its fields>}
  if (!json.is_object() || json.size() != 1) return InvalidArgument("malformed entry of 'local'");
  const std::string& variant = json.begin().key();
  const Json& fields = *json.begin();
  if (variant == "CheckDepInfo") return ParseCheckDepInfo(fields);
  if (variant == "RerunIfChanged") return ParseRerunIfChanged(fields);
  if (variant == "RerunIfEnvChanged") return ParseRerunIfEnvChanged(fields);
  if (variant == "Precalculated" && fields.is_string()) {
    return Precalculated{*fields.get_ptr<const std::string*>()};
  }
  return InvalidArgument("unknown kind of input '{}'", variant);
}

absl::StatusOr<Fingerprint> FromJson(const Json& json) {
  DEPCACHE_RETURN_IF_ERROR(
      CheckFields(json, {"rustc", "features", "declared_features", "target", "profile", "path",
                         "deps", "local", "rustflags", "config", "compile_kind"}));
  Fingerprint result;
  DEPCACHE_ASSIGN_OR_RETURN(result.rustc, IntegerField(json, "rustc"));
  DEPCACHE_ASSIGN_OR_RETURN(result.features, StringField(json, "features"));
  DEPCACHE_ASSIGN_OR_RETURN(result.declared_features, StringField(json, "declared_features"));
  DEPCACHE_ASSIGN_OR_RETURN(result.target, IntegerField(json, "target"));
  DEPCACHE_ASSIGN_OR_RETURN(result.profile, IntegerField(json, "profile"));
  DEPCACHE_ASSIGN_OR_RETURN(result.path, IntegerField(json, "path"));
  DEPCACHE_ASSIGN_OR_RETURN(const Json* deps, ArrayField(json, "deps"));
  for (const Json& item : *deps) {
    DEPCACHE_ASSIGN_OR_RETURN(FingerprintDep dep, ParseDep(item));
    result.deps.push_back(std::move(dep));
  }
  DEPCACHE_ASSIGN_OR_RETURN(const Json* local, ArrayField(json, "local"));
  for (const Json& item : *local) {
    DEPCACHE_ASSIGN_OR_RETURN(LocalFingerprint input, ParseLocal(item));
    result.local.push_back(std::move(input));
  }
  DEPCACHE_ASSIGN_OR_RETURN(result.rustflags, StringsField(json, "rustflags"));
  DEPCACHE_ASSIGN_OR_RETURN(result.config, IntegerField(json, "config"));
  DEPCACHE_ASSIGN_OR_RETURN(result.compile_kind, IntegerField(json, "compile_kind"));
  return result;
}

// Each kind of local fingerprint as JSON.
struct LocalWriter {
  Json operator()(const Precalculated& input) const { return {{"Precalculated", input.text}}; }
  Json operator()(const CheckDepInfo& input) const {
    Json fields = {{"dep_info", input.dep_info}};
    if (input.is_method_named) {
      fields["fingerprint"] = input.is_by_content ? "content" : "mtime";
    } else {
      fields["checksum"] = input.is_by_content;
    }
    return {{"CheckDepInfo", std::move(fields)}};
  }
  Json operator()(const RerunIfChanged& input) const {
    return {{"RerunIfChanged", {{"output", input.output}, {"paths", input.paths}}}};
  }
  Json operator()(const RerunIfEnvChanged& input) const {
    Json value;
    if (input.value.has_value()) value = *input.value;
    return {{"RerunIfEnvChanged", {{"var", input.variable}, {"val", std::move(value)}}}};
  }
};

// Each kind of local fingerprint into the hash: its number in Cargo's enum,
// then its fields.
struct LocalHasher {
  SipHasher& hasher;

  void operator()(const Precalculated& input) const {
    hasher.Isize(0);
    hasher.Str(input.text);
  }
  void operator()(const CheckDepInfo& input) const {
    hasher.Isize(1);
    hasher.Path(input.dep_info);
    // A bool, later an enum's number: the same byte.
    hasher.Bool(input.is_by_content);
  }
  void operator()(const RerunIfChanged& input) const {
    hasher.Isize(2);
    hasher.Path(input.output);
    hasher.Usize(input.paths.size());
    for (const std::string& path : input.paths) hasher.Path(path);
  }
  void operator()(const RerunIfEnvChanged& input) const {
    hasher.Isize(3);
    hasher.Str(input.variable);
    hasher.Isize(input.value.has_value() ? 1 : 0);
    if (input.value.has_value()) hasher.Str(*input.value);
  }
};

// Each kind of local fingerprint through a TextMap.
struct LocalMapper {
  const std::function<absl::Status(FingerprintText, std::string&)>& replace;

  absl::Status operator()(Precalculated& input) const {
    return replace(FingerprintText::kPrecalculated, input.text);
  }
  absl::Status operator()(CheckDepInfo& input) const {
    return replace(FingerprintText::kDepInfoPath, input.dep_info);
  }
  absl::Status operator()(RerunIfChanged& input) const {
    DEPCACHE_RETURN_IF_ERROR(replace(FingerprintText::kOutputPath, input.output));
    for (std::string& path : input.paths) {
      DEPCACHE_RETURN_IF_ERROR(replace(FingerprintText::kInputPath, path));
    }
    return absl::OkStatus();
  }
  absl::Status operator()(RerunIfEnvChanged& input) const {
    if (!input.value.has_value()) return absl::OkStatus();
    return replace(FingerprintText::kEnvValue, *input.value);
  }
};

}  // namespace

absl::StatusOr<Fingerprint> ParseFingerprint(std::string_view json) {
  DEPCACHE_ASSIGN_OR_RETURN(const Json value, ParseJson(json, kLimits, "fingerprint"));
  absl::StatusOr<Fingerprint> result = FromJson(value);
  if (!result.ok()) return Annotate(result.status(), "fingerprint");
  if (ToJson(*result) != json) {
    return InvalidArgument("fingerprint: not written as Cargo writes it");
  }
  return result;
}

std::string ToJson(const Fingerprint& fingerprint) {
  Json deps = Json::array();
  for (const FingerprintDep& dep : fingerprint.deps) {
    deps.push_back(Json::array({dep.package_id, dep.name, dep.is_public, dep.hash}));
  }
  Json local = Json::array();
  for (const LocalFingerprint& input : fingerprint.local) {
    local.push_back(std::visit(LocalWriter{}, input));
  }
  Json json = Json::object();
  json["rustc"] = fingerprint.rustc;
  json["features"] = fingerprint.features;
  json["declared_features"] = fingerprint.declared_features;
  json["target"] = fingerprint.target;
  json["profile"] = fingerprint.profile;
  json["path"] = fingerprint.path;
  json["deps"] = std::move(deps);
  json["local"] = std::move(local);
  json["rustflags"] = fingerprint.rustflags;
  json["config"] = fingerprint.config;
  json["compile_kind"] = fingerprint.compile_kind;
  return WriteJson(json);
}

std::uint64_t FingerprintHash(const Fingerprint& fingerprint) {
  SipHasher hasher;
  hasher.U64(fingerprint.rustc);
  hasher.Str(fingerprint.features);
  hasher.Str(fingerprint.declared_features);
  hasher.U64(fingerprint.target);
  hasher.U64(fingerprint.path);
  hasher.U64(fingerprint.profile);
  hasher.Usize(fingerprint.local.size());
  for (const LocalFingerprint& input : fingerprint.local) {
    std::visit(LocalHasher{hasher}, input);
  }
  hasher.U64(fingerprint.config);
  hasher.U64(fingerprint.compile_kind);
  hasher.Usize(fingerprint.rustflags.size());
  for (const std::string& flag : fingerprint.rustflags) hasher.Str(flag);
  hasher.Usize(fingerprint.deps.size());
  for (const FingerprintDep& dep : fingerprint.deps) {
    hasher.U64(dep.package_id);
    hasher.Str(dep.name);
    hasher.Bool(dep.is_public);
    hasher.U64(dep.hash);
  }
  return hasher.Finish();
}

absl::StatusOr<Fingerprint> MapTexts(Fingerprint fingerprint, const TextMap& map) {
  const std::function<absl::Status(FingerprintText, std::string&)> replace =
      [&map](FingerprintText kind, std::string& text) -> absl::Status {
    DEPCACHE_ASSIGN_OR_RETURN(std::string mapped, map(kind, text));
    if (!IsUtf8(mapped)) return InvalidArgument("fingerprint: a text would not be UTF-8");
    text = std::move(mapped);
    return absl::OkStatus();
  };
  for (LocalFingerprint& input : fingerprint.local) {
    DEPCACHE_RETURN_IF_ERROR(std::visit(LocalMapper{replace}, input));
  }
  for (std::string& flag : fingerprint.rustflags) {
    DEPCACHE_RETURN_IF_ERROR(replace(FingerprintText::kRustflag, flag));
  }
  return fingerprint;
}

}  // namespace depcache
