#include "cache/store/rocksdb/generations.h"

#include <utility>

#include "cache/base/status.h"

namespace depcache {

absl::StatusOr<std::unique_ptr<Generations>> Generations::Open(std::shared_ptr<Database> database) {
  std::unique_ptr<Generations> generations(new Generations(database));
  bool is_new = true;
  for (const FoundGeneration& found : database->TakeGenerations()) {
    auto generation = std::make_shared<Generation>(database, found);
    MutexLock lock(generations->mutex_);
    generations->live_.emplace(found.number, std::move(generation));
    is_new = false;
  }
  if (is_new) DEPCACHE_RETURN_IF_ERROR(generations->Rotate());
  return generations;
}

std::shared_ptr<Generation> Generations::Newest() const {
  MutexLock lock(mutex_);
  return live_.rbegin()->second;
}

std::vector<std::shared_ptr<Generation>> Generations::All() const {
  std::vector<std::shared_ptr<Generation>> all;
  MutexLock lock(mutex_);
  for (const auto& [number, generation] : live_) all.push_back(generation);
  return all;
}

std::shared_ptr<Generation> Generations::Find(std::uint32_t number) const {
  MutexLock lock(mutex_);
  const auto found = live_.find(number);
  return found == live_.end() ? nullptr : found->second;
}

absl::Status Generations::Rotate() {
  std::uint32_t number = 1;
  {
    MutexLock lock(mutex_);
    if (!live_.empty()) number = live_.rbegin()->first + 1;
  }
  DEPCACHE_ASSIGN_OR_RETURN(rocksdb::ColumnFamilyHandle * handle,
                            database_->CreateGeneration(number));
  auto generation = std::make_shared<Generation>(database_, FoundGeneration{number, handle});
  MutexLock lock(mutex_);
  live_.emplace(number, std::move(generation));
  return absl::OkStatus();
}

absl::Status Generations::DropOldest() {
  const std::shared_ptr<Generation> oldest = All().front();
  DEPCACHE_RETURN_IF_ERROR(database_->DropGeneration(oldest->handle()));
  MutexLock lock(mutex_);
  live_.erase(oldest->number());
  dropped_.emplace(oldest->number(), oldest);
  return absl::OkStatus();
}

bool Generations::IsInUse(std::uint32_t number) const {
  MutexLock lock(mutex_);
  if (live_.contains(number)) return true;
  const auto found = dropped_.find(number);
  return found != dropped_.end() && !found->second.expired();
}

bool Generations::TakeEnded() {
  MutexLock lock(mutex_);
  return std::erase_if(dropped_, [](const auto& entry) { return entry.second.expired(); }) > 0;
}

}  // namespace depcache
