// A bit flips on the server's disk: a miss, never wrong bytes.

#include <random>

#include "tests/integration/server_fixture.h"

namespace depcache::testing {
namespace {

namespace fs = std::filesystem;

class DamagedDiskTest : public ServerFixture {
 protected:
  std::vector<fs::path> Tables() {
    std::vector<fs::path> tables;
    for (const auto& entry : fs::recursive_directory_iterator(config().data)) {
      const fs::path extension = entry.path().extension();
      if (extension == ".sst" || extension == ".blob") tables.push_back(entry.path());
    }
    std::sort(tables.begin(), tables.end(), [](const fs::path& a, const fs::path& b) {
      return fs::file_size(a) > fs::file_size(b);
    });
    return tables;
  }
};

TEST_F(DamagedDiskTest, AFlippedBitIsAMiss) {
  const BuiltLayer layer = SmallLayer(1, 700'000);
  Start();
  Store(*Connect(), RecipeOf(1), layer);
  Stop();
  const std::vector<fs::path> tables = Tables();
  ASSERT_FALSE(tables.empty());
  const auto whole = ReadFile(tables[0], 1 << 30);
  ASSERT_THAT(whole, IsOk());
  ASSERT_GT(whole->size(), 1'000'000) << "the largest file holds the payload";
  const fs::path copy = folder() / "whole";
  fs::copy(config().data, copy, fs::copy_options::recursive);

  std::mt19937_64 random(5);
  int misses = 0;
  constexpr int kRounds = 10;
  for (int round = 0; round < kRounds; ++round) {
    fs::remove_all(config().data);
    fs::copy(copy, config().data, fs::copy_options::recursive);
    std::string damaged = *whole;
    damaged[random() % damaged.size()] ^= static_cast<char>(1 << random() % 8);
    ASSERT_THAT(WriteFileAtomic(tables[0], damaged), IsOk());
    auto app = server::App::Start(config());
    if (!app.ok()) continue;  // refused to open: nothing is served
    app->reset();
    Start();
    const auto remote = Connect();
    const auto found = remote->GetLayer(RecipeOf(1).Hash());
    // CountReadable checks each blob that is handed out against its name.
    const std::size_t readable =
        CountReadable(*remote, found.ok() ? found->ticket : std::string(), layer);
    if (readable < layer.blobs.size()) ++misses;
    if (readable < layer.blobs.size()) {
      EXPECT_THAT(remote->GetLayer(RecipeOf(1).Hash()), StatusIs(absl::StatusCode::kNotFound))
          << "given out with a hole";
      Store(*remote, RecipeOf(1), layer);
      EXPECT_THAT(remote->GetLayer(RecipeOf(1).Hash()), IsOk()) << "it cannot be mended";
    }
    Stop();
  }
  EXPECT_GT(misses, kRounds / 2) << "nearly all of the file is payload";
}

}  // namespace
}  // namespace depcache::testing
