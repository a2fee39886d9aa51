// Tokens, scopes and TLS on the wire.

#include <cstdlib>

#include <fmt/format.h>

#include "tests/integration/server_fixture.h"

namespace depcache::testing {
namespace {

using ::testing::SizeIs;

constexpr auto kDenied = absl::StatusCode::kPermissionDenied;
constexpr auto kUnauthenticated = absl::StatusCode::kUnauthenticated;
constexpr auto kNotFound = absl::StatusCode::kNotFound;

class AccessTest : public ServerFixture {
 protected:
  void UseTokens() {
    const auto entry = [](const char* token, const char* read, const char* write) {
      return fmt::format("[[token]]\nprincipal='{}'\nsha256='{}'\nread=[{}]\nwrite=[{}]\n", token,
                         HashAs<PartDigest>(token).ToHex(), read, write);
    };
    config().tokens = folder().Write("tokens.toml", entry("ci", "'main','pr/*'", "'main','pr/*'") +
                                                        entry("fork", "'main'", "'pr/7'") +
                                                        entry("guest", "'main'", ""));
  }
  void UseTls() {
    const std::string key = (folder() / "key.pem").native();
    const std::string cert = (folder() / "cert.pem").native();
    const std::string command = fmt::format(
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 "
        "-subj /CN=localhost -addext subjectAltName=IP:127.0.0.1 -keyout '{}' -out '{}' "
        "2>/dev/null",
        key, cert);
    ASSERT_EQ(std::system(command.c_str()), 0) << command;
    config().tls_key = key;
    config().tls_cert = cert;
  }
};

TEST_F(AccessTest, WithoutTokensEverybodyIsAnonymousInMain) {
  Start();
  const auto info = Connect()->GetInfo();
  ASSERT_THAT(info, IsOk());
  EXPECT_EQ(info->principal, "anonymous");
  EXPECT_TRUE(info->can_read && info->can_write);
  Store(*Connect("", "main"), RecipeOf(1), SmallLayer(1));
  EXPECT_THAT(Connect("", "release")->GetLayer(RecipeOf(1).Hash()), StatusIs(kDenied));
  EXPECT_THAT(Upload(*Connect("", "release"), SmallLayer(2)), StatusIs(kDenied));
  EXPECT_THAT(Connect("any token")->GetLayer(RecipeOf(1).Hash()), IsOk());
}

TEST_F(AccessTest, WithTokensNobodyIsAnonymous) {
  UseTokens();
  Start();
  for (const char* token : {"", "wrong", "ci2"}) {
    const auto remote = Connect(token);
    EXPECT_THAT(remote->GetInfo(), StatusIs(kUnauthenticated)) << token;
    EXPECT_THAT(remote->GetLayer(RecipeOf(1).Hash()), StatusIs(kUnauthenticated)) << token;
    EXPECT_THAT(Upload(*remote, SmallLayer(1)), StatusIs(kUnauthenticated)) << token;
    EXPECT_THAT(remote->CommitLayer(RecipeOf(1), SmallLayer(1).index), StatusIs(kUnauthenticated));
    auto stream = remote->OpenBlobs("");
    ASSERT_THAT(stream, IsOk());
    EXPECT_THAT((*stream)->Read(SmallLayer(1).index, [](auto, const auto&) { return true; }),
                StatusIs(kUnauthenticated));
  }
  EXPECT_EQ(Connect("ci")->GetInfo()->principal, "ci");
}

TEST_F(AccessTest, ScopesKeepWritersApart) {
  UseTokens();
  Start();
  const BuiltLayer of_main = SmallLayer(1);
  const BuiltLayer of_fork = SmallLayer(2);
  Store(*Connect("ci", "main"), RecipeOf(1), of_main);
  const auto fork = Connect("fork", "pr/7");
  EXPECT_EQ(fork->GetLayer(RecipeOf(1).Hash())->scope, "main");
  EXPECT_THAT(Upload(*Connect("fork", "main"), of_fork), StatusIs(kDenied));
  EXPECT_THAT(CommitUnits(*Connect("fork", "main"), of_main), StatusIs(kDenied));
  EXPECT_THAT(Connect("fork", "main")->CommitLayer(RecipeOf(2), of_main.index), StatusIs(kDenied));
  Store(*fork, RecipeOf(2), of_fork);
  // What a fork wrote is seen by those who read its scope, and in no other.
  EXPECT_THAT(Connect("guest")->GetLayer(RecipeOf(2).Hash()), StatusIs(kNotFound));
  EXPECT_THAT(Connect("guest", "pr/7")->GetLayer(RecipeOf(2).Hash()), StatusIs(kDenied));
  EXPECT_THAT(Connect("fork", "pr/8")->GetLayer(RecipeOf(2).Hash()), StatusIs(kDenied));
  EXPECT_THAT(Connect("ci", "pr/7")->GetLayer(RecipeOf(2).Hash()), IsOk());
  EXPECT_EQ(CountReadable(*Connect("guest"), "", of_fork), 0);
  EXPECT_EQ(CountReadable(*Connect("guest"), "", of_main), of_main.blobs.size());
  EXPECT_THAT(Connect("ci", "main")->FindMissing(DigestsOf(of_fork)),
              IsOkAndHolds(SizeIs(of_fork.blobs.size())));
}

TEST_F(AccessTest, ATicketOfAnotherScopeOpensNoMore) {
  UseTokens();
  Start();
  const BuiltLayer secret = SmallLayer(2);
  Store(*Connect("ci", "pr/1"), RecipeOf(2), secret);
  const auto found = Connect("ci", "pr/1")->GetLayer(RecipeOf(2).Hash());
  ASSERT_THAT(found, IsOk());
  std::string guess = found->ticket;
  guess[0] = static_cast<char>(guess[0] ^ 1);
  EXPECT_EQ(CountReadable(*Connect("guest"), guess, secret), 0);
}

TEST_F(AccessTest, TokenFilesAreReadAtTheStart) {
  config().tokens = folder() / "none.toml";
  EXPECT_THAT(server::App::Start(config()), StatusIs(absl::StatusCode::kNotFound));
  config().tokens = folder().Write("bad.toml", "[[token]]\nprincipal = 'x'\n");
  const auto app = server::App::Start(config());
  EXPECT_THAT(app, StatusIs(absl::StatusCode::kInvalidArgument));
  EXPECT_THAT(std::string(app.status().message()), ::testing::HasSubstr("bad.toml: token 1"));
}

TEST_F(AccessTest, TlsCarriesTokensAndLayers) {
  UseTokens();
  UseTls();
  Start();
  client::RemoteOptions options = Options("ci");
  options.server = "grpcs://" + options.server;
  options.ca_file = config().tls_cert.native();
  const auto remote = client::OpenRemoteCache(options);
  ASSERT_THAT(remote, IsOk());
  Store(**remote, RecipeOf(1), SmallLayer(1, 1'200'000));
  const auto found = (*remote)->GetLayer(RecipeOf(1).Hash());
  ASSERT_THAT(found, IsOk());
  EXPECT_EQ(CountReadable(**remote, found->ticket, SmallLayer(1, 1'200'000)),
            SmallLayer(1, 1'200'000).blobs.size());
}

TEST_F(AccessTest, TlsIsNotSpokenToInPlainOrByWhoDoesNotTrustIt) {
  UseTls();
  Start();
  client::RemoteOptions plain = Options();
  plain.connect_bound = std::chrono::seconds(2);
  EXPECT_FALSE((*client::OpenRemoteCache(plain))->GetInfo().ok());
  client::RemoteOptions distrusting = plain;
  distrusting.server = "grpcs://" + distrusting.server;
  EXPECT_FALSE((*client::OpenRemoteCache(distrusting))->GetInfo().ok())
      << "the certificate is signed by nobody the system knows";
}

TEST_F(AccessTest, AKeyOfAnotherCertificateIsRefusedAtTheStart) {
  UseTls();
  const std::filesystem::path cert = folder().Write("other.pem", folder().Read("cert.pem"));
  UseTls();
  config().tls_cert = cert;
  EXPECT_THAT(server::App::Start(config()), StatusIs(absl::StatusCode::kUnavailable));
}

}  // namespace
}  // namespace depcache::testing
