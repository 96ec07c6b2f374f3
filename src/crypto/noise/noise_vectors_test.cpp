// Test vectors: ours, which another implementation wrote (tests/interop/noise/noise_dissononce.py), and the published
// ones of two more, where their files lie in a folder shared/data/noise beside the checkout or above it.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>
#include <string>

#include "base/encoding.hpp"
#include "crypto/noise/handshake.hpp"
#include "crypto/noise/test_pair.hpp"

namespace footbridge::crypto::noise {
namespace {

using Json = nlohmann::json;

// Has one thing to say: the ephemeral key of a vector.
class OneKey final : public Rng {
 public:
  explicit OneKey(Bytes key) : key_(std::move(key)) {}
  void fill(ByteSpan out) override {
    FB_ASSERT(out.size() == key_.size());
    std::ranges::copy(key_, out.begin());
  }

 private:
  Bytes key_;
};

std::string text(const Json& vector, const std::string& name) { return vector.at(name).get<std::string>(); }
Bytes field(const Json& vector, const std::string& name) { return parse_hex(text(vector, name)).value(); }

Handshake end(const Json& vector, Pattern pattern, Role role, const std::string& prefix) {
  HandshakeKeys keys;
  if (vector.contains(prefix + "static"))
    keys.mine = X25519KeyPair::from(*X25519Secret::from(field(vector, prefix + "static")));
  if (vector.contains(prefix + "remote_static"))
    keys.peers = X25519PublicKey::from(field(vector, prefix + "remote_static"));
  return {pattern, role, field(vector, prefix + "prologue"), keys};
}

void check(const Json& vector, Pattern pattern) {
  SCOPED_TRACE(text(vector, "protocol_name"));
  auto initiator = end(vector, pattern, Role::Initiator, "init_");
  auto responder = end(vector, pattern, Role::Responder, "resp_");
  OneKey initiators(field(vector, "init_ephemeral")), responders(field(vector, "resp_ephemeral"));
  const auto& messages = vector.at("messages");
  const auto of_handshake = message_count(pattern);
  ASSERT_GT(messages.size(), of_handshake);
  for (std::size_t i = 0; i < of_handshake; ++i) {
    auto [writer, reader] = turn(i, initiator, responder);
    const auto written = writer.write(field(messages[i], "payload"), i % 2 == 0 ? initiators : responders);
    ASSERT_TRUE(written);
    EXPECT_EQ(encode_hex(*written), text(messages[i], "ciphertext")) << "message " << i;
    const auto read = reader.read(field(messages[i], "ciphertext"));
    ASSERT_TRUE(read) << "message " << i;
    EXPECT_EQ(*read, field(messages[i], "payload")) << "message " << i;
  }
  if (vector.contains("handshake_hash")) {
    EXPECT_EQ(encode_hex(initiator.hash()), text(vector, "handshake_hash"));
    EXPECT_EQ(encode_hex(responder.hash()), text(vector, "handshake_hash"));
  }
  auto ours = initiator.split(), theirs = responder.split();
  for (std::size_t i = of_handshake; i < messages.size(); ++i) {
    auto& writer = i % 2 == 0 ? ours : theirs;
    auto& reader = i % 2 == 0 ? theirs : ours;
    if (messages[i].value("rekeyed", false)) {
      writer.rekey_sending();
      reader.rekey_receiving();
    }
    EXPECT_EQ(encode_hex(writer.write(field(messages[i], "payload"))), text(messages[i], "ciphertext"))
        << "message " << i;
    const auto read = reader.read(field(messages[i], "ciphertext"));
    ASSERT_TRUE(read) << "message " << i;
    EXPECT_EQ(*read, field(messages[i], "payload"));
  }
}

// How many vectors of the file are of our patterns; all of those hold.
std::size_t check_file(const std::filesystem::path& path) {
  std::ifstream file(path);
  const auto tree = Json::parse(file);
  std::size_t checked = 0;
  for (const auto& vector : tree.at("vectors")) {
    for (const auto pattern : kPatterns) {
      if (text(vector, "protocol_name") != shape_of(pattern).protocol_name) continue;
      check(vector, pattern);
      ++checked;
    }
  }
  return checked;
}

// A file of the folder that lies beside the checkout, or beside one of the folders it is in; empty if there is none.
std::filesystem::path published(const std::string& name) {
  for (auto folder = std::filesystem::path(FB_SOURCE_DIR); folder.has_relative_path(); folder = folder.parent_path()) {
    const auto path = folder.parent_path() / "shared" / "data" / "noise" / name;
    if (std::filesystem::exists(path)) return path;
  }
  return {};
}

TEST(NoiseVectors, OfOurOwnHold) {
  EXPECT_EQ(check_file(std::filesystem::path(FB_SOURCE_DIR) / "tests/vectors/noise.json"), std::size(kPatterns));
}

class PublishedNoiseVectors : public testing::TestWithParam<const char*> {};

TEST_P(PublishedNoiseVectors, Hold) {
  const auto path = published(GetParam());
  if (path.empty()) GTEST_SKIP() << "skipped: no shared/data/noise/" << GetParam() << " beside the checkout";
  EXPECT_EQ(check_file(path), std::size(kPatterns));
}

INSTANTIATE_TEST_SUITE_P(Files, PublishedNoiseVectors, testing::Values("cacophony.txt", "snow.txt"),
                         [](const auto& info) {
                           return std::string(info.param).substr(0, std::string(info.param).find('.'));
                         });

}  // namespace
}  // namespace footbridge::crypto::noise
