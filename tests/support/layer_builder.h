// Small layers that are whole and valid, as a client would send them.

#pragma once

#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/base/digest.h"
#include "cache/base/hex.h"
#include "cache/layer/layer_index.h"
#include "cache/layer/limits.h"
#include "cache/layer/unit_key.h"
#include "cache/layer/unit_record.h"

namespace depcache::testing {

// Bytes which zstd cannot shrink, the same for the same seed.
inline std::string RandomPlain(std::size_t size, std::uint64_t seed) {
  std::mt19937_64 random(seed);
  std::string bytes;
  bytes.reserve(size + 8);
  while (bytes.size() < size) {
    const std::uint64_t word = random();
    bytes.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  bytes.resize(size);
  return bytes;
}

struct BuiltUnit {
  UnitRef ref;
  Digest record;
};

struct BuiltLayer {
  std::map<BlobHash, std::string> blobs;  // plain bytes of all that is named below
  std::vector<BuiltUnit> units;
  std::vector<Digest> packages;
  std::vector<Digest> index;

  std::vector<BlobHash> Hashes() const {
    std::vector<BlobHash> hashes;
    for (const auto& [hash, plain] : blobs) hashes.push_back(hash);
    return hashes;
  }
};

// Not thread-safe.
class LayerBuilder {
 public:
  // A library with one rlib of these bytes.
  UnitRef AddUnit(const std::string& name, std::string_view rlib, std::vector<UnitRef> deps = {},
                  std::vector<Predicate> predicates = {}) {
    UnitRecord record;
    record.package = PackageId{name, "1.0.0", "registry+https://example.org/index", ""};
    record.place =
        UnitPlace{"", "release", name, "0123456789abcdef", "lib-" + name, name, UnitKind::kLib};
    record.source_path = "src/lib.rs";
    record.predicates = Normalized(std::move(predicates));
    record.compile_ms = 100;
    UnitFile file;
    file.content = BlobContent{HashAs<BlobHash>(rlib), Cut(rlib)};
    record.files.push_back(std::move(file));
    record.deps = std::move(deps);
    return AddRecord(std::move(record));
  }

  // A record as it is, good or bad; its key is made of its name and deps.
  UnitRef AddRecord(UnitRecord record) {
    record.key = UnitKeyOf(InputsOf(record.package.name), record.deps);
    const UnitRef ref{record.key, OutputOf(record)};
    layer_.units.push_back(BuiltUnit{ref, Keep(Encode(record))});
    index_.units.push_back(LayerUnit{ref, layer_.units.back().record});
    return ref;
  }

  static UnitInputs InputsOf(const std::string& name) { return UnitInputsOf({{"name", name}}); }

  // Sources of a package; its checksum is that of `crate`.
  void AddPackage(const std::string& name, std::string_view crate,
                  const std::string& index_line = "{}") {
    PackageRecord record;
    record.package = PackageId{name, "1.0.0", "registry+https://example.org/index",
                               HashAs<BlobHash>(crate).ToHex()};
    record.index_line = index_line;
    record.crate = Cut(crate);
    layer_.packages.push_back(Keep(Encode(record)));
    index_.packages.push_back(layer_.packages.back());
  }

  // Bytes in pieces of a blob's size at most, kept with the layer.
  std::vector<Digest> Cut(std::string_view bytes) {
    std::vector<Digest> pieces;
    for (std::size_t pos = 0; pos < bytes.size(); pos += kMaxBlobBytes) {
      pieces.push_back(Keep(bytes.substr(pos, kMaxBlobBytes)));
    }
    return pieces;
  }
  Digest Keep(std::string_view plain) {
    const Digest digest = DigestOf(plain);
    layer_.blobs.emplace(digest.hash, plain);
    return digest;
  }

  LayerIndex& index() { return index_; }

  BuiltLayer Build() {
    layer_.index = Cut(Encode(index_));
    return layer_;
  }

 private:
  LayerIndex index_;
  BuiltLayer layer_;
};

// Two units, one on the other, and a package; `seed` sets it apart from others.
inline BuiltLayer SmallLayer(std::uint64_t seed, std::size_t rlib_bytes = 3000) {
  LayerBuilder builder;
  const std::string name = "u" + std::to_string(seed);
  const UnitRef base = builder.AddUnit(name + "_base", RandomPlain(rlib_bytes, 2 * seed));
  builder.AddUnit(name, RandomPlain(rlib_bytes, 2 * seed + 1), {base});
  builder.AddPackage(name, "crate of " + name);
  return builder.Build();
}

}  // namespace depcache::testing
