#pragma once

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <sys/eventfd.h>

#include "cache/base/compress.h"
#include "cache/base/files.h"
#include "cache/base/mutex.h"
#include "cache/base/status.h"
#include "cache/layer/layer_index.h"
#include "cache/layer/unit_key.h"
#include "client/remote/remote_cache.h"

namespace depcache::testing {

// A server in memory, as far as a client can tell: it keeps blobs, units,
// packages and layers, and refuses entries whose blobs it does not have. The
// public members are its shelves: a test looks into them or spoils them.
//
// Thread-safe where RemoteCache is, the public members aside.
class FakeRemote : public client::RemoteCache {
 public:
  std::map<BlobHash, std::string> frames;
  std::map<UnitKey, std::vector<client::UnitToCommit>> units;
  std::map<std::string, Digest> packages;  // checksum -> record
  std::map<RecipeHash, client::LayerAnswer> layers;
  client::ServerInfo info = {.version = "9.9.9",
                             .principal = "tester",
                             .can_read = true,
                             .can_write = true,
                             .speaks_our_protocol = true,
                             .knows_our_recipe = true};
  // What every call answers, unless it is OK.
  absl::Status broken;
  // A stream of blobs breaks after this many answers.
  std::optional<std::size_t> breaks_after;
  // Who builds what. What BeginBuild gives is kMine.
  static inline const std::string kMine = "lease of the caller";
  static inline const std::string kOthers = "lease of another";
  std::map<BuildKey, std::string> Holders() {
    MutexLock lock(mutex_);
    return holders_;
  }
  void Hold(const BuildKey& key, const std::string& holder) {
    MutexLock lock(mutex_);
    holders_[key] = holder;
  }
  // All of another's, at once.
  void FreeOthers() {
    MutexLock lock(mutex_);
    std::erase_if(holders_, [](const auto& entry) { return entry.second == kOthers; });
    freed_.NotifyAll();
  }
  // Returns when somebody watches what others build.
  void WaitForWatch() {
    MutexLock lock(mutex_);
    while (watches_ == 0) freed_.Wait(mutex_);
  }
  // What BeginBuild says such units took.
  std::chrono::milliseconds expected{0};
  bool can_be_watched = true;
  // What was reported, in order.
  struct Report {
    UnitRef unit;
    ReportReason reason = ReportReason::kStale;
    std::string text;
  };
  std::vector<Report> reports;
  // Blobs that came over uploads, in order.
  std::vector<BlobHash> uploads;

  // Stores a blob and gives its name.
  Digest Put(std::string_view plain) {
    const Digest digest = DigestOf(plain);
    frames[digest.hash] = CompressFrame(plain);
    return digest;
  }

  absl::StatusOr<client::ServerInfo> GetInfo() override {
    if (!broken.ok()) return broken;
    return info;
  }

  absl::StatusOr<client::LayerAnswer> GetLayer(const RecipeHash& recipe) override {
    if (!broken.ok()) return broken;
    const auto layer = layers.find(recipe);
    if (layer == layers.end()) return NotFound("no layer");
    return layer->second;
  }

  absl::StatusOr<client::ResolveAnswer> ResolveUnits(
      std::span<const client::UnitQuestion> questions,
      const client::PredicateValues& values) override {
    if (!broken.ok()) return broken;
    client::ResolveAnswer answer;
    std::map<std::uint32_t, UnitRef> resolved;
    for (std::uint32_t i = 0; i < questions.size(); ++i) {
      if (!questions[i].inputs) continue;
      std::vector<UnitRef> deps;
      for (const std::uint32_t dep : questions[i].deps) {
        if (resolved.contains(dep)) deps.push_back(resolved.at(dep));
      }
      if (deps.size() != questions[i].deps.size()) continue;
      const auto builds = units.find(UnitKeyOf(*questions[i].inputs, deps));
      if (builds == units.end()) continue;
      for (const client::UnitToCommit& unit : builds->second) {
        if (!Holds(unit.record, values)) continue;
        resolved[i] = unit.ref;
        answer.units.push_back({i, unit.ref, unit.record});
        break;
      }
    }
    return answer;
  }

  absl::StatusOr<std::vector<std::optional<Digest>>> FindPackages(
      std::span<const PartDigest> checksums) override {
    if (!broken.ok()) return broken;
    std::vector<std::optional<Digest>> found;
    for (const PartDigest& checksum : checksums) {
      const auto package = packages.find(checksum.ToHex());
      found.push_back(package == packages.end() ? std::nullopt : std::optional(package->second));
    }
    return found;
  }

  absl::StatusOr<std::unique_ptr<client::BlobStream>> OpenBlobs(std::string_view) override {
    if (!broken.ok()) return broken;
    return std::make_unique<Stream>(*this);
  }

  absl::StatusOr<std::vector<std::uint32_t>> FindMissing(std::span<const Digest> digests) override {
    if (!broken.ok()) return broken;
    std::vector<std::uint32_t> missing;
    MutexLock lock(mutex_);
    for (std::size_t i = 0; i < digests.size(); ++i) {
      if (!frames.contains(digests[i].hash)) missing.push_back(static_cast<std::uint32_t>(i));
    }
    return missing;
  }

  absl::StatusOr<std::unique_ptr<client::BlobUpload>> OpenUpload() override {
    if (!broken.ok()) return broken;
    return std::make_unique<Upload>(*this);
  }

  absl::StatusOr<std::vector<Digest>> CommitUnits(std::span<const client::UnitToCommit> entries,
                                                  std::span<const Digest> records) override {
    if (!broken.ok()) return broken;
    std::vector<Digest> missing;
    MutexLock lock(mutex_);
    for (const client::UnitToCommit& unit : entries) {
      const std::optional<std::string> bytes = Plain(unit.record);
      if (!bytes) {
        missing.push_back(unit.record);
        continue;
      }
      const absl::StatusOr<UnitRecord> record = DecodeUnitRecord(*bytes);
      if (!record.ok()) return record.status();
      const std::size_t before = missing.size();
      for (const Digest& blob : BlobsOf(*record)) {
        if (!frames.contains(blob.hash)) missing.push_back(blob);
      }
      if (missing.size() == before) units[unit.ref.key].push_back(unit);
    }
    for (const Digest& digest : records) {
      const std::optional<std::string> bytes = Plain(digest);
      if (!bytes) {
        missing.push_back(digest);
        continue;
      }
      const absl::StatusOr<PackageRecord> record = DecodePackageRecord(*bytes);
      if (!record.ok()) return record.status();
      packages[record->package.checksum] = digest;
    }
    return missing;
  }

  absl::StatusOr<std::vector<Digest>> CommitLayer(const Recipe& recipe,
                                                  std::span<const Digest> index) override {
    if (!broken.ok()) return broken;
    client::LayerVariant variant;
    variant.index.assign(index.begin(), index.end());
    std::vector<Digest> missing;
    MutexLock lock(mutex_);
    for (const Digest& piece : index) {
      if (!frames.contains(piece.hash)) missing.push_back(piece);
    }
    if (missing.empty()) layers[recipe.Hash()].variants.push_back(std::move(variant));
    return missing;
  }

  absl::StatusOr<bool> ReportUnit(const UnitRef& unit, ReportReason reason,
                                  const std::string& text) override {
    if (!broken.ok()) return broken;
    reports.push_back({unit, reason, text});
    return true;
  }

  absl::StatusOr<client::BuildAnswer> BeginBuild(std::span<const client::UnitToBuild> wanted,
                                                 bool only_asks, std::string_view) override {
    if (!broken.ok()) return broken;
    client::BuildAnswer answer;
    answer.ttl = std::chrono::seconds(15);
    answer.expected_total = answer.expected_longest = expected;
    MutexLock lock(mutex_);
    for (std::uint32_t i = 0; i < wanted.size(); ++i) {
      const auto holder = holders_.find(wanted[i].key);
      if (holder != holders_.end() && holder->second != kMine) answer.held.push_back(i);
      if (only_asks || (holder != holders_.end() && holder->second != kMine)) continue;
      holders_[wanted[i].key] = kMine;
      answer.lease_id = kMine;
    }
    return answer;
  }
  absl::Status RenewBuild(std::string_view) override { return broken; }
  absl::Status AbandonBuild(std::string_view lease_id, std::span<const BuildKey> keys) override {
    MutexLock lock(mutex_);
    std::erase_if(holders_, [&](const auto& entry) {
      return entry.second == lease_id &&
             (keys.empty() || std::find(keys.begin(), keys.end(), entry.first) != keys.end());
    });
    freed_.NotifyAll();
    return broken;
  }
  absl::StatusOr<std::unique_ptr<client::BuildWatch>> WatchBuild(
      std::span<const BuildKey> keys) override {
    if (!can_be_watched) return MakeStatus(absl::StatusCode::kUnimplemented, "no watching here");
    return std::make_unique<Watch>(*this, keys);
  }

  absl::Status Fingerprint(const Recipe&) override { return broken; }

 private:
  class Stream final : public client::BlobStream {
   public:
    explicit Stream(FakeRemote& remote) : remote_(remote) {}
    absl::Status Read(std::span<const Digest> digests, const FrameSink& sink) override {
      for (std::size_t i = 0; i < digests.size(); ++i) {
        if (is_over_) return Unavailable("the stream has ended");
        if (remote_.breaks_after && answered_++ >= *remote_.breaks_after) {
          is_over_ = true;
          return Unavailable("the server went away");
        }
        const auto frame = remote_.frames.find(digests[i].hash);
        const bool goes_on = frame == remote_.frames.end() ? sink(i, NotFound("no such blob"))
                                                           : sink(i, frame->second);
        if (!goes_on) {
          is_over_ = true;
          return absl::OkStatus();
        }
      }
      return absl::OkStatus();
    }

   private:
    FakeRemote& remote_;
    std::size_t answered_ = 0;
    bool is_over_ = false;
  };

  class Upload final : public client::BlobUpload {
   public:
    explicit Upload(FakeRemote& remote) : remote_(remote) {}
    absl::Status Write(client::UploadBlob blob) override {
      if (!remote_.broken.ok()) return remote_.broken;
      MutexLock lock(remote_.mutex_);
      remote_.uploads.push_back(blob.hash);
      remote_.frames[blob.hash] = std::move(blob.frame);
      return absl::OkStatus();
    }
    absl::Status Finish() override { return remote_.broken; }

   private:
    FakeRemote& remote_;
  };

  class Watch final : public client::BuildWatch {
   public:
    Watch(FakeRemote& remote, std::span<const BuildKey> keys)
        : remote_(remote),
          keys_(keys.begin(), keys.end()),
          told_(eventfd(0, EFD_CLOEXEC)),
          thread_([this] { Follow(); }) {}
    ~Watch() override {
      {
        MutexLock lock(remote_.mutex_);
        is_over_ = true;
        remote_.freed_.NotifyAll();
      }
      thread_.join();
    }
    int fd() const override { return told_.get(); }

   private:
    void Follow() {
      MutexLock lock(remote_.mutex_);
      ++remote_.watches_;
      remote_.freed_.NotifyAll();
      const auto is_held = [&](const BuildKey& key) { return remote_.holders_.contains(key); };
      while (!is_over_ && std::all_of(keys_.begin(), keys_.end(), is_held)) {
        remote_.freed_.Wait(remote_.mutex_);
      }
      if (!is_over_) eventfd_write(told_.get(), 1);
    }

    FakeRemote& remote_;
    const std::vector<BuildKey> keys_;
    const UniqueFd told_;
    bool is_over_ = false;  // under remote_.mutex_
    std::thread thread_;
  };

  // Whether a record's predicates have their values at the client.
  bool Holds(const Digest& digest, const client::PredicateValues& values) const {
    const std::optional<std::string> bytes = Plain(digest);
    if (!bytes) return false;
    const absl::StatusOr<UnitRecord> record = DecodeUnitRecord(*bytes);
    return record.ok() &&
           std::all_of(record->predicates.begin(), record->predicates.end(),
                       [&](const Predicate& p) { return values(p.kind, p.name) == p.value; });
  }

  std::optional<std::string> Plain(const Digest& digest) const {
    const auto frame = frames.find(digest.hash);
    if (frame == frames.end()) return std::nullopt;
    absl::StatusOr<std::string> plain = DecompressFrame(frame->second, digest.size_bytes);
    return plain.ok() ? std::optional(*std::move(plain)) : std::nullopt;
  }

  Mutex mutex_;
  CondVar freed_;
  std::map<BuildKey, std::string> holders_;  // under mutex_
  int watches_ = 0;                          // so far; under mutex_
};

}  // namespace depcache::testing
