// Certificates and sites as an operator leaves them on the disk.
#include "programs/web_face.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <unistd.h>

#include "io/clock.hpp"
#include "io/test_certificates.hpp"
#include "ops/errors.hpp"
#include "ops/scratch_dir.hpp"
#include "programs/site_folder.hpp"

namespace footbridge {
namespace {

struct WebFaceTest : testing::Test {
  asio::io_context loop{1};
  observe::Registry registry;
  ops::ScratchDir folder;
  test::Authority authority;

  WebFaceOptions install(const test::Wanted& wanted = {}, unsigned mode = 0600) {
    const auto pair = authority.sign(wanted);
    return {ops::FilePath{folder.write("cert.pem", pair.certificates)},
            ops::FilePath{folder.write("key.pem", pair.key.reveal_to_socket(), mode)}, std::nullopt};
  }
  WebFaceOptions site(const std::string& path) { return {std::nullopt, std::nullopt, ops::FilePath{path}}; }
  std::string refusal(const WebFaceOptions& options) {
    try {
      observe::Registry own;
      const WebFace face(loop.get_executor(), options, own);
      return "taken";
    } catch (const ops::UsageError& error) {
      return error.what();
    }
  }
  bool until(const std::function<bool()>& condition) {
    const auto deadline = io::now() + Seconds{5};
    while (!condition() && io::now() < deadline) {
      loop.restart();
      loop.run_one_until(io::to_steady(deadline));
    }
    return condition();
  }
};

std::uint64_t ends(WebFace& face) { return count(face.face().tls->valid_until()); }

TEST_F(WebFaceTest, NeedsAKeyThatNobodyElseCanReadAndACertificateOfUse) {
  EXPECT_EQ(refusal(install()), "taken");
  EXPECT_EQ(refusal({}), "taken") << "neither certificate nor site";
  EXPECT_NE(refusal(install({}, 0644)).find("--tls-key: "), std::string::npos);
  EXPECT_NE(refusal(install({.valid_until = -10})).find("its certificate has expired"), std::string::npos);
  auto options = install();
  folder.write("key.pem", authority.sign().key.reveal_to_socket());
  EXPECT_NE(refusal(options).find("the key is not that of the certificate"), std::string::npos);
  options.tls_cert = ops::FilePath{folder.path("absent")};
  EXPECT_NE(refusal(options).find("--tls-cert: "), std::string::npos);
}

// Behind a web server a hold would tell our paths from its own.
TEST_F(WebFaceTest, HoldsAnswersToStrangersWhereItHasTheCertificateAndNowhereElse) {
  EXPECT_NE(WebFace(loop.get_executor(), install(), registry).face().hold_rng, nullptr);
  observe::Registry own;
  EXPECT_EQ(WebFace(loop.get_executor(), WebFaceOptions(), own).face().hold_rng, nullptr);
}

TEST_F(WebFaceTest, TakesAChangedCertificateByItselfAndNeverABadOne) {
  WebFace face(loop.get_executor(), install(), registry);
  const auto first = ends(face);
  folder.write("cert.pem", "half of a renewal");
  EXPECT_THROW(face.reload(), ops::UsageError);
  EXPECT_EQ(ends(face), first);
  face.set_look_again_for_test(Millis{10});
  install({.valid_until = 7200});
  // Some file systems count time in steps that are longer than this test.
  for (const auto* const name : {"cert.pem", "key.pem"})
    std::filesystem::last_write_time(folder.path(name), std::filesystem::file_time_type::clock::now() + Seconds{5});
  EXPECT_TRUE(until([&] { return ends(face) > first; }));
}

TEST_F(WebFaceTest, ShowsAFolderWithinItsBounds) {
  const auto path = folder.path("site");
  std::filesystem::create_directories(path + "/a");
  EXPECT_NE(refusal(site(path)).find("there is no index.html in it"), std::string::npos);
  EXPECT_NE(refusal(site(folder.path("absent"))).find("--decoy: "), std::string::npos);
  folder.write("site/index.html", "first");
  if (::geteuid() != 0) {  // whom nothing is unreadable to
    std::filesystem::create_directories(path + "/closed");
    std::filesystem::permissions(path + "/closed", std::filesystem::perms::none);
    EXPECT_NE(refusal(site(path)).find("--decoy: " + path + ": cannot be read"), std::string::npos);
    std::filesystem::permissions(path + "/closed", std::filesystem::perms::owner_all);
    std::filesystem::remove(path + "/closed");
  }
  folder.write("site/a/b.css", "style");
  WebFace face(loop.get_executor(), site(path), registry);
  EXPECT_EQ(face.face().tls, nullptr);
  EXPECT_EQ(as_text(face.face().site->answer("GET", "/").body), "first");
  EXPECT_EQ(face.face().site->answer("GET", "/a/b.css").content_type, "text/css");
  folder.write("site/large", std::string(kMaxPageBytes + 1, 'x'));
  EXPECT_NE(refusal(site(path)).find("larger than 1 MiB"), std::string::npos);
  std::filesystem::remove(path + "/large");
  for (std::size_t i = 0; i < kMaxSitePages; ++i) folder.write("site/" + std::to_string(i), "x");
  EXPECT_NE(refusal(site(path)).find("more than 256 files"), std::string::npos);
}

}  // namespace
}  // namespace footbridge
