#include "server/rpc/stored_parts.h"

#include "tests/server/rpc/rpc_fixture.h"

namespace depcache::server {
namespace {

class StoredPartsTest : public RpcFixture {
 protected:
  // A part whose value is kept.
  TracePart Kept(const std::string& name, const std::string& value) {
    EXPECT_TRUE(Write({value}).ok());
    return TracePart{name, HashAs<PartDigest>(value), DigestOf(value)};
  }
};

TEST_F(StoredPartsTest, WhatWasEvictedIsLost) {
  const std::vector<TracePart> trace = {
      Kept("a", "here"), TracePart{"b", HashAs<PartDigest>("gone"), DigestOf("gone")},
      TracePart{"c", HashAs<PartDigest>("huge"), Digest{}}};
  google::protobuf::RepeatedPtrField<v1::StoredPart> parts;
  FillStoredParts(
      cache(), trace, [](const TracePart&) { return true; }, &parts);
  ASSERT_EQ(parts.size(), 3);
  EXPECT_EQ(parts[0].state(), v1::PART_VALUE_SHOWN);
  EXPECT_EQ(parts[0].value(), "here");
  EXPECT_EQ(parts[1].state(), v1::PART_VALUE_LOST);
  EXPECT_EQ(parts[2].state(), v1::PART_VALUE_LOST);
  EXPECT_EQ(parts[1].digest(), HashAs<PartDigest>("gone").AsBytes());
}

TEST_F(StoredPartsTest, ValuesThatFitNoMessageAreLeftOut) {
  std::vector<TracePart> trace;
  for (int i = 0; i < 5; ++i) {
    trace.push_back(Kept(std::to_string(i), std::string(900'000, static_cast<char>('a' + i))));
  }
  trace.push_back(Kept("small", "text"));
  google::protobuf::RepeatedPtrField<v1::StoredPart> parts;
  FillStoredParts(
      cache(), trace, [](const TracePart&) { return true; }, &parts);
  std::size_t bytes = 0;
  for (const v1::StoredPart& part : parts) bytes += part.ByteSizeLong();
  EXPECT_LT(bytes, kMaxMessageBytes);
  EXPECT_EQ(parts[2].state(), v1::PART_VALUE_SHOWN);
  EXPECT_EQ(parts[4].state(), v1::PART_VALUE_LEFT_OUT);
  EXPECT_EQ(parts[5].state(), v1::PART_VALUE_SHOWN) << "a small one still fits";
}

}  // namespace
}  // namespace depcache::server
