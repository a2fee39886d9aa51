#include "cache/cargo/git_layout.h"

#include <algorithm>

#include <fmt/format.h>

#include "cache/base/digest.h"
#include "cache/base/status.h"
#include "cache/cargo/sip_hasher.h"
#include "cache/cargo/source_url.h"

namespace depcache {
namespace {

constexpr std::string_view kGit = "git+";
constexpr std::size_t kCommitDigits = 40;
constexpr std::size_t kMaxNameBytes = 200;
// git itself takes no fewer (core.abbrev).
constexpr std::size_t kMinShortDigits = 4;

bool IsCommit(std::string_view text) {
  return text.size() == kCommitDigits && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
         });
}

bool IsSafeName(std::string_view name) {
  return name.size() <= kMaxNameBytes && std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                  std::string_view("-_.~+%@").find(c) != std::string_view::npos;
         });
}

}  // namespace

std::string GitSource::Unlocked() const {
  return query.empty() ? fmt::format("git+{}", url) : fmt::format("git+{}?{}", url, query);
}

bool IsGitSource(std::string_view source) { return source.starts_with(kGit); }

absl::StatusOr<GitSource> ParseGitSource(std::string_view source) {
  const std::size_t hash = source.rfind('#');
  if (!IsGitSource(source) || hash == std::string_view::npos) {
    return InvalidArgument("'{}' is not a git repository at a commit", source);
  }
  GitSource git;
  git.commit = source.substr(hash + 1);
  if (!IsCommit(git.commit)) {
    return InvalidArgument("'{}' names no commit of 40 hex digits", source);
  }
  const std::string_view place = source.substr(kGit.size(), hash - kGit.size());
  const std::size_t question = place.find('?');
  git.url = place.substr(0, question);
  if (question != std::string_view::npos) git.query = place.substr(question + 1);
  return git;
}

absl::StatusOr<std::string> GitDirName(std::string_view url) {
  DEPCACHE_ASSIGN_OR_RETURN(const SourceUrl parsed, ParseSourceUrl(url));
  const SourceUrl canonical = Canonical(parsed);
  std::string_view name = canonical.path;
  name.remove_prefix(name.rfind('/') + 1);
  if (name.empty()) name = "_empty";
  if (!IsSafeName(name)) return InvalidArgument("'{}' ends in no safe name", url);
  return fmt::format("{}-{}", name, HashText(StrHash(canonical.Text())));
}

bool IsShortOf(std::string_view folder, std::string_view commit) {
  return folder.size() >= kMinShortDigits && commit.starts_with(folder);
}

std::string GitSourceChecksum(std::string_view source) {
  return HashAs<BlobHash>(fmt::format("depcache.git-source.v1\n{}", source)).ToHex();
}

}  // namespace depcache
