#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cache/base/compress.h"
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
  // What BeginBuild answers, and the leases that were given back.
  client::BuildAnswer begin_answer;
  std::vector<std::string> abandoned;
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

  // Never in the way: nobody else is building.
  absl::StatusOr<client::BuildAnswer> BeginBuild(std::span<const client::UnitToBuild>, bool) override {
    if (!broken.ok()) return broken;
    return begin_answer;
  }
  absl::Status RenewBuild(std::string_view) override { return broken; }
  absl::Status AbandonBuild(std::string_view lease_id) override {
    MutexLock lock(mutex_);
    abandoned.emplace_back(lease_id);
    return broken;
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
};

}  // namespace depcache::testing
