#include "client/cli.h"

#include <gmock/gmock.h>

#include "cache/base/text.h"
#include "client/commands/commands.h"

namespace depcache::client {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::internal::CaptureStderr;
using ::testing::internal::CaptureStdout;
using ::testing::internal::GetCapturedStderr;
using ::testing::internal::GetCapturedStdout;

constexpr int kUsage = static_cast<int>(ExitCode::kUsage);

// A command of a group, which also takes words without a name.
class Grouped final : public Command {
 public:
  explicit Grouped(std::string_view name) : name_(name) {}
  std::string_view name() const override { return name_; }
  std::string_view summary() const override { return "For this test"; }
  std::vector<Option> options() override { return {{"words", &words, "Whatever is left"}}; }
  int Run(Context&) override { return 0; }

  std::vector<std::string> words;

 private:
  const std::string_view name_;
};

// A command with one option of each kind.
class Sample final : public Command {
 public:
  std::string_view name() const override { return "sample"; }
  std::string_view summary() const override { return "For this test"; }
  std::string_view epilogue() const override { return "An example.\n"; }
  std::vector<Option> options() override {
    return {{"-f,--flag", &flag, "A flag"},
            {"-v,--verbose", &count, "Counted"},
            {"--text", &text, "A text", "SAMPLE_TEXT"},
            {"-p,--package", &list, "Many"}};
  }
  int Run(Context&) override { return 0; }

  bool flag = false;
  int count = 0;
  std::string text = "default";
  std::vector<std::string> list;
};

class ParseCommandLineTest : public ::testing::Test {
 protected:
  ParseCommandLineTest() {
    auto sample = std::make_unique<Sample>();
    sample_ = sample.get();
    commands_.push_back(std::move(sample));
  }
  // Keeps what is printed in out_ and err_.
  Chosen Parse(std::vector<const char*> args) {
    args.insert(args.begin(), "depcache-client");
    CaptureStdout();
    CaptureStderr();
    const Chosen chosen = ParseCommandLine(commands_, static_cast<int>(args.size()), args.data());
    out_ = GetCapturedStdout();
    err_ = GetCapturedStderr();
    return chosen;
  }

  std::vector<std::unique_ptr<Command>> commands_;
  Sample* sample_ = nullptr;
  std::string out_;
  std::string err_;
};

TEST_F(ParseCommandLineTest, OptionsReachTheirTargets) {
  const Chosen chosen = Parse({"sample", "-f", "-vv", "--text", "x", "-p", "a", "--package=b"});
  EXPECT_EQ(chosen.command, sample_) << err_;
  EXPECT_TRUE(sample_->flag);
  EXPECT_EQ(sample_->count, 2);
  EXPECT_EQ(sample_->text, "x");
  EXPECT_THAT(sample_->list, ElementsAre("a", "b"));
}

TEST_F(ParseCommandLineTest, WithoutOptionsTheDefaultsStay) {
  EXPECT_EQ(Parse({"sample"}).command, sample_);
  EXPECT_FALSE(sample_->flag);
  EXPECT_EQ(sample_->count, 0);
  EXPECT_EQ(sample_->text, "default");
}

TEST_F(ParseCommandLineTest, AListTakesOneValueEachTime) {
  EXPECT_EQ(Parse({"sample", "-p", "a", "stray"}).exit_code, kUsage);
}

TEST_F(ParseCommandLineTest, AVariableStandsInForAnOption) {
  ASSERT_EQ(setenv("SAMPLE_TEXT", "from environment", 1), 0);
  Parse({"sample"});
  EXPECT_EQ(sample_->text, "from environment");
  Parse({"sample", "--text", "given"});
  EXPECT_EQ(sample_->text, "given");
  unsetenv("SAMPLE_TEXT");
}

TEST_F(ParseCommandLineTest, HelpAndVersionAreNoFailures) {
  Chosen chosen = Parse({"--help"});
  EXPECT_EQ(chosen.command, nullptr);
  EXPECT_EQ(chosen.exit_code, 0);
  EXPECT_THAT(out_, HasSubstr("sample"));
  EXPECT_THAT(out_, HasSubstr("For this test"));
  chosen = Parse({"sample", "--help"});
  EXPECT_EQ(chosen.command, nullptr);
  EXPECT_EQ(chosen.exit_code, 0);
  EXPECT_THAT(out_, HasSubstr("An example."));
  chosen = Parse({"--version"});
  EXPECT_EQ(chosen.exit_code, 0);
  EXPECT_TRUE(out_.starts_with("depcache-client ")) << out_;
}

TEST_F(ParseCommandLineTest, AWrongLineSaysWhatIsWrong) {
  EXPECT_EQ(Parse({}).exit_code, kUsage);
  EXPECT_EQ(Parse({"sample", "--nope"}).exit_code, kUsage);
  EXPECT_THAT(err_, HasSubstr("--nope"));
  EXPECT_EQ(Parse({"sample", "--text"}).exit_code, kUsage);
  EXPECT_THAT(err_, HasSubstr("--text"));
}

TEST_F(ParseCommandLineTest, AWordNearACommandIsTakenForATypingError) {
  EXPECT_EQ(Parse({"smaple"}).exit_code, kUsage);
  EXPECT_THAT(err_, HasSubstr("did you mean 'sample'?"));
}

TEST_F(ParseCommandLineTest, AGroupHasCommandsAndIsNone) {
  auto first = std::make_unique<Grouped>("group first");
  auto second = std::make_unique<Grouped>("group second");
  const Grouped* wanted = second.get();
  commands_.push_back(std::move(first));
  commands_.push_back(std::move(second));
  EXPECT_EQ(Parse({"group", "second", "a", "b"}).command, wanted);
  EXPECT_THAT(wanted->words, ElementsAre("a", "b"));
  EXPECT_EQ(Parse({"group"}).exit_code, kUsage);
  EXPECT_EQ(Parse({"group", "third"}).exit_code, kUsage);
  EXPECT_EQ(Parse({"group first"}).exit_code, kUsage);
}

TEST(CommandsTest, EveryCommandCanBeParsedAndExplained) {
  const std::vector<std::unique_ptr<Command>> commands = MakeCommands();
  for (const std::unique_ptr<Command>& command : commands) {
    const std::string name(command->name());
    const std::vector<std::string> words = Split(name, ' ');
    std::vector<const char*> line = {"depcache-client"};
    for (const std::string& word : words) line.push_back(word.c_str());
    EXPECT_EQ(ParseCommandLine(commands, static_cast<int>(line.size()), line.data()).command,
              command.get());
    line.push_back("--help");
    CaptureStdout();
    EXPECT_EQ(ParseCommandLine(commands, static_cast<int>(line.size()), line.data()).exit_code, 0);
    const std::string text = GetCapturedStdout();
    for (const Option& option : command->options()) {
      EXPECT_THAT(text, HasSubstr(option.flags.substr(0, option.flags.find(',')))) << name;
    }
  }
}

}  // namespace
}  // namespace depcache::client
