#include <algorithm>
#include <map>
#include <optional>
#include <random>
#include <set>

#include "tests/conformance/store_conformance.h"
#include "tests/support/status_matchers.h"

namespace depcache::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST_P(GenerationConformance, NewStoreHasOneGeneration) {
  EXPECT_THAT(GenerationNumbers(), SizeIs(1));
  EXPECT_THAT(blobs().DropOldest(), StatusIs(absl::StatusCode::kFailedPrecondition));
  EXPECT_THAT(GenerationNumbers(), SizeIs(1));
}

TEST_P(GenerationConformance, RotateOpensANewestWithAHigherNumber) {
  const std::uint32_t first = GenerationNumbers().at(0);
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(blobs().Rotate(), IsOk());
  const std::vector<std::uint32_t> numbers = GenerationNumbers();
  ASSERT_THAT(numbers, SizeIs(3));
  EXPECT_EQ(numbers[0], first);
  EXPECT_LT(numbers[0], numbers[1]);
  EXPECT_LT(numbers[1], numbers[2]);
}

TEST_P(GenerationConformance, NumbersAreNotUsedAgain) {
  std::set<std::uint32_t> seen;
  for (int i = 0; i < 5; ++i) {
    EXPECT_TRUE(seen.insert(GenerationNumbers().back()).second);
    ASSERT_THAT(blobs().Rotate(), IsOk());
    ASSERT_THAT(blobs().DropOldest(), IsOk());
  }
}

TEST_P(GenerationConformance, NewestTakesWrites) {
  const TestBlob old = MakeBlob("old"), young = MakeBlob("young");
  ASSERT_THAT(Write({old}), IsOk());
  const std::uint32_t first = GenerationOf(old.hash());
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(Write({old, young}), IsOk());
  EXPECT_EQ(GenerationOf(old.hash()), first) << "it was there already";
  EXPECT_GT(GenerationOf(young.hash()), first);
}

TEST_P(GenerationConformance, DroppedBlobsAreGoneAndOthersStay) {
  const TestBlob old = MakeBlob("old"), young = MakeBlob("young");
  ASSERT_THAT(Write({old}), IsOk());
  ASSERT_THAT(Commit(), IsOk());
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(Write({young}), IsOk());
  ASSERT_THAT(Commit(), IsOk());
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  EXPECT_EQ(GenerationOf(old.hash()), 0u);
  EXPECT_THAT(Read(old.hash()), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(Read(young.hash()), IsOkAndHolds(young.plain));
}

TEST_P(GenerationConformance, BlobsNeverCommittedAreDroppedToo) {
  const TestBlob blob = MakeBlob("uncommitted");
  ASSERT_THAT(Write({blob}), IsOk());
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  EXPECT_EQ(GenerationOf(blob.hash()), 0u);
  EXPECT_THAT(Read(blob.hash()), StatusIs(absl::StatusCode::kNotFound));
  ASSERT_THAT(Commit(), IsOk());
  EXPECT_EQ(GenerationOf(blob.hash()), 0u);
}

TEST_P(GenerationConformance, DroppedBlobCanBeWrittenAgain) {
  const TestBlob blob = MakeBlob("again");
  ASSERT_THAT(Write({blob}), IsOk());
  ASSERT_THAT(Commit(), IsOk());
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  ASSERT_THAT(Write({blob}), IsOk());
  EXPECT_THAT(Read(blob.hash()), IsOkAndHolds(blob.plain));
  ASSERT_THAT(Commit(), IsOk());
  EXPECT_THAT(Read(blob.hash()), IsOkAndHolds(blob.plain));
  EXPECT_EQ(GenerationOf(blob.hash()), GenerationNumbers().back());
}

TEST_P(GenerationConformance, CopiedForwardBlobsSurviveTheDrop) {
  const TestBlob kept = MakeRandomBlob(200'000, 1), left = MakeBlob("left");
  ASSERT_THAT(Write({kept, left}), IsOk());
  ASSERT_THAT(Commit(), IsOk());
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(blobs().CopyForward({&kept.hash(), 1}), IsOk());
  EXPECT_EQ(GenerationOf(kept.hash()), GenerationNumbers().back());
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  EXPECT_THAT(Read(kept.hash()), IsOkAndHolds(kept.plain));
  EXPECT_THAT(Read(left.hash()), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(GenerationConformance, CopyForwardSkipsWhatIsMissingOrNewest) {
  const TestBlob newest = MakeBlob("newest");
  ASSERT_THAT(Write({newest}), IsOk());
  const std::uint64_t before = blobs().Generations().back().stored_bytes;
  ASSERT_THAT(blobs().CopyForward(HashesOf({MakeBlob("gone"), newest})), IsOk());
  EXPECT_EQ(blobs().Generations().back().stored_bytes, before);
  EXPECT_EQ(GenerationOf(newest.hash()), GenerationNumbers().back());
}

TEST_P(GenerationConformance, CopyForwardOfUncommittedBlobsKeepsThem) {
  const TestBlob blob = MakeBlob("uncommitted");
  ASSERT_THAT(Write({blob}), IsOk());
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(blobs().CopyForward({&blob.hash(), 1}), IsOk());
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  EXPECT_THAT(Read(blob.hash()), IsOkAndHolds(blob.plain));
}

TEST_P(GenerationConformance, ViewReadsADroppedGeneration) {
  const TestBlob blob = MakeRandomBlob(100'000, 4), uncommitted = MakeBlob("uncommitted");
  ASSERT_THAT(Write({blob}), IsOk());
  ASSERT_THAT(Commit(), IsOk());
  ASSERT_THAT(Write({uncommitted}), IsOk());
  const std::shared_ptr<BlobView> view = blobs().OpenView();
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  for (int pass = 0; pass < 2; ++pass) {
    const auto got = ReadPlain(*view, HashesOf({blob, uncommitted}));
    EXPECT_THAT(got[0], IsOkAndHolds(blob.plain));
    EXPECT_THAT(got[1], IsOkAndHolds(uncommitted.plain));
    // Once more after what may tidy up behind the drop.
    ASSERT_THAT(Write({MakeBlob("later")}), IsOk());
    ASSERT_THAT(Commit(), IsOk());
  }
  EXPECT_THAT(Read(blob.hash()), StatusIs(absl::StatusCode::kNotFound));
}

// The copy that the store now knows is gone; the view still has the first.
TEST_P(GenerationConformance, ViewReadsABlobWhoseCopiesWereDropped) {
  const TestBlob blob = MakeBlob("wanderer");
  ASSERT_THAT(Write({blob}), IsOk());
  ASSERT_THAT(Commit(), IsOk());
  const std::shared_ptr<BlobView> view = blobs().OpenView();
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(blobs().CopyForward({&blob.hash(), 1}), IsOk());
  ASSERT_THAT(Commit(), IsOk());
  ASSERT_THAT(blobs().Rotate(), IsOk());
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  ASSERT_THAT(blobs().DropOldest(), IsOk());
  EXPECT_THAT(Read(blob.hash()), StatusIs(absl::StatusCode::kNotFound));
  EXPECT_THAT(ReadPlain(*view, {blob.hash()}).at(0), IsOkAndHolds(blob.plain));
}

TEST_P(GenerationConformance, ViewOutlivesTheStoresHandle) {
  const TestBlob blob = MakeBlob("last");
  std::shared_ptr<BlobView> view;
  const TestStore made = GetParam().make();
  {
    OpenedStore store = made.store;
    const NewBlob written = blob.AsNew();
    ASSERT_THAT(store.blobs->Write({&written, 1}), IsOk());
    view = store.blobs->OpenView();
  }
  EXPECT_THAT(ReadPlain(*view, {blob.hash()}).at(0), IsOkAndHolds(blob.plain));
}

// Random operations against a model: sets of names per generation.
class Model {
 public:
  Model() : generations_{{1, {}}} {}

  void Write(int name) {
    if (!Find(name)) generations_.rbegin()->second.insert(name);
  }
  void CopyForward(int name) {
    if (Find(name)) generations_.rbegin()->second.insert(name);
  }
  void Rotate() { generations_[generations_.rbegin()->first + 1]; }
  void DropOldest() { generations_.erase(generations_.begin()); }
  std::size_t count() const { return generations_.size(); }

  // How many generations before the newest the blob is; nullopt: not there.
  std::optional<std::size_t> Find(int name) const {
    std::size_t age = 0;
    for (auto it = generations_.rbegin(); it != generations_.rend(); ++it, ++age) {
      if (it->second.contains(name)) return age;
    }
    return std::nullopt;
  }
  std::set<int> All() const {
    std::set<int> all;
    for (const auto& [number, names] : generations_) all.insert(names.begin(), names.end());
    return all;
  }

 private:
  std::map<int, std::set<int>> generations_;
};

constexpr int kNames = 24;

const TestBlob& BlobNamed(int name) {
  static const std::vector<TestBlob> blobs = [] {
    std::vector<TestBlob> made;
    for (std::size_t i = 0; i < kNames; ++i) made.push_back(MakeRandomBlob(i * 97, 1000));
    return made;
  }();
  return blobs.at(static_cast<std::size_t>(name));
}

struct OpenModelView {
  std::shared_ptr<BlobView> view;
  std::set<int> readable;
};

void ExpectReads(BlobView& view, const std::set<int>& readable) {
  for (const int name : readable) {
    const TestBlob& blob = BlobNamed(name);
    EXPECT_THAT(ReadPlain(view, {blob.hash()}).at(0), IsOkAndHolds(blob.plain)) << name;
  }
}

void ExpectLike(BlobStore& store, const Model& model) {
  ASSERT_EQ(store.Generations().size(), model.count());
  const std::uint32_t newest = store.Generations().back().number;
  for (int name = 0; name < kNames; ++name) {
    const BlobHash hash = BlobNamed(name).hash();
    const auto states = store.Find({&hash, 1});
    ASSERT_THAT(states, IsOk());
    const std::optional<std::size_t> age = model.Find(name);
    ASSERT_EQ(states->front().has_value(), age.has_value()) << name;
    if (age) {
      EXPECT_EQ(states->front()->generation, newest - *age) << name;
    } else {
      EXPECT_THAT(ReadPlain(*store.OpenView(), {hash}).at(0),
                  StatusIs(absl::StatusCode::kNotFound));
    }
  }
  ExpectReads(*store.OpenView(), model.All());
}

TEST_P(GenerationConformance, RandomOperationsMatchAModel) {
  const std::uint64_t seed = std::random_device{}();
  SCOPED_TRACE(::testing::Message() << "seed " << seed);
  std::mt19937_64 random(seed);
  Model model;
  std::vector<OpenModelView> views;
  for (int round = 0; round < GetParam().rounds; ++round) {
    const int name = static_cast<int>(random() % kNames);
    const TestBlob& blob = BlobNamed(name);
    switch (random() % 8) {
      case 0:
      case 1:
      case 2:
        ASSERT_THAT(Write({blob}), IsOk());
        model.Write(name);
        break;
      case 3:
        ASSERT_THAT(blobs().CopyForward({&blob.hash(), 1}), IsOk());
        model.CopyForward(name);
        break;
      case 4:
        ASSERT_THAT(blobs().Rotate(), IsOk());
        model.Rotate();
        break;
      case 5:
        if (model.count() < 2) break;
        ASSERT_THAT(blobs().DropOldest(), IsOk());
        model.DropOldest();
        break;
      case 6:
        ASSERT_THAT(Commit(), IsOk());
        break;
      default:
        if (views.size() > 3) views.erase(views.begin());
        views.push_back(OpenModelView{blobs().OpenView(), model.All()});
    }
    for (const OpenModelView& open : views) ExpectReads(*open.view, open.readable);
    ExpectLike(blobs(), model);
    if (HasFailure()) FAIL() << "in round " << round;
  }
}

}  // namespace
}  // namespace depcache::testing
