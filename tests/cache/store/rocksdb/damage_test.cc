// Damages each kind of file in each way and opens the store: it must serve the
// right bytes, call what it cannot read missing, or refuse to open and say why.
// Never wrong bytes; never the end of the process, which is why this also looks
// for assertions in RocksDB that damage can reach.

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <random>

#include <fcntl.h>

#include "cache/base/status.h"
#include "tests/cache/store/rocksdb/parts_fixture.h"

namespace depcache::testing {
namespace {

using ::testing::AnyOf;
using ::testing::HasSubstr;

enum class Kind { kPayload, kRows, kManifest, kLog, kCurrent };
enum class Damage { kFlip, kCut, kZero, kRemove };

constexpr int kCommits = 12;
constexpr int kBlobsPerCommit = 4;

int Rounds() {
  const char* rounds = std::getenv("DEPCACHE_DAMAGE_ROUNDS");
  return rounds == nullptr ? 6 : std::atoi(rounds);
}

std::vector<TestBlob> BlobsOf(int commit) {
  std::vector<TestBlob> blobs;
  for (int part = 0; part < kBlobsPerCommit; ++part) {
    const auto seed = static_cast<std::uint64_t>(commit * 100 + part);
    blobs.push_back(MakeRandomBlob(500 + seed * 977 % 30'000, seed));
  }
  return blobs;
}

CommitBatch BatchOf(int commit) {
  CommitBatch batch;
  batch.scope = ScopeKeyOf("team", "main");
  batch.refs = HashesOf(BlobsOf(commit));
  batch.layer = LayerRecord{};
  batch.layer->recipe = HashAs<RecipeHash>(std::to_string(commit));
  batch.layer->created = commit;
  return batch;
}

class DamageTest : public PartsFixture,
                   public ::testing::WithParamInterface<std::tuple<Kind, Damage>> {
 protected:
  void SetUp() override {
    PartsFixture::SetUp();
    random_.seed(seed_);
    for (int commit = 0; commit < kCommits; ++commit) {
      // Rows of the last few are in the log only.
      if (commit == kCommits - 3) {
        ASSERT_THAT(parts().lane.FlushRows(), IsOk());
      }
      if (commit == kCommits / 2) {
        ASSERT_THAT(blobs().Rotate(), IsOk());
      }
      ASSERT_THAT(Write(BlobsOf(commit)), IsOk());
      ASSERT_THAT(catalog().Commit(BatchOf(commit)), IsOk());
    }
    FindTables();
    Close();
    whole_ = folder();
  }

  // Which tables are of payload and which of rows.
  void FindTables() {
    std::vector<rocksdb::LiveFileMetaData> tables;
    database().db().GetLiveFilesMetaData(&tables);
    for (const rocksdb::LiveFileMetaData& table : tables) {
      const bool is_payload = table.column_family_name.starts_with("gen-");
      (is_payload ? payload_ : rows_).push_back(table.name.substr(1));
    }
    ASSERT_FALSE(payload_.empty());
    ASSERT_FALSE(rows_.empty());
  }

  // A file of the kind in `folder`.
  std::string Choose(Kind kind, const std::filesystem::path& folder) {
    std::vector<std::string> files;
    if (kind == Kind::kPayload) files = payload_;
    if (kind == Kind::kRows) files = rows_;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
      const std::string name = entry.path().filename();
      const bool is_chosen =
          (kind == Kind::kManifest && name.starts_with("MANIFEST-")) ||
          (kind == Kind::kLog && entry.path().extension() == ".log" && entry.file_size() > 0) ||
          (kind == Kind::kCurrent && name == "CURRENT");
      if (is_chosen) files.push_back(name);
    }
    std::sort(files.begin(), files.end());
    EXPECT_FALSE(files.empty());
    return files.at(random_() % files.size());
  }

  void Apply(Damage damage, const std::filesystem::path& file) {
    const auto bytes = ReadFile(file, 1 << 30);
    ASSERT_THAT(bytes, IsOk());
    std::string damaged = *bytes;
    const std::size_t at = random_() % damaged.size();
    switch (damage) {
      case Damage::kFlip:
        damaged[at] ^= static_cast<char>(1 << random_() % 8);
        break;
      case Damage::kCut:
        damaged.resize(at);
        break;
      case Damage::kZero:
        std::fill_n(damaged.begin() + static_cast<std::ptrdiff_t>(at),
                    std::min<std::size_t>(damaged.size() - at, 4096), '\0');
        break;
      case Damage::kRemove:
        ASSERT_TRUE(std::filesystem::remove(file));
        return;
    }
    ASSERT_THAT(WriteFileAtomic(file, damaged), IsOk());
  }

  // Every blob: right, or missing from now on.
  void VerifyBlobs(bool may_be_unreadable) {
    for (int commit = 0; commit < kCommits; ++commit) {
      for (const TestBlob& blob : BlobsOf(commit)) {
        const auto read = Read(blob.hash());
        if (read.ok()) {
          ASSERT_EQ(*read, blob.plain);
          continue;
        }
        if (may_be_unreadable && absl::IsUnavailable(read.status())) continue;
        ASSERT_THAT(read, AnyOf(StatusIs(absl::StatusCode::kDataLoss),
                                StatusIs(absl::StatusCode::kNotFound)));
        ASSERT_THAT(Read(blob.hash()), StatusIs(absl::StatusCode::kNotFound)) << "told before";
        const auto found = blobs().Find({&blob.hash(), 1});
        ASSERT_THAT(found, IsOk());
        ASSERT_FALSE(found->front().has_value());
      }
    }
  }

  void VerifyLayers(bool may_be_unreadable) {
    for (int commit = 0; commit < kCommits; ++commit) {
      const CommitBatch batch = BatchOf(commit);
      const auto layers = catalog().FindLayers(batch.scope, batch.layer->recipe);
      if (!layers.ok()) {
        ASSERT_TRUE(may_be_unreadable) << layers.status();
        ASSERT_THAT(layers, StatusIs(absl::StatusCode::kUnavailable));
        continue;
      }
      ASSERT_LE(layers->size(), 1u);
      if (!layers->empty()) {
        ASSERT_EQ(layers->front(), *batch.layer);
      }
    }
  }

  // Whatever was lost can be had again by writing it again.
  void VerifyWrites(bool may_be_unreadable) {
    for (int commit = 0; commit < kCommits; ++commit) {
      absl::Status written = Write(BlobsOf(commit));
      if (written.ok()) written = catalog().Commit(BatchOf(commit));
      if (!written.ok()) {
        ASSERT_TRUE(may_be_unreadable) << written;
        ASSERT_THAT(written, StatusIs(absl::StatusCode::kUnavailable));
        return;
      }
    }
    parts().upkeep.Wait();
    for (int commit = 0; commit < kCommits; ++commit) {
      for (const TestBlob& blob : BlobsOf(commit)) {
        ASSERT_THAT(Read(blob.hash()), IsOkAndHolds(blob.plain));
      }
    }
  }

  void Round(Kind kind, Damage damage) {
    const ScopedTempDir copy = MakeTempFolder();
    std::filesystem::copy(whole_, copy.path());
    const std::string file = Choose(kind, copy.path());
    SCOPED_TRACE(file);
    Apply(damage, copy.path() / file);
    options().folder = copy.path();
    const absl::Status opened = Open();
    if (!opened.ok()) {
      ++refused_;
      EXPECT_THAT(opened, StatusIs(absl::StatusCode::kDataLoss));
      EXPECT_THAT(std::string(MessageOf(opened)), HasSubstr(copy.path().native()));
      return;
    }
    ++opened_;
    const bool may_be_unreadable = kind == Kind::kRows;
    VerifyBlobs(may_be_unreadable);
    VerifyLayers(may_be_unreadable);
    VerifyWrites(may_be_unreadable);
    Close();
  }

  const std::uint64_t seed_ = std::random_device{}();
  std::mt19937_64 random_;
  std::filesystem::path whole_;
  std::vector<std::string> payload_;
  std::vector<std::string> rows_;
  int opened_ = 0;
  int refused_ = 0;
};

TEST_P(DamageTest, NeverServesWrongBytes) {
  const auto [kind, damage] = GetParam();
  // Said at once: a crash in RocksDB would take a trace with it.
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed_));
  std::fflush(stdout);
  const int rounds = damage == Damage::kRemove ? 1 : Rounds();
  for (int round = 0; round < rounds && !HasFailure(); ++round) {
    SCOPED_TRACE(::testing::Message() << "round " << round);
    Round(kind, damage);
  }
  std::printf("opened %d, refused %d\n", opened_, refused_);
}

std::string DamageName(const ::testing::TestParamInfo<std::tuple<Kind, Damage>>& tested) {
  static constexpr const char* kKinds[] = {"Payload", "Rows", "Manifest", "Log", "Current"};
  static constexpr const char* kDamages[] = {"Flipped", "Cut", "Zeroed", "Removed"};
  return std::string(kKinds[static_cast<int>(std::get<0>(tested.param))]) +
         kDamages[static_cast<int>(std::get<1>(tested.param))];
}

INSTANTIATE_TEST_SUITE_P(Files, DamageTest,
                         ::testing::Combine(::testing::Values(Kind::kPayload, Kind::kRows,
                                                              Kind::kManifest, Kind::kLog,
                                                              Kind::kCurrent),
                                            ::testing::Values(Damage::kFlip, Damage::kCut,
                                                              Damage::kZero, Damage::kRemove)),
                         DamageName);

}  // namespace
}  // namespace depcache::testing
