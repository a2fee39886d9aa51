// Names for the folders of this machine, so that a text is the same on every
// machine: "{cargo-home}/bin/ld".

#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/cargo/machine_folders.h"

namespace depcache::client {

// Name -> path; of equal paths the first one's name is used.
std::vector<std::pair<std::string, std::string>> FolderNames(const MachineFolders& folders);

// `text` with folders, where they stand as whole leading paths, replaced by
// their names; the longest wins.
std::string WithFolderNames(std::string_view text, const MachineFolders& folders);

}  // namespace depcache::client
