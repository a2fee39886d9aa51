#include "client/cargo/tools.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <future>
#include <optional>
#include <set>

#include "cache/base/digest.h"
#include "cache/base/files.h"
#include "cache/base/status.h"
#include "cache/base/text.h"
#include "cache/recipe/toml_text.h"
#include "cache/recipe/toolchain.h"

namespace depcache::client {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> kTransparentWrappers = {"sccache", "kache", "mbx"};
constexpr std::uint64_t kMaxDriverBytes = 1ULL << 30;

// The program that build.<key> names, the last file wins; "" if none does.
std::string ProgramOf(const std::vector<ConfigText>& files, std::string_view key) {
  std::string program;
  for (const ConfigText& file : files) {
    const absl::StatusOr<TomlTable> table = ParseToml(file.text);
    if (!table.ok()) continue;
    const std::string* found = FindString(FindTable(&*table, "build"), key);
    if (found == nullptr) continue;
    const bool is_path = found->find('/') != std::string::npos;
    program = is_path ? (file.base / *found).lexically_normal().native() : *found;
  }
  return program;
}

absl::StatusOr<std::string> Ask(Context& context, std::vector<std::string> argv,
                                const fs::path& cwd) {
  ProcessCommand command;
  command.argv = std::move(argv);
  command.cwd = cwd;
  const absl::StatusOr<ProcessResult> result = context.processes.Run(command);
  if (result.status().code() == absl::StatusCode::kNotFound) {
    return NotFound("{} is not installed, or not in PATH; see https://rustup.rs", command.argv[0]);
  }
  DEPCACHE_RETURN_IF_ERROR(result.status());
  if (result->exit_code != 0) {
    return FailedPrecondition("{} fails: {}", fmt::join(command.argv, " "), Trim(result->err));
  }
  return result->out;
}

// The first line of what a tool says of its version, or "none".
std::string FirstLine(Context& context, std::vector<std::string> argv) {
  const absl::StatusOr<std::string> text = Ask(context, std::move(argv), {});
  if (!text.ok()) return "none";
  return std::string(Trim(text->substr(0, text->find('\n'))));
}

// A compiler without a commit hash is told apart by its own libraries.
absl::StatusOr<std::string> DigestOfCompiler(const fs::path& sysroot) {
  Sha256Hasher hasher;
  std::error_code error;
  std::vector<fs::path> files;
  for (const fs::directory_entry& entry : fs::directory_iterator(sysroot / "lib", error)) {
    const std::string name = entry.path().filename().native();
    if (name.starts_with("librustc_driver") || name.starts_with("libstd")) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  if (files.empty()) return FailedPrecondition("no compiler libraries below {}", sysroot.native());
  for (const fs::path& file : files) {
    DEPCACHE_ASSIGN_OR_RETURN(const std::string bytes, ReadFile(file, kMaxDriverBytes));
    hasher.Update(HashAs<BlobHash>(bytes).AsBytes());
  }
  return BlobHash(hasher.Finish()).ToHex();
}

// Of the C library that programs here are linked with. Our own is static and
// says nothing about it.
std::string LibcVersion() {
  static constexpr std::array<const char*, 5> kGlibc = {
      "/lib/x86_64-linux-gnu/libc.so.6", "/lib64/libc.so.6", "/usr/lib/libc.so.6",
      "/lib/aarch64-linux-gnu/libc.so.6", "/lib/libc.so.6"};
  for (const char* path : kGlibc) {
    const absl::StatusOr<std::string> bytes = ReadFile(path, 64 << 20);
    if (!bytes.ok()) continue;
    static constexpr std::string_view kMark = "stable release version ";
    const std::size_t mark = bytes->find(kMark);
    if (mark == std::string::npos) continue;
    const std::string_view rest = std::string_view(*bytes).substr(mark + kMark.size(), 16);
    const std::size_t end = rest.find_first_not_of("0123456789.");
    std::string_view version = rest.substr(0, end);
    if (version.ends_with('.')) version.remove_suffix(1);
    return fmt::format("glibc {}", version);
  }
  std::error_code error;
  if (fs::exists("/lib/ld-musl-x86_64.so.1", error)) return "musl";
  return "none";
}

std::string Distribution() {
  const absl::StatusOr<std::string> text = ReadFile("/etc/os-release", 1 << 20);
  if (!text.ok()) return "none";
  std::string id;
  std::string version;
  for (const std::string& line : Split(*text, '\n')) {
    std::string_view value = line;
    value.remove_prefix(std::min(value.find('=') + 1, value.size()));
    if (value.starts_with('"') && value.ends_with('"') && value.size() > 1) {
      value = value.substr(1, value.size() - 2);
    }
    if (line.starts_with("ID=")) id = value;
    if (line.starts_with("VERSION_ID=")) version = value;
  }
  return id.empty() ? "none" : id + " " + version;
}

// What `target-cpu=native` stands for here.
std::string CpuFeatures() {
  const absl::StatusOr<std::string> text = ReadFile("/proc/cpuinfo", 16 << 20);
  std::string model;
  std::string flags;
  for (const std::string& line : Split(text.ok() ? *text : "", '\n')) {
    if (model.empty() && line.starts_with("model name")) model = line.substr(line.find(':') + 1);
    if (flags.empty() && line.starts_with("flags")) flags = line.substr(line.find(':') + 1);
  }
  return fmt::format("{} {}", Trim(model), HashAs<BlobHash>(flags).ToShortHex());
}

}  // namespace

std::string Get(const Environment& environment, const std::string& name) {
  const auto entry = environment.find(name);
  return entry == environment.end() ? std::string() : entry->second;
}

CompilerChoice ChooseCompiler(const Environment& environment, const std::vector<ConfigText>& files,
                              const std::vector<ConfigText>& options) {
  const auto configured = [&](const char* variable, std::string_view key) {
    std::string value = ProgramOf(options, key);
    if (value.empty()) value = Get(environment, variable);
    return value.empty() ? ProgramOf(files, key) : value;
  };
  CompilerChoice choice;
  if (std::string cargo = Get(environment, "CARGO"); !cargo.empty()) choice.cargo = cargo;
  std::string rustc = Get(environment, "RUSTC");
  if (rustc.empty()) rustc = configured("CARGO_BUILD_RUSTC", "rustc");
  choice.is_rustc_chosen = !rustc.empty();
  if (choice.is_rustc_chosen) choice.rustc = rustc;
  choice.wrapper = environment.contains("RUSTC_WRAPPER")
                       ? Get(environment, "RUSTC_WRAPPER")
                       : configured("CARGO_BUILD_RUSTC_WRAPPER", "rustc-wrapper");
  const std::string name = fs::path(choice.wrapper).filename().native();
  choice.is_wrapper_transparent =
      name.empty() || std::find(kTransparentWrappers.begin(), kTransparentWrappers.end(), name) !=
                          kTransparentWrappers.end();
  return choice;
}

absl::StatusOr<ToolFacts> AskTools(Context& context, const CompilerChoice& compiler,
                                   const fs::path& cwd) {
  const auto ask = [&](std::vector<std::string> argv) {
    return std::async(std::launch::async, [&context, &cwd, argv = std::move(argv)] {
      return Ask(context, argv, cwd);
    });
  };
  auto cargo = ask({compiler.cargo, "-V"});
  auto rustc = ask({compiler.rustc, "-vV"});
  auto sysroot = ask({compiler.rustc, "--print", "sysroot"});
  ToolFacts facts;
  absl::StatusOr<std::string> text = cargo.get();
  absl::StatusOr<std::string> version = rustc.get();
  absl::StatusOr<std::string> root = sysroot.get();
  DEPCACHE_RETURN_IF_ERROR(text.status());
  DEPCACHE_RETURN_IF_ERROR(version.status());
  DEPCACHE_RETURN_IF_ERROR(root.status());
  facts.cargo_version = Trim(*text);
  facts.rustc_version = *std::move(version);
  facts.sysroot = fs::path(Trim(*root));
  // "cargo 1.95.0 (f2d3ce0bd 2026-03-21)", "cargo 1.97.0-nightly (…)"
  const std::vector<std::string> words = Split(facts.cargo_version, ' ');
  const std::vector<std::string> numbers = Split(words.size() > 1 ? words[1] : "", '.');
  if (numbers.size() > 1) {
    const absl::StatusOr<std::uint64_t> minor = ParseNumber(numbers[1], 100'000);
    if (minor.ok()) facts.cargo_minor = static_cast<int>(*minor);
  }
  facts.is_nightly_cargo = facts.cargo_version.find("-nightly") != std::string::npos ||
                           facts.cargo_version.find("-dev") != std::string::npos;
  DEPCACHE_ASSIGN_OR_RETURN(const Toolchain toolchain, ParseToolchain(facts.rustc_version));
  facts.rustc_commit = toolchain.commit_hash;
  if (toolchain.commit_hash.empty()) {
    DEPCACHE_ASSIGN_OR_RETURN(facts.rustc_digest, DigestOfCompiler(facts.sysroot));
  }
  return facts;
}

std::map<std::string, std::string> HostFacts(Context& context) {
  std::string cc_command = Get(context.environment, "CC");
  if (cc_command.empty()) cc_command = "cc";
  const auto ask = [&](std::vector<std::string> argv) {
    return std::async(std::launch::async, [&context, argv = std::move(argv)] {
      return FirstLine(context, argv);
    });
  };
  auto cc = ask({cc_command, "--version"});
  auto linker = ask({"ld", "--version"});
  std::map<std::string, std::string> facts;
  facts["libc"] = LibcVersion();
  facts["distribution"] = Distribution();
  facts["cpu"] = CpuFeatures();
  facts["cc"] = cc.get();
  facts["linker"] = linker.get();
  return facts;
}

namespace {

constexpr std::uint64_t kMaxPkgConfigBytes = 1 << 20;
constexpr std::size_t kMaxPkgConfigFiles = 10'000;

std::vector<std::string> PkgConfigFolders(Context& context) {
  std::vector<std::string> folders;
  const auto add = [&](std::string_view path) {
    for (std::string& folder : Split(std::string(Trim(path)), ':')) {
      if (!folder.empty()) folders.push_back(std::move(folder));
    }
  };
  for (const char* variable : {"PKG_CONFIG_PATH", "PKG_CONFIG_LIBDIR"}) {
    for (const auto& [name, value] : context.environment) {
      // Also HOST_PKG_CONFIG_PATH and PKG_CONFIG_PATH_x86_64_….
      if (name.find(variable) != std::string::npos) add(value);
    }
  }
  std::string program = Get(context.environment, "PKG_CONFIG");
  if (program.empty()) program = "pkg-config";
  const absl::StatusOr<std::string> own =
      Ask(context, {program, "--variable=pc_path", "pkg-config"}, {});
  if (own.ok()) add(*own);
  return folders;
}

// Appends the text of `module` and of what it requires, each once.
void AddModule(const std::map<std::string, std::string>& texts, const std::string& module,
               std::set<std::string>& seen, std::string& out) {
  const auto text = texts.find(module);
  if (text == texts.end() || !seen.insert(module).second) return;
  out += text->second;
  for (const std::string& line : Split(text->second, '\n')) {
    const std::size_t colon = line.find(':');
    if (!line.starts_with("Requires") || colon == std::string::npos) continue;
    std::string names = line.substr(colon + 1);
    std::replace_if(names.begin(), names.end(), [](char c) { return c == ',' || c == '\t'; }, ' ');
    // Versions and signs of comparison are among them, and name no file.
    for (const std::string& name : Split(names, ' ')) AddModule(texts, name, seen, out);
  }
}

}  // namespace

std::map<std::string, std::string> PkgConfigFiles(Context& context) {
  std::map<std::string, std::string> texts;
  for (const std::string& folder : PkgConfigFolders(context)) {
    std::error_code error;
    for (const fs::directory_entry& entry : fs::directory_iterator(folder, error)) {
      if (entry.path().extension() != ".pc" || texts.size() >= kMaxPkgConfigFiles) continue;
      const std::string module = entry.path().stem().native();
      if (texts.contains(module)) continue;
      absl::StatusOr<std::string> text = ReadFile(entry.path(), kMaxPkgConfigBytes);
      if (text.ok()) texts.emplace(module, *std::move(text));
    }
  }
  std::map<std::string, std::string> files;
  for (const auto& [module, text] : texts) {
    std::string name = module;
    std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) {
      return c == '-' ? '_' : static_cast<char>(std::toupper(c));
    });
    std::set<std::string> seen;
    AddModule(texts, module, seen, files[name]);
  }
  return files;
}

}  // namespace depcache::client
