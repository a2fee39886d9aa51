#include "client/remote/grpc_build_watch.h"

#include <cerrno>
#include <thread>

#include <sys/eventfd.h>

#include "cache/base/files.h"
#include "cache/base/status.h"

namespace depcache::client {
namespace {

class GrpcBuildWatch final : public BuildWatch {
 public:
  GrpcBuildWatch(v1::BuildService::Stub& builds, const v1::WatchLayerRequest& request,
                 std::unique_ptr<grpc::ClientContext> context, UniqueFd told)
      : context_(std::move(context)),
        told_(std::move(told)),
        stream_(builds.WatchLayer(context_.get(), request)),
        thread_([this] { Follow(); }) {}

  ~GrpcBuildWatch() override {
    context_->TryCancel();
    thread_.join();
  }

  int fd() const override { return told_.get(); }

 private:
  void Follow() {
    v1::WatchLayerResponse response;
    while (stream_->Read(&response)) {
      if (response.free_size() > 0) eventfd_write(told_.get(), 1);
    }
    // A server that cannot be watched must not look like one where units land
    // all the time: it is asked now and then.
    if (stream_->Finish().ok()) eventfd_write(told_.get(), 1);
  }

  const std::unique_ptr<grpc::ClientContext> context_;
  const UniqueFd told_;
  const std::unique_ptr<grpc::ClientReader<v1::WatchLayerResponse>> stream_;
  std::thread thread_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<BuildWatch>> OpenBuildWatch(
    v1::BuildService::Stub& builds, const v1::WatchLayerRequest& request,
    std::unique_ptr<grpc::ClientContext> context) {
  UniqueFd told(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!told.valid()) return FromErrno(errno, "watch what others build");
  return std::make_unique<GrpcBuildWatch>(builds, request, std::move(context), std::move(told));
}

}  // namespace depcache::client
