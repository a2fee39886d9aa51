// What a layer may contain. Every size which comes from outside is checked
// against these before anything is allocated. docs/formats.md lists them.

#pragma once

#include <cstddef>
#include <cstdint>

namespace depcache {

inline constexpr std::size_t kMaxBlobBytes = 1 << 20;         // plain bytes of one blob
inline constexpr std::size_t kMaxInlineBytes = 2048;          // content kept in the record itself
inline constexpr std::size_t kMaxRecordBytes = kMaxBlobBytes; // a record is stored as one blob
inline constexpr std::uint64_t kMaxFileBytes = 4ULL << 30;    // one file of a unit
inline constexpr std::uint32_t kMaxUnitFiles = 20'000;
inline constexpr std::uint32_t kMaxUnitDeps = 4'096;
inline constexpr std::uint32_t kMaxPredicates = 4'096;
inline constexpr std::uint32_t kMaxLayerUnits = 20'000;
inline constexpr std::uint32_t kMaxLayerPackages = 20'000;
inline constexpr std::size_t kMaxNameBytes = 4'096;           // any path or name
inline constexpr std::size_t kMaxIndexLineBytes = 512 << 10;  // one version's line of a registry index

}  // namespace depcache
