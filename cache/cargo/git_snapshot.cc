#include "cache/cargo/git_snapshot.h"

#include <algorithm>
#include <array>
#include <optional>
#include <set>
#include <utility>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <zlib.h>

#include "cache/base/check.h"
#include "cache/base/codec.h"
#include "cache/base/hex.h"
#include "cache/base/status.h"

namespace depcache {
namespace {

constexpr std::string_view kMagic = "dcg1";
constexpr std::size_t kHashBytes = 20;
constexpr std::size_t kIdDigits = 40;
constexpr std::string_view kFolderMode = "40000";

std::string_view NameOf(GitKind kind) {
  switch (kind) {
    case GitKind::kCommit:
      return "commit";
    case GitKind::kTree:
      return "tree";
    case GitKind::kBlob:
      return "blob";
  }
  return "";
}

std::string HeaderOf(GitKind kind, std::size_t size) {
  std::string header = fmt::format("{} {}", NameOf(kind), size);
  header += '\0';
  return header;
}

// git sorts a folder as if its name ended in '/'.
std::string SortName(const GitTreeEntry& entry) {
  return entry.mode == kFolderMode ? entry.name + "/" : entry.name;
}

bool IsKnownMode(std::string_view mode) {
  return mode == "100644" || mode == "100755" || mode == "120000" || mode == kFolderMode;
}

bool IsGitFolder(std::string_view name) {
  return name.size() == 4 && name[0] == '.' && (name[1] | 32) == 'g' && (name[2] | 32) == 'i' &&
         (name[3] | 32) == 't';
}

bool IsUsableName(std::string_view name) {
  return !name.empty() && name != "." && name != ".." && !IsGitFolder(name) &&
         name.find('/') == std::string_view::npos;
}

// The objects of a commit in the order of the stored form, each once.
class Walk {
 public:
  struct Step {
    GitKind kind;
    std::string id;
  };

  explicit Walk(std::string_view commit) { open_.push_back({GitKind::kCommit, std::string(commit)}); }

  // What comes next; nullopt at the end.
  std::optional<Step> Next() {
    while (!open_.empty()) {
      Step step = std::move(open_.back());
      open_.pop_back();
      if (seen_.insert(step.id).second) return step;
    }
    return std::nullopt;
  }

  // The bytes of the step that was handed out last.
  absl::Status Enter(const Step& step, std::string_view bytes) {
    if (seen_.size() > kMaxGitObjects) {
      return ResourceExhausted("more than {} files and folders", kMaxGitObjects);
    }
    if (GitObjectId(step.kind, bytes) != step.id) {
      return InvalidArgument("git object {} is not what its name says", step.id);
    }
    if (step.kind == GitKind::kCommit) {
      DEPCACHE_ASSIGN_OR_RETURN(std::string tree, TreeOfCommit(bytes));
      open_.push_back({GitKind::kTree, std::move(tree)});
    } else if (step.kind == GitKind::kTree) {
      DEPCACHE_ASSIGN_OR_RETURN(std::vector<GitTreeEntry> entries, ParseTree(bytes));
      std::for_each(entries.rbegin(), entries.rend(), [&](GitTreeEntry& entry) {
        open_.push_back(
            {entry.mode == kFolderMode ? GitKind::kTree : GitKind::kBlob, std::move(entry.id)});
      });
    }
    return absl::OkStatus();
  }

 private:
  std::vector<Step> open_;  // the next one last
  std::set<std::string> seen_;
};

}  // namespace

std::string GitObjectId(GitKind kind, std::string_view bytes) {
  const std::string header = HeaderOf(kind, bytes.size());
  std::array<unsigned char, kHashBytes> hash{};
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  const bool is_done = EVP_DigestInit_ex(context, EVP_sha1(), nullptr) == 1 &&
                       EVP_DigestUpdate(context, header.data(), header.size()) == 1 &&
                       EVP_DigestUpdate(context, bytes.data(), bytes.size()) == 1 &&
                       EVP_DigestFinal_ex(context, hash.data(), nullptr) == 1;
  EVP_MD_CTX_free(context);
  DEPCACHE_CHECK(is_done);
  return ToHex(std::string_view(reinterpret_cast<const char*>(hash.data()), hash.size()));
}

std::string PrintTree(std::vector<GitTreeEntry> entries) {
  std::sort(entries.begin(), entries.end(), [](const GitTreeEntry& a, const GitTreeEntry& b) {
    return SortName(a) < SortName(b);
  });
  std::string bytes;
  for (const GitTreeEntry& entry : entries) {
    const std::optional<std::string> hash = FromHex(entry.id);
    DEPCACHE_CHECK(hash && hash->size() == kHashBytes);
    bytes += fmt::format("{} {}", entry.mode, entry.name);
    bytes += '\0';
    bytes += *hash;
  }
  return bytes;
}

absl::StatusOr<std::vector<GitTreeEntry>> ParseTree(std::string_view bytes) {
  std::vector<GitTreeEntry> entries;
  while (!bytes.empty()) {
    const std::size_t space = bytes.find(' ');
    const std::size_t end = bytes.find('\0');
    if (end == std::string_view::npos || space > end || bytes.size() - end - 1 < kHashBytes) {
      return InvalidArgument("a git tree is malformed");
    }
    GitTreeEntry entry{std::string(bytes.substr(0, space)),
                       std::string(bytes.substr(space + 1, end - space - 1)),
                       ToHex(bytes.substr(end + 1, kHashBytes))};
    if (!IsUsableName(entry.name)) return InvalidArgument("a git tree has an unusable name");
    if (entry.mode == "160000") return InvalidArgument("{} is a submodule", entry.name);
    if (!IsKnownMode(entry.mode)) {
      return InvalidArgument("{} has the unknown mode {}", entry.name, entry.mode);
    }
    entries.push_back(std::move(entry));
    bytes.remove_prefix(end + 1 + kHashBytes);
  }
  return entries;
}

absl::StatusOr<std::string> TreeOfCommit(std::string_view bytes) {
  static constexpr std::string_view kTree = "tree ";
  const std::string_view id = bytes.substr(0, bytes.find('\n'));
  if (!id.starts_with(kTree) || id.size() != kTree.size() + kIdDigits ||
      !FromHex(id.substr(kTree.size()))) {
    return InvalidArgument("a git commit is malformed");
  }
  return std::string(id.substr(kTree.size()));
}

absl::StatusOr<std::string> EncodeSnapshot(std::string_view commit, const FindGitObject& find) {
  Writer writer;
  writer.Raw(kMagic);
  Walk walk(commit);
  while (const std::optional<Walk::Step> step = walk.Next()) {
    DEPCACHE_ASSIGN_OR_RETURN(const std::string_view bytes, find(step->kind, step->id));
    if (writer.bytes().size() + bytes.size() > kMaxSnapshotBytes) {
      return ResourceExhausted("more than {} MiB of files", kMaxSnapshotBytes >> 20);
    }
    DEPCACHE_RETURN_IF_ERROR(walk.Enter(*step, bytes));
    writer.U8(static_cast<std::uint8_t>(step->kind));
    writer.String(bytes);
  }
  return writer.Take();
}

absl::StatusOr<std::vector<GitObject>> DecodeSnapshot(std::string_view bytes,
                                                      std::string_view commit) {
  Reader reader(bytes);
  if (reader.Raw(kMagic.size()) != kMagic) reader.Fail("unknown version");
  std::vector<GitObject> objects;
  Walk walk(commit);
  while (reader.ok()) {
    std::optional<Walk::Step> step = walk.Next();
    if (!step) break;
    const std::uint8_t kind = reader.U8();
    const std::string_view content = reader.String(kMaxSnapshotBytes);
    if (reader.ok() && kind != static_cast<std::uint8_t>(step->kind)) {
      reader.Fail("an object of another kind than was named");
    }
    if (!reader.ok()) break;
    DEPCACHE_RETURN_IF_ERROR(walk.Enter(*step, content));
    objects.push_back({step->kind, std::move(step->id), content});
  }
  DEPCACHE_RETURN_IF_ERROR(reader.Finish("git snapshot"));
  return objects;
}

std::string LooseObject(GitKind kind, std::string_view bytes) {
  const std::string plain = HeaderOf(kind, bytes.size()).append(bytes);
  uLongf size = compressBound(plain.size());
  std::string packed(size, '\0');
  const int result =
      compress2(reinterpret_cast<Bytef*>(packed.data()), &size,
                reinterpret_cast<const Bytef*>(plain.data()), plain.size(), Z_BEST_SPEED);
  DEPCACHE_CHECK(result == Z_OK);
  packed.resize(size);
  return packed;
}

}  // namespace depcache
