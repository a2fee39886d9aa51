// Records for tests: one of each kind with every form of content, and random
// ones which are valid.

#pragma once

#include <random>
#include <string>
#include <string_view>

#include <fmt/format.h>

#include "cache/base/hex.h"
#include "cache/layer/layer_index.h"
#include "cache/layer/unit_record.h"

namespace depcache::testing {

// An id which repeats one byte: easy to find in golden files.
template <typename Id>
Id IdOf(char byte) {
  return *Id::FromBytes(std::string(Id::kSize, byte));
}

// Hex in lines of 32 bytes, so that a diff shows where bytes changed.
inline std::string HexLines(std::string_view bytes) {
  std::string lines;
  for (std::size_t pos = 0; pos < bytes.size(); pos += 32) {
    lines += ToHex(bytes.substr(pos, 32)) + "\n";
  }
  return lines;
}

inline UnitFile OutDirFile(std::string name, FileContent content) {
  UnitFile file;
  file.role = FileRole::kOutDirEntry;
  file.name = std::move(name);
  file.content = std::move(content);
  return file;
}

// Every kind of content, every flag, both kinds of predicates.
inline UnitRecord SampleUnit() {
  UnitRecord record;
  record.layout = LayoutKind::kV2;
  record.key = IdOf<UnitKey>('K');
  record.package = PackageId{"zstd-sys", "2.0.9+zstd.1.5.5", "registry+https://example.org/index",
                             std::string(64, 'c')};
  record.place.triple = "x86_64-unknown-linux-gnu";
  record.place.profile_dir = "release";
  record.place.package = "zstd-sys";
  record.place.hash = "0123456789abcdef";
  record.place.fingerprint_file = "run-build-script-build-script-build";
  record.place.crate_name = "build_script_build";
  record.place.kind = UnitKind::kScriptRun;
  record.source_path = "src/lib.rs";
  record.fingerprint = "{\"path\":0}";
  record.deps = {UnitRef{IdOf<UnitKey>('D'), IdOf<OutputDigest>('d')},
                 UnitRef{IdOf<UnitKey>('E'), IdOf<OutputDigest>('e')}};
  record.predicates = {Predicate{PredicateKind::kEnv, "CC", std::nullopt},
                       Predicate{PredicateKind::kEnv, "CFLAGS", IdOf<PartDigest>('F')},
                       Predicate{PredicateKind::kFile, "\x01w\x02/ver", IdOf<PartDigest>('G')}};
  record.compile_ms = 0x01020304;
  record.glibc_minor = 0x0506;
  UnitFile rlib;
  rlib.role = FileRole::kRlib;
  rlib.content = BlobContent{
      IdOf<BlobHash>('R'), {Digest{IdOf<BlobHash>('1'), 1 << 20}, Digest{IdOf<BlobHash>('2'), 7}}};
  UnitFile rmeta;
  rmeta.role = FileRole::kRmeta;
  rmeta.content = SliceContent{0, 100, 900};
  UnitFile exe;
  exe.role = FileRole::kScriptExe;
  exe.is_executable = true;
  exe.content = BlobContent{IdOf<BlobHash>('X'), {Digest{IdOf<BlobHash>('2'), 7}}};
  UnitFile output;
  output.role = FileRole::kStdout;
  output.is_rooted = true;
  output.content = InlineContent{"cargo:rustc-link-search=\x01t\x02/out\n"};
  record.files = {rlib,
                  rmeta,
                  exe,
                  output,
                  OutDirFile("gen/bindings.rs", InlineContent{"pub mod a;"}),
                  OutDirFile("gen/latest", LinkContent{"../gen/bindings.rs"}),
                  OutDirFile("lib", FolderContent{})};
  return record;
}

inline PackageRecord SamplePackage() {
  PackageRecord record;
  record.package =
      PackageId{"either", "1.13.0", "registry+https://example.org/index", std::string(64, 'a')};
  record.index_line = R"({"name":"either","vers":"1.13.0"})";
  record.crate = {Digest{IdOf<BlobHash>('C'), 1 << 20}, Digest{IdOf<BlobHash>('c'), 5}};
  return record;
}

inline LayerIndex SampleIndex() {
  LayerIndex index;
  index.layout = LayoutKind::kV2;
  index.left_out = 0x0A0B0C0D;
  index.units = {
      LayerUnit{{IdOf<UnitKey>('D'), IdOf<OutputDigest>('d')}, Digest{IdOf<BlobHash>('r'), 300}},
      LayerUnit{{IdOf<UnitKey>('K'), IdOf<OutputDigest>('k')},
                Digest{IdOf<BlobHash>('s'), 1 << 20}}};
  index.packages = {Digest{IdOf<BlobHash>('p'), 200}};
  return index;
}

// Valid values of any shape, the same for the same seed.
class RandomRecords {
 public:
  explicit RandomRecords(std::uint64_t seed) : random_(seed) {}

  std::size_t Below(std::size_t limit) { return random_() % limit; }

  std::string Bytes(std::size_t size) {
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random_());
    return bytes;
  }
  std::string Name() {
    static constexpr std::string_view kBytes = "abcXYZ019._-+ \xc3\xa9";
    std::string name = "n";
    for (std::size_t i = Below(20); i > 0; --i) name += kBytes[Below(kBytes.size())];
    return name;
  }
  std::string Path() {
    std::string path = Name();
    for (std::size_t i = Below(4); i > 0; --i) path += "/" + Name();
    return path;
  }
  template <typename Id>
  Id Any() {
    return *Id::FromBytes(Bytes(Id::kSize));
  }
  Digest AnyDigest() { return Digest{Any<BlobHash>(), Below((1 << 20) + 1)}; }
  std::vector<Digest> Digests(std::size_t count) {
    std::vector<Digest> digests(count);
    for (Digest& digest : digests) digest = AnyDigest();
    return digests;
  }

  UnitRecord Unit();
  LayerIndex Index();
  PackageRecord Package();

 private:
  PackageId Id() {
    return PackageId{Name(), Name(), Bytes(Below(60)), Below(2) == 0 ? "" : ToHex(Bytes(32))};
  }
  FileContent Content(const std::vector<UnitFile>& before, bool is_out_dir);

  std::mt19937_64 random_;
};

inline FileContent RandomRecords::Content(const std::vector<UnitFile>& before, bool is_out_dir) {
  switch (Below(is_out_dir ? 5 : 3)) {
    case 0:
      return InlineContent{Bytes(Below(100))};
    case 1: {
      for (std::size_t i = 0; i < before.size(); ++i) {
        if (before[i].is_rooted || !std::holds_alternative<BlobContent>(before[i].content))
          continue;
        const std::uint64_t size = SizeOf(before[i]);
        const std::uint64_t offset = Below(size + 1);
        return SliceContent{static_cast<std::uint32_t>(i), offset, Below(size - offset + 1)};
      }
      return InlineContent{};
    }
    case 2:
      return BlobContent{Any<BlobHash>(), Digests(Below(5))};
    case 3:
      return LinkContent{Name()};
    default:
      return FolderContent{};
  }
}

inline UnitRecord RandomRecords::Unit() {
  UnitRecord record;
  record.layout = Below(2) == 0 ? LayoutKind::kClassic : LayoutKind::kV2;
  record.key = Any<UnitKey>();
  record.package = Id();
  record.place.triple = Below(2) == 0 ? "" : Name();
  for (std::string* name : {&record.place.profile_dir, &record.place.package, &record.place.hash,
                            &record.place.fingerprint_file, &record.place.crate_name}) {
    *name = Name();
  }
  record.place.kind = static_cast<UnitKind>(1 + Below(5));
  record.source_path = Below(2) == 0 ? "" : Path();
  record.fingerprint = Bytes(Below(300));
  for (std::size_t i = Below(6); i > 0; --i) {
    record.deps.push_back(UnitRef{Any<UnitKey>(), Any<OutputDigest>()});
  }
  for (std::size_t i = Below(6); i > 0; --i) {
    Predicate predicate{static_cast<PredicateKind>(1 + Below(2)), Bytes(Below(30)), std::nullopt};
    if (Below(2) == 0) predicate.value = Any<PartDigest>();
    record.predicates.push_back(predicate);
  }
  record.predicates = Normalized(std::move(record.predicates));
  record.compile_ms = static_cast<std::uint32_t>(random_());
  record.glibc_minor = static_cast<std::uint16_t>(random_());
  for (std::size_t i = 0, count = Below(12); i < count; ++i) {
    UnitFile file;
    const bool is_out_dir = Below(3) != 0 || i > 6;
    file.role = is_out_dir ? FileRole::kOutDirEntry : static_cast<FileRole>(1 + i % 7);
    // The number keeps names apart, and links from standing above others.
    if (is_out_dir) file.name = fmt::format("{}{}/{}", Name(), i, Path());
    file.is_executable = Below(2) == 0;
    file.content = Content(record.files, is_out_dir);
    file.is_rooted = Below(2) == 0 && (std::holds_alternative<InlineContent>(file.content) ||
                                       std::holds_alternative<BlobContent>(file.content));
    record.files.push_back(std::move(file));
  }
  return record;
}

inline LayerIndex RandomRecords::Index() {
  LayerIndex index;
  index.layout = Below(2) == 0 ? LayoutKind::kClassic : LayoutKind::kV2;
  index.left_out = static_cast<std::uint32_t>(random_());
  for (std::size_t i = Below(20); i > 0; --i) {
    index.units.push_back(LayerUnit{{Any<UnitKey>(), Any<OutputDigest>()}, AnyDigest()});
  }
  index.packages = Digests(Below(20));
  return index;
}

inline PackageRecord RandomRecords::Package() {
  PackageRecord record;
  record.package = Id();
  record.index_line = ToHex(Bytes(Below(100)));
  record.crate = Digests(Below(5));
  return record;
}

}  // namespace depcache::testing
