#include "cache/recipe/skeleton_files.h"

#include <map>
#include <utility>

#include "cache/base/status.h"
#include "cache/recipe/cargo_config.h"
#include "cache/recipe/toml_text.h"
#include "cache/recipe/toml_value.h"

namespace depcache {
namespace {

constexpr std::string_view kMain = "fn main() {}\n";

constexpr std::string_view kNoStdLib = "#![no_std]\n";

// Without the standard library a program brings its own entry and its own end.
constexpr std::string_view kNoStdMain =
    "#![no_std]\n"
    "#![no_main]\n"
    "\n"
    "#[panic_handler]\n"
    "fn panic(_: &core::panic::PanicInfo) -> ! {\n"
    "    loop {}\n"
    "}\n";

// The same for a file that the test harness would wrap, which needs std.
constexpr std::string_view kNoStdTest =
    "#![no_std]\n"
    "#![no_main]\n"
    "#![feature(custom_test_frameworks)]\n"
    "#![test_runner(run_no_tests)]\n"
    "\n"
    "fn run_no_tests(_: &[&dyn Fn()]) {}\n"
    "\n"
    "#[panic_handler]\n"
    "fn panic(_: &core::panic::PanicInfo) -> ! {\n"
    "    loop {}\n"
    "}\n";

std::string_view NoStdSource(const SkeletonTarget& target) {
  switch (target.kind) {
    case TargetKind::kLib:
      return kNoStdLib;
    case TargetKind::kTest:
    case TargetKind::kBench:
      return target.has_harness ? kNoStdTest : kNoStdMain;
    case TargetKind::kBin:
    case TargetKind::kExample:
      return kNoStdMain;
    // These run on the host, which has std.
    case TargetKind::kBuildScript:
      return kMain;
    case TargetKind::kProcMacro:
      return "";
  }
  return "";
}

}  // namespace

std::string_view StubSource(const SkeletonTarget& target, StubStyle style) {
  if (style == StubStyle::kNoStd) return NoStdSource(target);
  switch (target.kind) {
    case TargetKind::kBin:
    case TargetKind::kExample:
    case TargetKind::kBuildScript:
      return kMain;
    case TargetKind::kTest:
    case TargetKind::kBench:
      return target.has_harness ? "" : kMain;
    case TargetKind::kLib:
    case TargetKind::kProcMacro:
      return "";
  }
  return "";
}

absl::StatusOr<std::vector<SkeletonFile>> SkeletonFiles(const Skeleton& skeleton, StubStyle style) {
  DEPCACHE_RETURN_IF_ERROR(ValidateSkeleton(skeleton));
  std::map<std::string, std::string> texts;
  for (const SkeletonManifest& manifest : skeleton.manifests) {
    for (const SkeletonTarget& target : manifest.targets) {
      const std::string_view stub = StubSource(target, style);
      std::string& text = texts[target.path];
      if (stub.size() > text.size()) text = stub;
    }
  }
  for (const SkeletonManifest& manifest : skeleton.manifests) {
    texts[manifest.path] = manifest.contents;
  }
  texts["Cargo.lock"] = skeleton.lock;
  if (skeleton.toolchain.has_value())
    texts[skeleton.toolchain->name] = skeleton.toolchain->contents;
  DEPCACHE_ASSIGN_OR_RETURN(const TomlTable config, ParseToml(skeleton.config));
  const TomlTable readable = WithoutDigests(config);
  if (!readable.empty()) texts[".cargo/config.toml"] = PrintToml(readable);

  std::vector<SkeletonFile> files;
  for (auto& [path, text] : texts) files.push_back({path, std::move(text)});
  return files;
}

}  // namespace depcache
