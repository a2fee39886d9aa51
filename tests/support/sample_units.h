#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/cargo/cargo_fingerprint.h"
#include "cache/cargo/dep_info.h"
#include "cache/cargo/registry_layout.h"
#include "cache/cargo/sip_hasher.h"
#include "cache/cargo/target_layout.h"
#include "cache/layer/limits.h"
#include "cache/layer/unit_record.h"
#include "tests/support/fake_remote.h"

namespace depcache::testing {

// Records of units that could have been captured from a build of crates.io
// packages, dependencies first, with their blobs on a server.
class SampleUnits {
 public:
  explicit SampleUnits(LayoutKind layout = LayoutKind::kClassic) : layout_(layout) {}

  FakeRemote remote;
  std::vector<UnitRecord> records;

  static UnitPlace PlaceOf(const std::string& name, UnitKind kind) {
    UnitPlace place;
    place.profile_dir = "release";
    place.package = name;
    place.kind = kind;
    place.crate_name = name;
    place.fingerprint_file = "lib-" + name;
    if (kind == UnitKind::kScriptRun) {
      place.crate_name = "build_script_build";
      place.fingerprint_file = "run-build-script-build-script-build";
    }
    if (kind == UnitKind::kScriptBuild) {
      place.crate_name = "build_script_build";
      place.fingerprint_file = "build-script-build-script-build";
    }
    place.hash = HashText(StrHash(name + std::to_string(static_cast<int>(kind))));
    return place;
  }

  UnitRef RefOf(std::size_t index) const { return {records[index].key, OutputOf(records[index])}; }

  BlobContent Store(std::string_view bytes, std::size_t piece_bytes = kMaxBlobBytes) {
    BlobContent content;
    content.hash = HashAs<BlobHash>(bytes);
    for (std::size_t pos = 0; pos < bytes.size(); pos += piece_bytes) {
      content.blobs.push_back(remote.Put(bytes.substr(pos, piece_bytes)));
    }
    return content;
  }

  // A library whose rlib has these bytes and whose rmeta is their middle third.
  std::size_t AddLib(const std::string& name, const std::vector<std::size_t>& deps = {},
                     std::string rlib = "", std::size_t piece_bytes = kMaxBlobBytes) {
    if (rlib.empty()) rlib = "!<arch> the rlib of " + name + " with some more bytes in it";
    UnitRecord record = Start(name, UnitKind::kLib, deps);
    record.source_path = "src/lib.rs";
    UnitFile dep_info;
    dep_info.role = FileRole::kDepInfo;
    dep_info.content = InlineContent{
        Serialize(DepInfo{{DepInfoFile{DepInfoRoot::kPackage, "src/lib.rs", {}}}, {}})};
    UnitFile whole;
    whole.role = FileRole::kRlib;
    whole.content = Store(rlib, piece_bytes);
    UnitFile rmeta;
    rmeta.role = FileRole::kRmeta;
    rmeta.content = SliceContent{1, rlib.size() / 3, rlib.size() / 3};
    record.files = {dep_info, whole, rmeta};
    return Finish(std::move(record), deps,
                  {CheckDepInfo{LayoutOf(layout_).FilePath(record.place, FileRole::kDepInfo, "")}});
  }

  // One run of a build script, with what it printed (rooted text) and made.
  std::size_t AddRun(const std::string& name, const std::vector<std::size_t>& deps,
                     std::string stdout_text, std::vector<UnitFile> out_dir,
                     std::vector<std::string> inputs = {}) {
    UnitRecord record = Start(name, UnitKind::kScriptRun, deps);
    UnitFile output;
    output.role = FileRole::kStdout;
    output.is_rooted = true;
    output.content = InlineContent{std::move(stdout_text)};
    record.files = {output};
    record.files.insert(record.files.end(), out_dir.begin(), out_dir.end());
    std::vector<LocalFingerprint> local = {Precalculated{"1.0.0"}};
    if (!inputs.empty()) {
      local = {RerunIfChanged{LayoutOf(layout_).FilePath(record.place, FileRole::kStdout, ""),
                              std::move(inputs)}};
    }
    return Finish(std::move(record), deps, std::move(local));
  }

  static UnitFile OutFile(std::string name, FileContent content, bool is_executable = false) {
    UnitFile file;
    file.role = FileRole::kOutDirEntry;
    file.name = std::move(name);
    file.is_executable = is_executable;
    file.content = std::move(content);
    return file;
  }

 private:
  UnitRecord Start(const std::string& name, UnitKind kind, const std::vector<std::size_t>& deps) {
    UnitRecord record;
    record.layout = layout_;
    record.key = HashAs<UnitKey>(name + std::to_string(static_cast<int>(kind)));
    record.package = {name, "1.0.0", std::string(kCratesIoSource),
                      HashAs<BlobHash>("crate of " + name).ToHex()};
    record.place = PlaceOf(name, kind);
    for (const std::size_t dep : deps) record.deps.push_back(RefOf(dep));
    return record;
  }

  std::size_t Finish(UnitRecord record, const std::vector<std::size_t>& deps,
                     std::vector<LocalFingerprint> local) {
    Fingerprint fingerprint;
    fingerprint.rustc = 7;
    fingerprint.features = "[]";
    fingerprint.target = StrHash(record.package.name);
    for (std::size_t i = 0; i < deps.size(); ++i) {
      fingerprint.deps.push_back(
          {StrHash(records[deps[i]].package.name), records[deps[i]].place.crate_name, false, i});
    }
    fingerprint.local = std::move(local);
    record.fingerprint = ToJson(fingerprint);
    records.push_back(std::move(record));
    return records.size() - 1;
  }

  const LayoutKind layout_;
};

}  // namespace depcache::testing
