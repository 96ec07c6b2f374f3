#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <nlohmann/json.hpp>

#include "base/encoding.hpp"
#include "wire/invite_text.hpp"

namespace footbridge::wire {
namespace {

nlohmann::json file() {
  std::ifstream in(FB_SOURCE_DIR "/tests/vectors/network.json");
  return nlohmann::json::parse(in);
}

Bytes vector_named(const std::string& name) {
  const auto tree = file();
  for (const auto& v : tree.at("vectors"))
    if (v.at("name").get<std::string>() == name) return parse_hex(v.at("hex").get<std::string>()).value();
  ADD_FAILURE() << "no vector " << name;
  return {};
}

Invite full_invite() { return parse_invite(vector_named("invite with every field")).value(); }

TEST(InviteFormat, WritesWhatProtocWrites) {
  for (const auto* name : {"invite with every field", "smallest invite", "name in Persian"}) {
    const auto bytes = vector_named(name);
    auto invite = parse_invite(bytes).value();
    EXPECT_EQ(encode_invite(invite), bytes) << name;
    EXPECT_EQ(encode_invite_content(invite), invite.content.reveal_to_socket()) << name;
  }
  const auto invite = full_invite();
  EXPECT_EQ(invite.network, "Friends of Sara");
  EXPECT_EQ(invite.brokers[0].front.reveal_to_socket(), "front.example");
  EXPECT_EQ(invite.uses, 2U);
  EXPECT_TRUE(invite.compartment.has_value() && invite.announcing.has_value());
}

// A field of a later version is signed as well, and must not be lost on a disk.
TEST(InviteFormat, KeepsWhatItDoesNotUnderstand) {
  const auto bytes = vector_named("invite with unknown fields");
  EXPECT_EQ(encode_invite(parse_invite(bytes).value()), bytes);
}

TEST(InviteFormat, TakesAndRefusesWhatItsVectorsSay) {
  const auto tree = file();
  for (const auto& v : tree.at("vectors"))
    if (v.at("message").get<std::string>() == "Invite") {
      const auto in = parse_hex(v.at("hex").get<std::string>()).value();
      EXPECT_EQ(parse_invite(in).has_value(), v.at("valid").get<bool>()) << v.at("name");
    }
}

// What an independent implementation wrote, and what people and their programs make of it.
TEST(InviteText, SaysWhatHappenedToAPastedText) {
  const auto tree = file();
  for (const auto& v : tree.at("texts")) {
    const auto read = parse_invite_text(v.at("text").get<std::string>());
    const auto becomes = v.at("becomes").get<std::string>();
    if (becomes == "invite" || becomes == "other invite") {
      ASSERT_TRUE(read.ok()) << v.at("name") << ": " << name(read.error());
      EXPECT_EQ(read->network, becomes == "invite" ? "Friends of Sara" : "N");
    } else {
      ASSERT_FALSE(read.ok()) << v.at("name");
      EXPECT_EQ(name(read.error()), becomes) << v.at("name");
    }
  }
}

TEST(InviteText, IsWhatAnIndependentImplementationWrites) {
  EXPECT_EQ(invite_text(full_invite()).reveal_to_socket(), file().at("texts").at(0).at("text").get<std::string>());
}

TEST(InviteText, NoticesEveryChangedCharacter) {
  const auto text = invite_text(full_invite()).reveal_to_socket();
  for (std::size_t i = kInvitePrefix.size(); i < text.size(); ++i) {
    auto changed = text;
    changed[i] = changed[i] == 'q' ? '2' : 'q';
    const auto read = parse_invite_text(changed);
    ASSERT_FALSE(read.ok()) << i;
    EXPECT_TRUE(read.error() == InviteErrc::Mistyped || read.error() == InviteErrc::CutOff) << i;
  }
}

TEST(InviteText, NoticesNeighboursThatChangedPlaces) {
  const auto text = invite_text(full_invite()).reveal_to_socket();
  for (std::size_t i = kInvitePrefix.size(); i + 1 < text.size(); ++i) {
    auto changed = text;
    std::swap(changed[i], changed[i + 1]);
    EXPECT_EQ(parse_invite_text(changed).ok(), changed == text) << i;
  }
}

TEST(InviteText, RefusesALibraryForAnInvite) {
  EXPECT_EQ(parse_invite_text(std::string(kMaxInviteTextBytes + 1, 'a')).error(), InviteErrc::TooLong);
}

}  // namespace
}  // namespace footbridge::wire
