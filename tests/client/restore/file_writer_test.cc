#include "client/restore/file_writer.h"

#include <thread>

#include "tests/support/machine.h"
#include "tests/support/sample_units.h"
#include "tests/support/status_matchers.h"
#include "tests/support/test_folder.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;
using ::depcache::testing::IsOk;
using ::depcache::testing::MachineBelow;
using ::depcache::testing::SampleUnits;
using ::depcache::testing::SecondsOf;
using ::depcache::testing::StatusIs;
using ::depcache::testing::TestFolder;

// Bytes without a pattern of a piece's length.
std::string Noise(std::size_t size) {
  std::string bytes(size, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) {
    state = state * 1664525 + 1013904223;
    byte = static_cast<char>(state >> 24);
  }
  return bytes;
}

class FileWriterTest : public ::testing::Test {
 protected:
  // Makes the writer for all units, and prepares.
  absl::Status Start() {
    present_.resize(units_.records.size());
    auto plan = MakeRestorePlan(
        {units_.records, present_, folders_, [](const auto&) { return std::nullopt; }});
    if (!plan.ok()) return plan.status();
    plan_ = *std::move(plan);
    writer_ = std::make_unique<FileWriter>(plan_, units_.records, folders_);
    const absl::Status prepared = writer_->Prepare();
    writer_->WriteKnown(0, plan_.files.size());
    return prepared;
  }
  std::string FrameOf(std::size_t index) {
    return units_.remote.frames.at(writer_->wanted()[index].hash);
  }
  void DeliverAll() {
    for (std::size_t i = 0; i < writer_->wanted().size(); ++i) writer_->Deliver(i, FrameOf(i));
  }
  fs::path PathOf(std::size_t unit, FileRole role, std::string_view name = "") {
    const UnitRecord& record = units_.records[unit];
    return folders_.build_dir / LayoutOf(record.layout).FilePath(record.place, role, name);
  }
  std::string Read(const fs::path& path) {
    const auto bytes = ReadFile(path, 64 << 20);
    return bytes.ok() ? *bytes : "(no file)";
  }

  const TestFolder folder_;
  MachineFolders folders_ = MachineBelow(folder_.path());
  SampleUnits units_;
  std::vector<PresentUnit> present_;
  RestorePlan plan_;
  std::unique_ptr<FileWriter> writer_;
};

TEST_F(FileWriterTest, WritesAFileOfManyBlobsAndItsSliceInAnyOrder) {
  const std::string rlib = Noise(10'000);
  units_.AddLib("a", {}, rlib, 700);
  ASSERT_THAT(Start(), IsOk());
  for (std::size_t i = writer_->wanted().size(); i-- > 0;) writer_->Deliver(i, FrameOf(i));
  EXPECT_THAT(writer_->UnitStatus(0), IsOk());
  EXPECT_EQ(Read(PathOf(0, FileRole::kRlib)), rlib);
  EXPECT_EQ(Read(PathOf(0, FileRole::kRmeta)), rlib.substr(3333, 3333));
  EXPECT_EQ(SecondsOf(PathOf(0, FileRole::kRlib)), plan_.units[0].time);
  EXPECT_EQ(SecondsOf(PathOf(0, FileRole::kRmeta)), plan_.units[0].time);
  EXPECT_EQ(writer_->files_written(), 3U);
}

TEST_F(FileWriterTest, ManyThreadsWriteTheSameAsOne) {
  std::vector<std::string> rlibs;
  for (std::size_t i = 0; i < 8; ++i) {
    rlibs.push_back(Noise(20'000 + i));
    units_.AddLib(fmt::format("lib{}", i), {}, rlibs.back(), 512);
  }
  ASSERT_THAT(Start(), IsOk());
  std::vector<std::thread> threads;
  for (std::size_t t = 0; t < 4; ++t) {
    threads.emplace_back([&, t] {
      for (std::size_t i = t; i < writer_->wanted().size(); i += 4) {
        writer_->Deliver(i, FrameOf(i));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (std::size_t i = 0; i < rlibs.size(); ++i) {
    EXPECT_THAT(writer_->UnitStatus(i), IsOk());
    EXPECT_EQ(Read(PathOf(i, FileRole::kRlib)), rlibs[i]);
    EXPECT_EQ(SecondsOf(PathOf(i, FileRole::kRlib)), plan_.units[i].time);
  }
}

TEST_F(FileWriterTest, ABlobThatManyFilesHaveIsAskedForOnce) {
  const std::string same = Noise(900);
  units_.AddLib("a", {}, same);
  units_.AddLib("b", {}, same);
  ASSERT_THAT(Start(), IsOk());
  ASSERT_EQ(writer_->wanted().size(), 1U);
  DeliverAll();
  EXPECT_EQ(Read(PathOf(0, FileRole::kRlib)), same);
  EXPECT_EQ(Read(PathOf(1, FileRole::kRlib)), same);
}

TEST_F(FileWriterTest, PlainBytesThatAreNotTheBlobChangeNothing) {
  const std::string rlib = Noise(900);
  units_.AddLib("a", {}, rlib);
  ASSERT_THAT(Start(), IsOk());
  std::string other = rlib;
  other[450] ^= 1;
  EXPECT_FALSE(writer_->DeliverPlain(0, other));
  EXPECT_FALSE(writer_->DeliverPlain(0, std::string_view(rlib).substr(1)));
  EXPECT_FALSE(writer_->DeliverPlain(0, rlib + "x"));
  EXPECT_EQ(Read(PathOf(0, FileRole::kRlib)), "(no file)");
  EXPECT_TRUE(writer_->DeliverPlain(0, rlib));
  EXPECT_THAT(writer_->UnitStatus(0), IsOk());
  EXPECT_EQ(Read(PathOf(0, FileRole::kRlib)), rlib);
  EXPECT_EQ(Read(PathOf(0, FileRole::kRmeta)), rlib.substr(300, 300));
}

TEST_F(FileWriterTest, WhatIsNotTheBlobIsNotWrittenAndFailsItsUnitAlone) {
  units_.AddLib("good", {}, Noise(500));
  for (const char* name : {"other", "short", "long", "torn", "gone"}) {
    units_.AddLib(name, {}, Noise(400) + name);
  }
  ASSERT_THAT(Start(), IsOk());
  for (std::size_t i = 0; i < writer_->wanted().size(); ++i) {
    const std::string plain = *DecompressFrame(FrameOf(i), kMaxBlobBytes);
    absl::StatusOr<std::string> frame = FrameOf(i);
    if (plain.ends_with("other")) frame = CompressFrame(plain.substr(0, plain.size() - 1) + "R");
    if (plain.ends_with("short")) frame = CompressFrame(plain.substr(1));
    if (plain.ends_with("long")) frame = CompressFrame(plain + "x");
    if (plain.ends_with("torn")) frame->resize(frame->size() / 2);
    if (plain.ends_with("gone")) frame = NotFound("evicted");
    writer_->Deliver(i, std::move(frame));
  }
  EXPECT_THAT(writer_->UnitStatus(0), IsOk());
  EXPECT_EQ(Read(PathOf(0, FileRole::kRlib)), Noise(500));
  EXPECT_THAT(writer_->UnitStatus(1), StatusIs(absl::StatusCode::kDataLoss));
  for (std::size_t unit = 1; unit < 6; ++unit) {
    EXPECT_FALSE(writer_->UnitStatus(unit).ok()) << unit;
    EXPECT_EQ(Read(PathOf(unit, FileRole::kRlib)), "(no file)") << unit;
  }
}

TEST_F(FileWriterTest, TextWithPlaceholdersIsPutTogetherBeforeItIsRendered) {
  std::string stored;
  for (int i = 0; i < 500; ++i) stored += Placeholder(Root::kBuildDir) + "/line\n";
  UnitFile file = SampleUnits::OutFile("gen.rs", units_.Store(stored, 97), true);
  file.is_rooted = true;
  units_.AddRun("z", {}, "", {file});
  ASSERT_THAT(Start(), IsOk());
  for (std::size_t i = writer_->wanted().size(); i-- > 0;) writer_->Deliver(i, FrameOf(i));
  ASSERT_THAT(writer_->UnitStatus(0), IsOk());
  const fs::path path = PathOf(0, FileRole::kOutDirEntry, "gen.rs");
  EXPECT_TRUE(Read(path).starts_with(folders_.build_dir.native() + "/line\n"));
  EXPECT_EQ(Read(path).find('\x01'), std::string::npos);
  EXPECT_NE(fs::status(path).permissions() & fs::perms::owner_exec, fs::perms::none);
}

TEST_F(FileWriterTest, OutDirIsMadeWithFoldersAndLinks) {
  units_.AddRun("z", {}, "out",
                {SampleUnits::OutFile("a/b/c.rs", InlineContent{"mod c;"}),
                 SampleUnits::OutFile("empty", FolderContent{}),
                 SampleUnits::OutFile("latest", LinkContent{"a/b"}),
                 SampleUnits::OutFile("nothing", BlobContent{HashAs<BlobHash>(""), {}})});
  ASSERT_THAT(Start(), IsOk());
  EXPECT_THAT(writer_->UnitStatus(0), IsOk());
  EXPECT_EQ(Read(PathOf(0, FileRole::kOutDirEntry, "latest/c.rs")), "mod c;");
  EXPECT_TRUE(fs::is_directory(PathOf(0, FileRole::kOutDirEntry, "empty")));
  EXPECT_EQ(Read(PathOf(0, FileRole::kOutDirEntry, "nothing")), "");
}

TEST_F(FileWriterTest, PrepareTakesTheHashFileAwayAndWipesWhatIsTheUnitsOwn) {
  units_.AddRun("z", {}, "", {});
  units_.AddLib("kept");
  present_.resize(2);
  present_[1].is_kept = true;
  ASSERT_THAT(Start(), IsOk());  // makes the folders
  const fs::path stale = PathOf(0, FileRole::kOutDirEntry, "stale.rs");
  ASSERT_THAT(WriteFileAtomic(stale, "old"), IsOk());
  for (const UnitFinish& unit : plan_.units) {
    ASSERT_THAT(CreateDirectories(unit.hash_path.parent_path()), IsOk());
    ASSERT_THAT(WriteFileAtomic(unit.hash_path, "0123456789abcdef"), IsOk());
  }
  ASSERT_THAT(Start(), IsOk());
  EXPECT_FALSE(fs::exists(stale));
  EXPECT_FALSE(fs::exists(plan_.units[0].hash_path));
  EXPECT_TRUE(fs::exists(plan_.units[1].hash_path));
}

TEST_F(FileWriterTest, OtherLinksToAnOldFileKeepItsContent) {
  units_.AddLib("a", {}, Noise(300));
  const fs::path rlib = PathOf(0, FileRole::kRlib);
  ASSERT_THAT(CreateDirectories(rlib.parent_path()), IsOk());
  ASSERT_THAT(WriteFileAtomic(folder_ / "precious", "precious"), IsOk());
  fs::create_hard_link(folder_ / "precious", rlib);
  ASSERT_THAT(Start(), IsOk());
  DeliverAll();
  EXPECT_EQ(folder_.Read("precious"), "precious");
  EXPECT_EQ(Read(rlib), Noise(300));
}

TEST_F(FileWriterTest, ALinkInAFilesPlaceIsReplacedAndNotFollowed) {
  units_.AddLib("a", {}, Noise(300));
  const fs::path rlib = PathOf(0, FileRole::kRlib);
  const fs::path rmeta = PathOf(0, FileRole::kRmeta);
  ASSERT_THAT(CreateDirectories(rlib.parent_path()), IsOk());
  folder_.Write("victim", "untouched");
  fs::create_symlink(folder_ / "victim", rlib);
  fs::create_symlink(folder_ / "made-through-a-link", rmeta);
  ASSERT_THAT(Start(), IsOk());
  DeliverAll();
  EXPECT_THAT(writer_->UnitStatus(0), IsOk());
  EXPECT_EQ(folder_.Read("victim"), "untouched");
  EXPECT_FALSE(folder_.Has("made-through-a-link"));
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(rlib)));
  EXPECT_TRUE(fs::is_regular_file(fs::symlink_status(rmeta)));
}

TEST_F(FileWriterTest, AUnitsFolderThatIsALinkIsTakenAwayAndWhatItNamesStays) {
  units_.AddRun("z", {}, "text", {SampleUnits::OutFile("f", InlineContent{"new"})});
  const fs::path out_dir = PathOf(0, FileRole::kOutDirEntry);
  ASSERT_THAT(CreateDirectories(out_dir.parent_path().parent_path()), IsOk());
  folder_.Write("victim/out/f", "untouched");
  fs::create_symlink(folder_ / "victim", out_dir.parent_path());
  ASSERT_THAT(Start(), IsOk());
  EXPECT_EQ(folder_.Read("victim/out/f"), "untouched");
  EXPECT_EQ(Read(out_dir / "f"), "new");
}

TEST_F(FileWriterTest, AFolderInAFilesPlaceFailsTheUnit) {
  units_.AddLib("a", {}, Noise(300));
  ASSERT_THAT(CreateDirectories(PathOf(0, FileRole::kRlib) / "full"), IsOk());
  ASSERT_THAT(Start(), IsOk());
  DeliverAll();
  EXPECT_FALSE(writer_->UnitStatus(0).ok());
  EXPECT_TRUE(fs::is_directory(PathOf(0, FileRole::kRlib) / "full"));
}

}  // namespace
}  // namespace depcache::client
