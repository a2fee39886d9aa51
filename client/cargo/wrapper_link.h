#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include <absl/status/statusor.h>

#include "cache/base/files.h"
#include "client/cargo/wrapper_policy.h"

namespace depcache::client {

// A folder with the link that Cargo calls as its rustc wrapper, and the policy
// beside it. Removed with this object.
class WrapperLink {
 public:
  // `self` is this program. Errors: of the disk.
  static absl::StatusOr<WrapperLink> Make(const std::filesystem::path& self,
                                          const WrapperPolicy& policy);

  const std::filesystem::path& folder() const { return folder_.path(); }
  // Arguments which make Cargo use it.
  std::vector<std::string> CargoArguments() const;

 private:
  explicit WrapperLink(ScopedTempDir folder) : folder_(std::move(folder)) {}
  ScopedTempDir folder_;
};

// `text` as a TOML string, for --config.
std::string TomlString(std::string_view text);

}  // namespace depcache::client
