#pragma once

#include <filesystem>
#include <string>

#include "client/cook/cook_input.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_context.h"
#include "tests/support/test_folder.h"

namespace depcache::client {

// A copy of tests/workspaces/small, with a home of its own that is empty.
class SmallCheckout : public ::testing::Test {
 protected:
  SmallCheckout() {
    std::filesystem::copy(std::filesystem::path(DEPCACHE_SOURCE_DIR) / "tests/workspaces/small",
                          folder_ / "small", std::filesystem::copy_options::recursive);
    context_.context.environment = {{"HOME", folder_ / "home"},
                                    {"PATH", std::getenv("PATH")},
                                    {"CARGO_HOME", folder_ / "home/.cargo"}};
  }
  absl::StatusOr<CookInput> Load(const CargoFlags& flags = {}) {
    return LoadCookInput(context_.context, flags);
  }
  RecipeHash HashOf(const CargoFlags& flags = {}) {
    const absl::StatusOr<CookInput> input = Load(flags);
    EXPECT_THAT(input, testing::IsOk());
    return input.ok() ? input->recipe.Hash() : RecipeHash();
  }

  const testing::TestFolder folder_;
  testing::TestContext context_{folder_ / "small"};
};

}  // namespace depcache::client
