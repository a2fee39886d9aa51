// A module cache and a build cache with one module and one package in them, as
// Go leaves them.

#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <archive.h>
#include <archive_entry.h>
#include <gtest/gtest.h>

#include "cache/go/build_cache.h"
#include "cache/go/go_sum.h"
#include "cache/go/go_units.h"
#include "cache/go/layer_paths.h"
#include "client/go/restore_go.h"
#include "client/go/zip_sum.h"
#include "tests/support/test_folder.h"

namespace depcache::testing {

// A zip of these files, in an order of its own.
inline void WriteZip(const std::filesystem::path& path,
                     const std::map<std::string, std::string>& files) {
  archive* writer = archive_write_new();
  archive_write_set_format_zip(writer);
  EXPECT_EQ(archive_write_open_filename(writer, path.c_str()), ARCHIVE_OK) << path;
  for (auto it = files.rbegin(); it != files.rend(); ++it) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, it->first.c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(it->second.size()));
    EXPECT_EQ(archive_write_header(writer, entry), ARCHIVE_OK);
    archive_write_data(writer, it->second.data(), it->second.size());
    archive_entry_free(entry);
  }
  archive_write_close(writer);
  archive_write_free(writer);
}

struct GoSample {
  static constexpr const char* kMod = "module example.com/Leaf\n\ngo 1.19\n";

  TestFolder folder;
  GoModuleId module{"example.com/Leaf", "v1.0.0"};
  GoModuleSums sums;
  std::string build_id;
  std::string action;

  client::GoCaches caches() const { return {folder / "mod", folder / "build"}; }
  GoSum go_sum() const { return {{{module.path, module.version}, sums}}; }

  std::filesystem::path ModuleFile(GoFileKind kind) const {
    return caches().modules / PathInCache({kind, module.path, module.version, ""});
  }
  GoPackage Package() const { return {"example.com/Leaf", module, {}}; }
  UnitRecord EmptyRecord() const { return GoRecord(UnitInputs(), Package(), {}); }

  // `source`: what the module's one file says. It is larger than a blob.
  explicit GoSample(const std::string& source = "package leaf\n") {
    const std::string base = "mod/cache/download/example.com/!leaf/@v/v1.0.0.";
    folder.Write(base + "mod", kMod);
    folder.Write(base + "info", R"({"Version":"v1.0.0","Time":"2024-01-01T00:00:00Z"})");
    std::string filler;
    for (std::int64_t i = 0; i < 300'000; ++i) filler += std::to_string(i * 7919) + "\n";
    WriteZip(ModuleFile(GoFileKind::kZip), {{"example.com/Leaf@v1.0.0/go.mod", kMod},
                                            {"example.com/Leaf@v1.0.0/leaf.go", source},
                                            {"example.com/Leaf@v1.0.0/data.txt", filler}});
    sums.mod = GoModSum(kMod);
    const absl::StatusOr<PartDigest> zip = client::ZipSum(ModuleFile(GoFileKind::kZip));
    EXPECT_TRUE(zip.ok()) << zip.status();
    sums.zip = *zip;
    folder.Write(base + "ziphash", SumText(*sums.zip));

    // "AAEC…" is the BuildID of an action that starts with 00 01 02 … 0e.
    build_id = "AAECAwQFBgcICQoLDA0O/x";
    action = "000102030405060708090a0b0c0d0e" + std::string(34, '7');
    PutEntry(action, "the archive of " + source + std::string(5000, 'x'));
    PutEntry(SubkeyOf(action, "stdout"), "");
    PutEntry(SubkeyOf(action, "srcfiles"), "./leaf.go\n_cgo_gotypes.go\n");
    PutEntry(SubkeyOf(action, "_cgo_gotypes.go"), "package leaf // made by cgo\n");
  }

  // As Go writes it: with the time of now.
  void PutEntry(const std::string& id, const std::string& bytes) const {
    const std::string output = HashAs<PartDigest>(bytes).ToHex();
    folder.Write("build/" + OutputFilePath(output), bytes);
    std::string text = ActionFileText({id, output, bytes.size()});
    text.replace(text.size() - 20, 19, "1700000000123456789");
    folder.Write("build/" + ActionFilePath(id), text);
  }
};

}  // namespace depcache::testing
