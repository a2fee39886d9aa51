#include "client/cook/layer_download.h"

#include "tests/support/sample_units.h"
#include "tests/support/status_matchers.h"

namespace depcache::client {
namespace {

using ::depcache::testing::IsOk;
using ::depcache::testing::SampleUnits;
using ::depcache::testing::StatusIs;
using ::testing::SizeIs;

class DownloadLayerTest : public ::testing::Test {
 protected:
  DownloadLayerTest() {
    const std::size_t a = units_.AddLib("a");
    units_.AddLib("b", {a});
  }
  // The index over all records, on the server, in pieces of this size.
  LayerVariant Publish(std::size_t piece_bytes = kMaxBlobBytes) {
    index_.units.clear();
    for (std::size_t i = 0; i < units_.records.size(); ++i) {
      index_.units.push_back({units_.RefOf(i), units_.remote.Put(Encode(units_.records[i]))});
    }
    return Variant(Encode(index_), piece_bytes);
  }
  LayerVariant Variant(const std::string& bytes, std::size_t piece_bytes = kMaxBlobBytes) {
    LayerVariant variant;
    variant.index = units_.Store(bytes, piece_bytes).blobs;
    return variant;
  }
  absl::StatusOr<LayerDownload> Download(const LayerVariant& variant) {
    auto blobs = units_.remote.OpenBlobs("");
    return DownloadLayer(variant, **blobs);
  }

  SampleUnits units_;
  LayerIndex index_;
};

TEST_F(DownloadLayerTest, GivesIndexAndRecordsInOrder) {
  const auto layer = Download(Publish());
  ASSERT_THAT(layer, IsOk());
  EXPECT_EQ(layer->index, index_);
  EXPECT_EQ(layer->records, units_.records);
  EXPECT_GT(layer->bytes_received, 0U);
}

TEST_F(DownloadLayerTest, AnIndexInPiecesIsPutTogether) {
  const auto layer = Download(Publish(10));
  ASSERT_THAT(layer, IsOk());
  EXPECT_EQ(layer->index, index_);
}

TEST_F(DownloadLayerTest, BytesThatAreNotWhatTheirNamesSayAreRefused) {
  const LayerVariant variant = Publish();
  for (const Digest& digest : {variant.index[0], index_.units[0].record}) {
    const std::string good = units_.remote.frames[digest.hash];
    units_.remote.frames[digest.hash] = CompressFrame("something else");
    EXPECT_THAT(Download(variant), StatusIs(absl::StatusCode::kDataLoss));
    units_.remote.frames[digest.hash] = "no frame";
    EXPECT_THAT(Download(variant), StatusIs(absl::StatusCode::kDataLoss));
    units_.remote.frames[digest.hash] = good;
  }
  EXPECT_THAT(Download(variant), IsOk());
}

TEST_F(DownloadLayerTest, ARecordThatIsAnotherUnitsIsRefused) {
  Publish();
  std::swap(index_.units[0].record, index_.units[1].record);
  EXPECT_THAT(Download(Variant(Encode(index_))), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(DownloadLayerTest, ARecordOfAnotherOutputIsRefused) {
  Publish();
  index_.units[0].ref.output = HashAs<OutputDigest>("another");
  EXPECT_THAT(Download(Variant(Encode(index_))), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(DownloadLayerTest, AUnitBeforeItsDependencyIsRefused) {
  Publish();
  std::swap(index_.units[0], index_.units[1]);
  EXPECT_THAT(Download(Variant(Encode(index_))), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(DownloadLayerTest, UnitsOfAnotherLayoutAreRefused) {
  Publish();
  index_.layout = LayoutKind::kV2;
  EXPECT_THAT(Download(Variant(Encode(index_))), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(DownloadLayerTest, NonsenseAndEmptinessAreRefused) {
  EXPECT_THAT(Download(Variant("nonsense")), StatusIs(absl::StatusCode::kDataLoss));
  EXPECT_THAT(Download(LayerVariant{}), StatusIs(absl::StatusCode::kDataLoss));
  LayerVariant many;
  many.index.assign(65, units_.remote.Put("x"));
  EXPECT_THAT(Download(many), StatusIs(absl::StatusCode::kDataLoss));
}

TEST_F(DownloadLayerTest, AnEvictedRecordIsAMiss) {
  const LayerVariant variant = Publish();
  units_.remote.frames.erase(index_.units[1].record.hash);
  EXPECT_THAT(Download(variant), StatusIs(absl::StatusCode::kNotFound));
}

TEST_F(DownloadLayerTest, AStreamThatBreaksIsReported) {
  const LayerVariant variant = Publish();
  units_.remote.breaks_after = 2;
  EXPECT_THAT(Download(variant), StatusIs(absl::StatusCode::kUnavailable));
}

TEST_F(DownloadLayerTest, PackagesThatCannotBeHadAreLeftOut) {
  PackageRecord record;
  record.package = {"serde", "1.0.0", std::string(kCratesIoSource), std::string(64, 'a')};
  const Digest good = units_.remote.Put(Encode(record));
  const Digest gone = DigestOf("gone");
  const Digest nonsense = units_.remote.Put("nonsense");
  const Digest forged = units_.remote.Put("forged");
  units_.remote.frames[forged.hash] = CompressFrame(Encode(record));
  auto blobs = units_.remote.OpenBlobs("");
  const auto packages =
      DownloadPackages(std::vector<Digest>{gone, nonsense, forged, good}, **blobs);
  ASSERT_THAT(packages, IsOk());
  ASSERT_THAT(*packages, SizeIs(1));
  EXPECT_EQ((*packages)[0], record);
}

}  // namespace
}  // namespace depcache::client
