#include "client/cargo/wrapper_link.h"

#include <system_error>

#include "cache/base/status.h"

namespace depcache::client {

absl::StatusOr<WrapperLink> WrapperLink::Make(const std::filesystem::path& self,
                                              const WrapperPolicy& policy) {
  std::error_code error;
  const std::filesystem::path temp = std::filesystem::temp_directory_path(error);
  if (error) return FromErrno(error.value(), "find the temporary folder");
  DEPCACHE_ASSIGN_OR_RETURN(ScopedTempDir folder, ScopedTempDir::Make(temp, "depcache-rustc-"));
  DEPCACHE_RETURN_IF_ERROR(WriteFileAtomic(folder.path() / "policy", Encode(policy)));
  std::filesystem::create_symlink(self, folder.path() / kWrapperName, error);
  if (error) return FromErrno(error.value(), fmt::format("link {}", self.native()));
  return WrapperLink(std::move(folder));
}

std::vector<std::string> WrapperLink::CargoArguments() const {
  const std::string path = (folder_.path() / kWrapperName).native();
  return {"--config", "build.rustc-wrapper=" + TomlString(path)};
}

std::string TomlString(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      quoted += '\\';
      quoted += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      quoted += fmt::format("\\u{:04x}", byte);
    } else {
      quoted += c;
    }
  }
  quoted += '"';
  return quoted;
}

}  // namespace depcache::client
