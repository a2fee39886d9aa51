// What RemoteCache promises, of the real one over gRPC with a server in this
// process, and of the fake that other tests stand on.

#include "client/remote/grpc_remote_cache.h"
#include "client/remote/remote_cache.h"
#include "server/app.h"
#include "tests/support/sample_units.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::FakeRemote;
using ::depcache::testing::IsOk;
using ::depcache::testing::IsOkAndHolds;
using ::depcache::testing::SampleUnits;
using ::depcache::testing::StatusIs;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

enum class Kind { kFake, kGrpc };

class RemoteCacheTest : public ::testing::TestWithParam<Kind> {
 protected:
  void SetUp() override {
    recipe_.Add("rustc", "1.95.0");
    if (GetParam() == Kind::kFake) {
      remote_ = std::make_unique<FakeRemote>();
      return;
    }
    server::Config config;
    config.listen = "127.0.0.1:0";
    config.store = "memory";
    config.log_level = LogLevel::kError;
    auto app = server::App::Start(config);
    ASSERT_THAT(app, IsOk());
    app_ = *std::move(app);
    RemoteOptions options;
    options.server = fmt::format("127.0.0.1:{}", app_->port());
    options.connect_bound = options.lookup_bound = std::chrono::seconds(60);
    auto remote = OpenRemoteCache(options);
    ASSERT_THAT(remote, IsOk());
    remote_ = *std::move(remote);
  }
  void TearDown() override {
    remote_.reset();
    if (app_) app_->Stop();
  }

  // Sends these blobs, by their plain bytes.
  absl::Status Upload(const std::vector<std::string>& blobs) {
    auto upload = remote_->OpenUpload();
    if (!upload.ok()) return upload.status();
    for (const std::string& plain : blobs) {
      const absl::Status status = (*upload)->Write({HashAs<BlobHash>(plain), CompressFrame(plain)});
      if (!status.ok()) return status;
    }
    return (*upload)->Finish();
  }
  // All blobs of the sample's records, and the records.
  void UploadSample() {
    std::vector<std::string> plain;
    for (const auto& [hash, frame] : sample_.remote.frames) {
      plain.push_back(*DecompressFrame(frame, kMaxBlobBytes));
    }
    for (const UnitRecord& record : sample_.records) plain.push_back(Encode(record));
    ASSERT_THAT(Upload(plain), IsOk());
  }
  std::vector<UnitToCommit> Commits() {
    std::vector<UnitToCommit> commits;
    for (std::size_t i = 0; i < sample_.records.size(); ++i) {
      commits.push_back({sample_.RefOf(i), DigestOf(Encode(sample_.records[i]))});
    }
    return commits;
  }
  // Sends index and all, and commits the layer.
  Digest CommitSampleLayer() {
    LayerIndex index;
    for (const UnitToCommit& unit : Commits()) index.units.push_back({unit.ref, unit.record});
    const std::string bytes = Encode(index);
    UploadSample();
    EXPECT_THAT(Upload({bytes}), IsOk());
    EXPECT_THAT(remote_->CommitUnits(Commits(), {}), IsOkAndHolds(IsEmpty()));
    EXPECT_THAT(remote_->CommitLayer(recipe_, std::vector<Digest>{DigestOf(bytes)}),
                IsOkAndHolds(IsEmpty()));
    return DigestOf(bytes);
  }

  std::unique_ptr<server::App> app_;
  std::unique_ptr<RemoteCache> remote_;
  SampleUnits sample_;
  Recipe recipe_;
};

INSTANTIATE_TEST_SUITE_P(Kinds, RemoteCacheTest, ::testing::Values(Kind::kFake, Kind::kGrpc),
                         [](const auto& param_info) {
                           return param_info.param == Kind::kFake ? "Fake" : "Grpc";
                         });

TEST_P(RemoteCacheTest, AReportOfACommittedUnitIsHeard) {
  sample_.AddLib("a");
  UploadSample();
  ASSERT_THAT(remote_->CommitUnits(Commits(), {}), IsOkAndHolds(IsEmpty()));
  // Both are who committed it.
  EXPECT_THAT(remote_->ReportUnit(Commits()[0].ref, ReportReason::kDiffers, "text"),
              IsOkAndHolds(true));
}

TEST_P(RemoteCacheTest, SaysWhoWeAreAndWhatWeMay) {
  const auto info = remote_->GetInfo();
  ASSERT_THAT(info, IsOk());
  EXPECT_TRUE(info->can_read);
  EXPECT_TRUE(info->can_write);
  EXPECT_TRUE(info->speaks_our_protocol);
  EXPECT_TRUE(info->knows_our_recipe);
  EXPECT_NE(info->version, "");
}

TEST_P(RemoteCacheTest, ARecipeThatNobodyBuiltIsAMiss) {
  EXPECT_THAT(remote_->GetLayer(recipe_.Hash()), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(RemoteCacheTest, MissingBlobsAreNamedByPosition) {
  ASSERT_THAT(Upload({"there"}), IsOk());
  EXPECT_THAT(remote_->FindMissing(
                  std::vector<Digest>{DigestOf("gone"), DigestOf("there"), DigestOf("gone too")}),
              IsOkAndHolds(ElementsAre(0U, 2U)));
  EXPECT_THAT(remote_->FindMissing({}), IsOkAndHolds(IsEmpty()));
}

TEST_P(RemoteCacheTest, ACommittedLayerIsFoundAndItsBytesAreThose) {
  const std::size_t a = sample_.AddLib("a", {}, std::string(5000, 'a'), 1000);
  sample_.AddLib("b", {a});
  const Digest index = CommitSampleLayer();
  const auto answer = remote_->GetLayer(recipe_.Hash());
  ASSERT_THAT(answer, IsOk());
  ASSERT_THAT(answer->variants, SizeIs(1));
  EXPECT_THAT(answer->variants[0].index, ElementsAre(index));
  auto blobs = remote_->OpenBlobs(answer->ticket);
  ASSERT_THAT(blobs, IsOk());
  std::vector<Digest> wanted = BlobsOf(sample_.records[0]);
  wanted.push_back(index);
  std::string all;
  EXPECT_THAT((*blobs)->Read(wanted,
                             [&](std::size_t i, absl::StatusOr<std::string> frame) {
                               EXPECT_THAT(frame, IsOk());
                               const auto plain = DecompressFrame(*frame, kMaxBlobBytes);
                               EXPECT_EQ(DigestOf(*plain), wanted[i]);
                               if (i + 1 < wanted.size()) all += *plain;
                               return true;
                             }),
              IsOk());
  EXPECT_THAT(wanted, SizeIs(2));  // five equal pieces are one blob
  EXPECT_EQ(all, std::string(1000, 'a'));
}

TEST_P(RemoteCacheTest, AUnitWhoseBlobsAreMissingIsNotRecorded) {
  sample_.AddLib("a");
  ASSERT_THAT(Upload({Encode(sample_.records[0])}), IsOk());
  const auto missing = remote_->CommitUnits(Commits(), {});
  ASSERT_THAT(missing, IsOk());
  EXPECT_EQ(*missing, BlobsOf(sample_.records[0]));
  UploadSample();
  EXPECT_THAT(remote_->CommitUnits(Commits(), {}), IsOkAndHolds(IsEmpty()));
}

TEST_P(RemoteCacheTest, ALayerWhoseIndexIsMissingIsNotRecorded) {
  const Digest gone = DigestOf("an index that was not sent");
  EXPECT_THAT(remote_->CommitLayer(recipe_, std::vector<Digest>{gone}),
              IsOkAndHolds(ElementsAre(gone)));
  EXPECT_THAT(remote_->GetLayer(recipe_.Hash()), StatusIs(absl::StatusCode::kNotFound));
}

TEST_P(RemoteCacheTest, BlobsComeInTheOrderAskedForAndAMissingOneDoesNotStopThem) {
  ASSERT_THAT(Upload({"one", "three"}), IsOk());
  auto blobs = remote_->OpenBlobs("");
  ASSERT_THAT(blobs, IsOk());
  for (int round = 0; round < 2; ++round) {  // a stream may be asked again
    std::vector<std::string> answers;
    EXPECT_THAT(
        (*blobs)->Read(std::vector<Digest>{DigestOf("one"), DigestOf("two"), DigestOf("three")},
                       [&](std::size_t i, absl::StatusOr<std::string> frame) {
                         EXPECT_EQ(i, answers.size());
                         answers.push_back(frame.ok() ? *DecompressFrame(*frame, 100) : "-");
                         return true;
                       }),
        IsOk());
    EXPECT_THAT(answers, ElementsAre("one", "-", "three"));
  }
}

TEST_P(RemoteCacheTest, ASinkThatHadEnoughStopsTheStreamForGood) {
  ASSERT_THAT(Upload({"one", "two"}), IsOk());
  auto blobs = remote_->OpenBlobs("");
  ASSERT_THAT(blobs, IsOk());
  const std::vector<Digest> wanted = {DigestOf("one"), DigestOf("two")};
  std::size_t answers = 0;
  const auto sink = [&](std::size_t, absl::StatusOr<std::string>) {
    ++answers;
    return false;
  };
  EXPECT_THAT((*blobs)->Read(wanted, sink), IsOk());
  EXPECT_EQ(answers, 1U);
  EXPECT_THAT((*blobs)->Read(wanted, sink), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_P(RemoteCacheTest, PackagesAreFoundByTheirChecksum) {
  PackageRecord record;
  record.package = {"serde", "1.0.0", std::string(kCratesIoSource), std::string(64, 'a')};
  record.index_line = "{}";
  ASSERT_THAT(Upload({Encode(record)}), IsOk());
  const Digest digest = DigestOf(Encode(record));
  EXPECT_THAT(remote_->CommitUnits({}, std::vector<Digest>{digest}), IsOkAndHolds(IsEmpty()));
  EXPECT_THAT(
      remote_->FindPackages(std::vector<PartDigest>{*PartDigest::FromHex(std::string(64, 'b')),
                                                    *PartDigest::FromHex(std::string(64, 'a'))}),
      IsOkAndHolds(ElementsAre(std::nullopt, std::optional(digest))));
}

TEST_P(RemoteCacheTest, UnitsOfAPlanAreFoundByTheirInputsAndPredicates) {
  sample_.AddLib("a");
  const UnitInputs inputs = UnitInputsOf({{"package", "a"}});
  UnitRecord& record = sample_.records[0];
  record.key = UnitKeyOf(inputs, {});
  record.predicates = {
      {PredicateKind::kEnv, "CFLAGS", PredicateValue(PredicateKind::kEnv, "CFLAGS", "-O3")}};
  UploadSample();
  ASSERT_THAT(remote_->CommitUnits(Commits(), {}), IsOkAndHolds(IsEmpty()));
  const std::vector<UnitQuestion> questions = {{inputs, {}}, {UnitInputsOf({}), {0}}, {{}, {}}};
  const auto ask = [&](std::optional<std::string> cflags) {
    const auto answer = remote_->ResolveUnits(
        questions, [&](PredicateKind kind, const std::string& name) -> std::optional<PartDigest> {
          if (!cflags) return std::nullopt;
          return PredicateValue(kind, name, *cflags);
        });
    EXPECT_THAT(answer, IsOk());
    return answer.ok() ? answer->units : std::vector<ResolvedUnit>{};
  };
  const std::vector<ResolvedUnit> units = ask("-O3");
  ASSERT_THAT(units, SizeIs(1));
  EXPECT_EQ(units[0].position, 0U);
  EXPECT_EQ(units[0].ref, sample_.RefOf(0));
  EXPECT_EQ(units[0].record, DigestOf(Encode(record)));
  EXPECT_THAT(ask("-O2"), IsEmpty());
  EXPECT_THAT(ask(std::nullopt), IsEmpty());
}

TEST_P(RemoteCacheTest, OurRecipeIsTheOneTheServerComputes) {
  EXPECT_THAT(remote_->Fingerprint(recipe_), IsOk());
}

}  // namespace
}  // namespace depcache::client
