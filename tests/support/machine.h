#pragma once

#include <filesystem>

#include "client/cargo/machine_folders.h"

namespace depcache::testing {

// The folders of a person's machine, all below `root`.
inline client::MachineFolders MachineBelow(const std::filesystem::path& root) {
  client::MachineFolders folders;
  folders.home = root / "home";
  folders.workspace = root / "home/shop";
  folders.target_dir = root / "home/shop/target";
  folders.build_dir = root / "home/shop/target";
  folders.cargo_home = root / "home/.cargo";
  folders.rustup_home = root / "home/.rustup";
  folders.sysroot = root / "home/.rustup/toolchains/stable";
  return folders;
}

}  // namespace depcache::testing
