// Everything at once: writers that commit, readers with views, and one thread
// that rotates, copies forward and drops.

#include <algorithm>
#include <atomic>
#include <random>
#include <thread>

#include "tests/conformance/store_conformance.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

using ::testing::SizeIs;

constexpr int kWriters = 3;
constexpr int kReaders = 2;
constexpr std::size_t kMaxGenerations = 3;

TestBlob BlobOf(int writer, int round, int part) {
  const auto number = static_cast<std::uint64_t>((writer * 10'000 + round) * 10 + part);
  return MakeRandomBlob(200 + (number * 7919) % 20'000, number);
}

std::vector<TestBlob> KeptBlobs() {
  std::vector<TestBlob> blobs;
  for (int i = 0; i < 8; ++i) blobs.push_back(BlobOf(9, i, 0));
  return blobs;
}

class Crowd {
 public:
  Crowd(OpenedStore store, int rounds) : store_(std::move(store)), rounds_(rounds) {}

  void Run() {
    Keep();
    std::vector<std::thread> writers, others;
    for (int i = 0; i < kWriters; ++i) writers.emplace_back([this, i] { WriteAndCommit(i); });
    for (int i = 0; i < kReaders; ++i) others.emplace_back([this, i] { ReadAll(i); });
    others.emplace_back([this] { Evict(); });
    for (std::thread& thread : writers) thread.join();
    is_done_ = true;
    for (std::thread& thread : others) thread.join();
  }

  int views() const { return views_; }
  int drops() const { return drops_; }

 private:
  void Keep() {
    std::vector<NewBlob> batch;
    for (const TestBlob& blob : kept_) batch.push_back(blob.AsNew());
    ASSERT_THAT(store_.blobs->Write(batch), IsOk());
    ASSERT_THAT(store_.catalog->Commit(CommitBatch{}), IsOk());
  }

  void WriteAndCommit(int writer) {
    const ScopeKey scope = ScopeKeyOf("team", "scope " + std::to_string(writer % 2));
    for (int round = 0; round < rounds_; ++round) {
      CommitBatch batch;
      batch.scope = scope;
      std::vector<TestBlob> blobs;
      for (int part = 0; part < 3; ++part) blobs.push_back(BlobOf(writer, round, part));
      blobs.push_back(BlobOf(8, round, 0));  // all writers write this one
      std::vector<NewBlob> written;
      for (const TestBlob& blob : blobs) written.push_back(blob.AsNew());
      ASSERT_THAT(store_.blobs->Write(written), IsOk());
      batch.refs = HashesOf(blobs);
      LayerRecord layer;
      layer.recipe = HashAs<RecipeHash>(blobs[0].plain);
      layer.variant = VariantOf({});
      layer.index = {blobs[0].digest};
      batch.layer = layer;
      ASSERT_THAT(store_.catalog->Commit(batch), IsOk());
      EXPECT_THAT(store_.catalog->FindLayers(scope, layer.recipe), IsOkAndHolds(SizeIs(1)));
      const auto refs = store_.catalog->FindRefs(scope, batch.refs);
      ASSERT_THAT(refs, IsOk());
    }
  }

  // What was there before a view was opened and after stays readable through
  // it, to the byte; nothing else is ever read wrong.
  void ReadAll(int reader) {
    std::mt19937_64 random(static_cast<std::uint64_t>(reader));
    while (!is_done_) {
      std::vector<TestBlob> asked = kept_;
      for (int i = 0; i < 12; ++i) {
        const auto at = static_cast<int>(random() % static_cast<std::uint64_t>(rounds_));
        asked.push_back(BlobOf(static_cast<int>(random() % kWriters), at, i % 3));
      }
      const std::vector<BlobHash> hashes = HashesOf(asked);
      const auto before = store_.blobs->Find(hashes);
      const std::shared_ptr<BlobView> view = store_.blobs->OpenView();
      const std::uint32_t oldest = store_.blobs->Generations().front().number;
      ASSERT_THAT(before, IsOk());
      ++views_;
      for (int pass = 0; pass < 3; ++pass) {
        const auto got = ReadPlain(*view, hashes);
        ASSERT_THAT(got, SizeIs(hashes.size()));
        for (std::size_t i = 0; i < got.size(); ++i) {
          const bool is_promised = (*before)[i] && (*before)[i]->generation >= oldest;
          if (is_promised || got[i].ok()) {
            ASSERT_THAT(got[i], IsOkAndHolds(asked[i].plain)) << "pass " << pass << " at " << i;
          } else {
            ASSERT_THAT(got[i], StatusIs(absl::StatusCode::kNotFound));
          }
        }
      }
    }
  }

  void Evict() {
    const std::vector<BlobHash> kept = HashesOf(kept_);
    while (!is_done_) {
      ASSERT_THAT(store_.blobs->Rotate(), IsOk());
      ASSERT_THAT(store_.blobs->CopyForward(kept), IsOk());
      if (store_.blobs->Generations().size() <= kMaxGenerations) continue;
      ASSERT_THAT(store_.blobs->DropOldest(), IsOk());
      ++drops_;
    }
  }

  const OpenedStore store_;
  const int rounds_;
  const std::vector<TestBlob> kept_ = KeptBlobs();
  std::atomic<bool> is_done_ = false;
  std::atomic<int> views_ = 0;
  std::atomic<int> drops_ = 0;
};

TEST_P(StoreThreadsConformance, WritersReadersAndEvictionDoNotDisturbEachOther) {
  const TestStore made = GetParam().make();
  Crowd crowd(made.store, GetParam().rounds);
  crowd.Run();
  EXPECT_GT(crowd.views(), 0);
  EXPECT_GT(crowd.drops(), 0);
}

// Commits of many threads are one after the other: of two that name the same
// entry one is first, and stays.
TEST_P(StoreThreadsConformance, OneOfManyEqualCommitsWins) {
  LayerRecord layer;
  layer.recipe = HashAs<RecipeHash>("contested");
  layer.variant = VariantOf({});
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&, i] {
      CommitBatch batch;
      batch.layer = layer;
      batch.layer->created = i + 1;
      batch.layer->principal = std::to_string(i + 1);
      EXPECT_THAT(catalog().Commit(batch), IsOk());
      const auto found = catalog().FindLayers(batch.scope, layer.recipe);
      ASSERT_THAT(found, IsOkAndHolds(SizeIs(1)));
      EXPECT_EQ(found->front().principal, std::to_string(found->front().created));
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(catalog().FindLayers(ScopeKey{}, layer.recipe), IsOkAndHolds(SizeIs(1)));
}

}  // namespace
}  // namespace depcache::testing
