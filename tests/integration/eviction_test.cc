// Eviction under a running server.

#include "tests/integration/server_fixture.h"

namespace depcache::testing {
namespace {

constexpr auto kNotFound = absl::StatusCode::kNotFound;

class EvictionTest : public ServerFixture {
 protected:
  void SetUp() override {
    config().max_store_bytes = 8 << 20;
    config().generations = 4;
    Start();
  }

  // Writes other bytes until far more was dropped than the store may hold.
  void EvictAll() {
    const auto remote = Connect();
    constexpr std::uint64_t kToWrite = 40;
    for (std::uint64_t i = 0; i < kToWrite; ++i) {
      BuiltLayer noise;
      const std::string plain = RandomPlain(1 << 20, 100'000 + i);
      noise.blobs.emplace(DigestOf(plain).hash, plain);
      ASSERT_THAT(Upload(*remote, noise), IsOk());
      // Lets upkeep follow: it is woken by each write and runs beside us.
      while (remote->GetInfo()->stored_bytes > (12 << 20)) {
      }
    }
  }
};

TEST_F(EvictionTest, ALayerBeingReadStaysReadable) {
  const BuiltLayer layer = SmallLayer(1, 1'500'000);
  const auto remote = Connect();
  Store(*remote, RecipeOf(1), layer);
  const auto found = remote->GetLayer(RecipeOf(1).Hash());
  ASSERT_THAT(found, IsOk());
  auto stream = remote->OpenBlobs(found->ticket);
  ASSERT_THAT(stream, IsOk());
  std::size_t readable = 0;
  const std::vector<Digest> digests = DigestsOf(layer);
  const auto count = [&](std::size_t i, const absl::StatusOr<std::string>& frame) {
    EXPECT_THAT(frame, IsOk());
    if (!frame.ok()) return true;
    EXPECT_EQ(DigestOf(DecompressFrame(*frame, kMaxBlobBytes).value_or("")), digests[i]);
    ++readable;
    return true;
  };
  ASSERT_THAT((*stream)->Read(layer.index, [](auto, const auto&) { return true; }), IsOk());
  EvictAll();
  EXPECT_EQ(CountReadable(*remote, "", layer), 0) << "it was not evicted at all";
  ASSERT_THAT((*stream)->Read(digests, count), IsOk());
  EXPECT_EQ(readable, digests.size());
  EXPECT_EQ(CountReadable(*remote, found->ticket, layer), digests.size())
      << "another stream with the same ticket";
  EXPECT_THAT(remote->GetLayer(RecipeOf(1).Hash()), StatusIs(kNotFound));
}

TEST_F(EvictionTest, AnEvictedLayerCanBeStoredAgain) {
  const BuiltLayer layer = SmallLayer(1, 1'000'000);
  const auto remote = Connect();
  Store(*remote, RecipeOf(1), layer);
  EvictAll();
  EXPECT_THAT(remote->GetLayer(RecipeOf(1).Hash()), StatusIs(kNotFound));
  const auto missing = remote->CommitLayer(RecipeOf(1), layer.index);
  ASSERT_THAT(missing, IsOk());
  EXPECT_EQ(*missing, layer.index) << "a commit lists what went";
  Store(*remote, RecipeOf(1), layer);
  EXPECT_THAT(remote->GetLayer(RecipeOf(1).Hash()), IsOk());
}

}  // namespace
}  // namespace depcache::testing
