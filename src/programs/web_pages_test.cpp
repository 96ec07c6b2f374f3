// What a server of ours shows of web/, and what it tells a page of its network.
#include "programs/web_pages.hpp"

#include <gtest/gtest.h>

#include "ops/errors.hpp"
#include "ops/scratch_dir.hpp"

namespace footbridge {
namespace {

const PageNetwork kPlain{.brokers = {{Private<std::string>("http://127.0.0.1:8900/"), {}}},
                         .relays = {Private<std::string>("ws://127.0.0.1:8901/leg")},
                         .allow_private = true};

struct WebPagesTest : testing::Test {
  ops::ScratchDir folder;
  WebPagesTest() {
    for (const auto* const name : {"widget.js", "frame.html", "frame.js", "worker.js", "core.wasm", "confirm.html",
                                   "privacy.html", "sample.html", "page.css"})
      folder.write(name, std::string("of ") + name);
    std::filesystem::create_directory(folder.path("relay"));
    folder.write("relay/index.html", "bare");
  }
  WebPages pages() const { return WebPages("--web", ops::FilePath{folder.path("")}); }
};

std::string header(const http::Response& response, std::string_view name) {
  for (const auto& [key, value] : response.headers)
    if (key == name) return value;
  return "none";
}

TEST_F(WebPagesTest, ShowsWhatIsServedAndNothingElseOfTheFolder) {
  const auto site = pages().site(kPlain, "http://127.0.0.1:8900/");
  EXPECT_EQ(site.answer("GET", "/core.wasm").content_type, "application/wasm");
  EXPECT_EQ(site.answer("GET", "/frame.js").content_type, "application/javascript");
  for (const auto* const hidden : {"/sample.html", "/relay/", "/relay/index.html", "/secret", "/%2e%2e/secret"})
    EXPECT_NE(site.answer("GET", hidden).status, 200U) << hidden;
}

TEST_F(WebPagesTest, LetsTheFrameAndItsWorkerReachTheNetworkAndNobodyElse) {
  const auto site = pages().site(kPlain, "http://127.0.0.1:8900/");
  for (const auto* const connects : {"/frame.html", "/worker.js"})
    EXPECT_NE(header(site.answer("GET", connects), "Content-Security-Policy")
                  .find("; connect-src 'self' http://127.0.0.1:8900 ws://127.0.0.1:8901; "),
              std::string::npos)
        << header(site.answer("GET", connects), "Content-Security-Policy");
  for (const auto* const alone : {"/", "/confirm.html", "/privacy.html"})
    EXPECT_NE(header(site.answer("GET", alone), "Content-Security-Policy").find("frame-ancestors 'none'"),
              std::string::npos)
        << alone;
  EXPECT_EQ(header(site.answer("GET", "/widget.js"), "Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(header(site.answer("GET", "/config.json"), "Access-Control-Allow-Origin"), "none");
}

TEST_F(WebPagesTest, PinsTheScriptInTheTagThatItGivesToEmbedders) {
  EXPECT_EQ(pages().embed_tag("https://volunteer.example/", "data-layout=\"panel\""),
            "<script type=\"module\" crossorigin integrity=\"sha256-Be6wCeodUdmB8I3AVGEHg3s6UgzNnYsbc1b19vSR0/0=\" "
            "src=\"https://volunteer.example/widget.js\"></script>\n"
            "<footbridge-widget data-layout=\"panel\"></footbridge-widget>");
  const auto shown = pages().site(kPlain, "https://volunteer.example/").answer("GET", "/");
  EXPECT_NE(as_text(shown.body).find("&lt;footbridge-widget&gt;"), std::string_view::npos);
}

TEST_F(WebPagesTest, SaysHowToBuildWhatIsNotThere) {
  std::filesystem::remove(folder.path("core.wasm"));
  try {
    pages();
    FAIL() << "it did without";
  } catch (const ops::UsageError& error) {
    EXPECT_EQ(std::string(error.what()).substr(0, 7), "--web: ");
    EXPECT_NE(std::string(error.what()).find("there is no core.wasm in it; " + std::string(kBuildWebPages)),
              std::string::npos);
  }
  try {
    WebPages("--web", ops::FilePath{folder.path("absent")});
    FAIL() << "it did without";
  } catch (const ops::UsageError& error) {
    EXPECT_NE(std::string(error.what()).find("there is no such folder; " + std::string(kBuildWebPages)),
              std::string::npos);
  }
}

TEST(PageNetworkTest, NamesOnlyWhomAPageCanReach) {
  wire::Directory directory;
  directory.stun_servers = {Private<std::string>("stun.example:3478")};
  const auto egress = [](const char* url, bool pinned) {
    wire::EgressEntry out{.name = "e", .relay_url = Private<std::string>(url)};
    if (pinned) out.tls_pin = wire::SpkiSha256();
    return out;
  };
  directory.egresses = {egress("wss://one.example/leg", false), egress("wss://pinned.example/leg", true),
                        egress("ws://plain.example/leg", false)};
  wire::BrokerEntry broker{.name = "b"};
  broker.addresses = {{Private<std::string>("https://fronted.example/"), Private<std::string>("front.example")},
                      {Private<std::string>("https://broker.example/"), Private<std::string>()}};
  broker.keys = {{wire::BrokerKeyBytes(), {UnixSeconds{1}, UnixSeconds{2}}}};
  directory.brokers = {broker};
  const std::array<std::byte, 32> secret{};
  const auto network = page_network(directory, crypto::SecretKey::from(secret).value());
  const std::string zeros(64, '0');
  EXPECT_EQ(page_config_json(network),
            R"({"brokers":[{"url":"https://broker.example/","secret":")" + zeros + R"(","keys":[{"x25519":")" + zeros +
                R"(","from":1,"until":2}]}],"relays":["wss://one.example/leg"],"stun":["stun:stun.example:3478"]})");
  EXPECT_EQ(page_sources(network), " https://broker.example wss://one.example");
}

}  // namespace
}  // namespace footbridge
