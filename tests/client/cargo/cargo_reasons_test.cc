#include "client/cargo/cargo_reasons.h"

#include <string>

#include <fmt/format.h>
#include <gmock/gmock.h>

namespace depcache::client {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;
using ::testing::StartsWith;

// As cargo 1.95 wrote them, but for the paths.
constexpr std::string_view kLog =
    "   0.051277593s  INFO prepare_target{force=false package_id=zstd-sys v2.0.13+zstd.1.5.6 "
    "target=\"zstd_sys\"}: cargo::core::compiler::fingerprint: fingerprint dirty for zstd-sys "
    "v2.0.13+zstd.1.5.6/Build/TargetInner { name: \"zstd_sys\", doc: true }\n"
    "   0.051303261s  INFO prepare_target{force=false package_id=zstd-sys v2.0.13+zstd.1.5.6 "
    "target=\"zstd_sys\"}: cargo::core::compiler::fingerprint:     dirty: "
    "UnitDependencyInfoChanged { unit: UnitIndex(2) }\n"
    "   0.051164775s  INFO prepare_target{force=false package_id=t v0.1.0 (/w/t) "
    "target=\"build-script-build\"}: cargo::core::compiler::fingerprint: stale: changed env \"CC\"\n"
    "   0.051210146s  INFO prepare_target{force=false package_id=t v0.1.0 (/w/t) "
    "target=\"build-script-build\"}: cargo::core::compiler::fingerprint:        None != Some(\"1\")\n"
    "   0.051835439s  INFO prepare_target{force=false package_id=t v0.1.0 (/w/t) "
    "target=\"build-script-build\"}: cargo::core::compiler::fingerprint: fingerprint dirty for t "
    "v0.1.0 (/w/t)/RunCustomBuild/TargetInner { .. }\n"
    "   0.051864313s  INFO prepare_target{force=false package_id=t v0.1.0 (/w/t) "
    "target=\"build-script-build\"}: cargo::core::compiler::fingerprint:     dirty: EnvVarChanged { "
    "name: \"CC\", old_value: None, new_value: Some(\"1\") }\n";

class CargoReasonsTest : public ::testing::Test {
 protected:
  std::string shown_;
  CargoReasons reasons_{[this](std::string_view text) { shown_ += text; }};
};

TEST_F(CargoReasonsTest, TheLogIsReadAndNotShown) {
  reasons_.Add("   Compiling t v0.1.0\n");
  reasons_.Add(kLog);
  reasons_.Add("    Finished `dev` profile\n");
  EXPECT_EQ(shown_, "   Compiling t v0.1.0\n    Finished `dev` profile\n");
  ASSERT_THAT(reasons_.stale(), SizeIs(2));
  const StaleReason& library = reasons_.stale()[0];
  EXPECT_EQ(library.package, "zstd-sys");
  EXPECT_EQ(library.version, "2.0.13+zstd.1.5.6");
  EXPECT_EQ(library.target, "zstd_sys");
  EXPECT_FALSE(library.is_run);
  EXPECT_EQ(library.text, "UnitDependencyInfoChanged { unit: UnitIndex(2) }");
  const StaleReason& run = reasons_.stale()[1];
  EXPECT_EQ(run.package, "t");
  EXPECT_EQ(run.version, "0.1.0");
  EXPECT_EQ(run.target, "build-script-build");
  EXPECT_TRUE(run.is_run);
  EXPECT_EQ(run.text, "EnvVarChanged { name: \"CC\", old_value: None, new_value: Some(\"1\") }");
}

// A unit that is not there is several lines of the log, many with RUST_BACKTRACE.
TEST_F(CargoReasonsTest, WhatIsLoggedOfAnAbsentUnitIsNotShown) {
  const std::string_view start =
      "   0.308674410s  INFO prepare_target{force=false package_id=itoa v1.0.15 target=\"itoa\"}: "
      "cargo::core::compiler::fingerprint: ";
  const std::string log = fmt::format(
      "{0}fingerprint error for itoa v1.0.15/Build/TargetInner {{ .. }}\n"
      "{0}    err: failed to read `/w/target/debug/.fingerprint/itoa-8c697927c1df0658/lib-itoa`\n"
      "\nCaused by:\n    No such file or directory (os error 2)\n"
      "\nStack backtrace:\n   0: cargo_util::paths::read_bytes\n"
      "   1: <&dyn core::ops::function::Fn<(), Output = i32> + core::marker::Sync>::call_once\n"
      "             at /rustc/5980/library/core/src/ops/function.rs:287:21\n",
      start);
  const std::string_view status = "    Blocking waiting for file lock\n    Checking itoa v1.0.15\n";
  const std::string_view error = "error: could not compile `itoa`\n\nCaused by:\n    it is broken\n";
  reasons_.Add(log);
  reasons_.Add(log);
  reasons_.Add(status);
  reasons_.Add(log);
  reasons_.Add(error);
  EXPECT_EQ(shown_, fmt::format("{}{}", status, error));
  EXPECT_THAT(reasons_.stale(), IsEmpty());
}

TEST_F(CargoReasonsTest, TheModulesLaterNameIsKnown) {
  std::string log(kLog);
  for (std::size_t at = 0; (at = log.find("cargo::core::", at)) != std::string::npos;) {
    log.replace(at, 13, "cargo::");
  }
  reasons_.Add(log);
  EXPECT_EQ(shown_, "");
  EXPECT_THAT(reasons_.stale(), SizeIs(2));
}

TEST_F(CargoReasonsTest, AnEndlessReasonIsCut) {
  std::string log(kLog.substr(0, kLog.find("UnitDependencyInfoChanged")));
  reasons_.Add(log + std::string(100'000, 'x') + "\n");
  ASSERT_THAT(reasons_.stale(), SizeIs(1));
  EXPECT_THAT(reasons_.stale()[0].text, SizeIs(kMaxReasonBytes));
}

TEST_F(CargoReasonsTest, ErrorsAboutLibrariesNameTheirCratesAndPaths) {
  reasons_.Add(
      "\x1b[1m\x1b[91merror[E0460]\x1b[0m: found possibly newer version of crate `serde_core` "
      "which `serde` depends on\n"
      " --> /h/registry/src/x/serde_json-1.0.0/src/lib.rs:1:1\n"
      "  = note: crate `serde_core`: /t/debug/deps/libserde_core-0123456789abcdef.rmeta\n"
      "\n"
      "  = note: /t/debug/deps/libother-fedcba9876543210.rmeta\n");
  reasons_.Add("error[E0786]: found invalid metadata files for crate `quote`\n\n");
  reasons_.Add("error[E0463]: can't find crate for `memchr`\n");
  ASSERT_THAT(reasons_.errors(), SizeIs(3));
  EXPECT_THAT(reasons_.errors()[0].text, StartsWith("error[E0460]: found"));
  EXPECT_THAT(reasons_.errors()[0].crates, ElementsAre("serde", "serde_core"));
  EXPECT_THAT(reasons_.errors()[0].hashes, ElementsAre("0123456789abcdef"));
  EXPECT_THAT(reasons_.errors()[1].crates, ElementsAre("quote"));
  EXPECT_THAT(reasons_.errors()[2].crates, ElementsAre("memchr"));
  EXPECT_THAT(shown_, StartsWith("\x1b[1m"));
}

TEST_F(CargoReasonsTest, TheLoadersErrorsNameTheFileThatCouldNotBeLoaded) {
  reasons_.Add("error: /t/debug/deps/libserde_derive-0123456789abcdef.so: file too short\n");
  reasons_.Add("  could not execute process `/t/debug/build/libz-sys-00112233445566aa/build-script-build` "
               "(never executed)\n");
  reasons_.Add("  /t/release/build/proc-macro2/ffeeddccbbaa0099/out/build_script_build: error while "
               "loading shared libraries: libx.so: cannot open shared object file\n");
  ASSERT_THAT(reasons_.errors(), SizeIs(3));
  EXPECT_THAT(reasons_.errors()[0].hashes, ElementsAre("0123456789abcdef"));
  EXPECT_THAT(reasons_.errors()[1].hashes, ElementsAre("00112233445566aa"));
  EXPECT_THAT(reasons_.errors()[2].hashes, ElementsAre("ffeeddccbbaa0099"));
}

TEST_F(CargoReasonsTest, OtherErrorsAccuseNobody) {
  reasons_.Add("error[E0425]: cannot find function `undefined` in this scope\n"
               "  --> /t/build/x-0123456789abcdef/out/gen.rs:1:1\n"
               "warning: the file is too short\n");
  EXPECT_THAT(reasons_.errors(), IsEmpty());
}

}  // namespace
}  // namespace depcache::client
