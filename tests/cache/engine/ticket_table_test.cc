#include "cache/engine/ticket_table.h"

#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "tests/cache/layer/sample_records.h"
#include "tests/support/fake_clock.h"

namespace depcache::testing {
namespace {

using std::chrono::seconds;

std::shared_ptr<ReadTicket> TicketFor(std::vector<BlobSet> sets) {
  auto ticket = std::make_shared<ReadTicket>();
  for (BlobSet& set : sets)
    ticket->blobs.push_back(std::make_shared<const BlobSet>(std::move(set)));
  return ticket;
}

TEST(TicketTableTest, ATicketAllowsTheBlobsOfAnyOfItsSets) {
  const auto ticket =
      TicketFor({{IdOf<BlobHash>('a'), IdOf<BlobHash>('c')}, {IdOf<BlobHash>('b')}});
  EXPECT_TRUE(ticket->Allows(IdOf<BlobHash>('a')));
  EXPECT_TRUE(ticket->Allows(IdOf<BlobHash>('b')));
  EXPECT_TRUE(ticket->Allows(IdOf<BlobHash>('c')));
  EXPECT_FALSE(ticket->Allows(IdOf<BlobHash>('d')));
  EXPECT_FALSE(TicketFor({})->Allows(IdOf<BlobHash>('a')));
}

TEST(TicketTableTest, NamesAreLongAndNeverTheSame) {
  FakeClock clock;
  TicketTable table(clock, seconds(10), 1000);
  std::set<std::string> names;
  for (int i = 0; i < 500; ++i) names.insert(table.Give(TicketFor({})));
  EXPECT_EQ(names.size(), 500);
  EXPECT_EQ(names.begin()->size(), 16);
}

TEST(TicketTableTest, UseKeepsATicket) {
  FakeClock clock;
  TicketTable table(clock, seconds(10), 1000);
  const auto ticket = TicketFor({});
  const std::string name = table.Give(ticket);
  for (int i = 0; i < 5; ++i) {
    clock.Advance(seconds(9));
    EXPECT_EQ(table.Take(name), ticket);
  }
  clock.Advance(seconds(10));
  EXPECT_EQ(table.Take(name), nullptr);
}

TEST(TicketTableTest, OnlyTheRightNameTakes) {
  FakeClock clock;
  TicketTable table(clock, seconds(10), 1000);
  std::string name = table.Give(TicketFor({}));
  EXPECT_EQ(table.Take(""), nullptr);
  EXPECT_EQ(table.Take(name.substr(1)), nullptr);
  name[0] = static_cast<char>(name[0] ^ 1);
  EXPECT_EQ(table.Take(name), nullptr);
}

TEST(TicketTableTest, ExpireLetsGoOfWhatTicketsHold) {
  FakeClock clock;
  TicketTable table(clock, seconds(10), 1000);
  auto ticket = TicketFor({});
  const std::weak_ptr<ReadTicket> old = ticket;
  table.Give(std::move(ticket));
  clock.Advance(seconds(5));
  const std::string young = table.Give(TicketFor({}));
  clock.Advance(seconds(5));
  table.Expire();
  EXPECT_TRUE(old.expired());
  EXPECT_EQ(table.size(), 1);
  EXPECT_NE(table.Take(young), nullptr);
}

TEST(TicketTableTest, WhoTookATicketKeepsIt) {
  FakeClock clock;
  TicketTable table(clock, seconds(10), 1000);
  const std::string name = table.Give(TicketFor({{IdOf<BlobHash>('a')}}));
  const auto taken = table.Take(name);
  clock.Advance(seconds(100));
  table.Expire();
  EXPECT_EQ(table.size(), 0);
  EXPECT_TRUE(taken->Allows(IdOf<BlobHash>('a')));
}

TEST(TicketTableTest, TheOneUnusedLongestGoesWhenThereAreTooMany) {
  FakeClock clock;
  TicketTable table(clock, seconds(100), 3);
  std::vector<std::string> names;
  for (int i = 0; i < 3; ++i) {
    names.push_back(table.Give(TicketFor({})));
    clock.Advance(seconds(1));
  }
  EXPECT_NE(table.Take(names[0]), nullptr);
  table.Give(TicketFor({}));
  EXPECT_EQ(table.size(), 3);
  EXPECT_NE(table.Take(names[0]), nullptr);
  EXPECT_EQ(table.Take(names[1]), nullptr);
}

TEST(TicketTableTest, ManyThreads) {
  FakeClock clock;
  TicketTable table(clock, seconds(3), 16);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const auto ticket = TicketFor({{IdOf<BlobHash>('a')}});
        const auto taken = table.Take(table.Give(ticket));
        EXPECT_TRUE(taken == nullptr || taken == ticket);
        clock.Advance(seconds(1));
        table.Expire();
        EXPECT_LE(table.size(), 16);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace depcache::testing
