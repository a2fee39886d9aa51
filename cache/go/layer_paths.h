// Where the files of a Go layer go. A file's name in its unit record says it;
// nothing but what is listed here is ever written:
//
//   mod/<module>/@v/<version>.{mod,info,zip,ziphash}   below GOMODCACHE/cache/download
//   build/<2 hex>/<64 hex>-{a,d}                       below GOCACHE

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace depcache {

// Written out nowhere: made from names.
enum class GoFileKind { kMod, kInfo, kZip, kZipHash, kAction, kOutput };

struct GoLayerPath {
  GoFileKind kind = GoFileKind::kMod;
  std::string module;   // unescaped; of files of a module
  std::string version;  // likewise
  std::string id;       // 64 hex digits; of entries of the build cache
  friend bool operator==(const GoLayerPath&, const GoLayerPath&) = default;
};

// nullopt: not a path a layer may have. Checks every component.
std::optional<GoLayerPath> ParseLayerPath(std::string_view name);

// The name in the record.
std::string LayerPathText(const GoLayerPath& path);

// Below GOMODCACHE (kMod to kZipHash) or GOCACHE.
std::string PathInCache(const GoLayerPath& path);

// Go's own escape for module paths and versions in file names: "!" and the
// small letter for a capital one. nullopt: the text cannot be a module's.
std::optional<std::string> EscapeModule(std::string_view text);
std::optional<std::string> UnescapeModule(std::string_view text);

}  // namespace depcache
