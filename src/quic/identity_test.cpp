#include "quic/identity.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <memory>
#include <string>

namespace footbridge::quic {
namespace {

// RFC 8410 §10.3, the first example; the digest below is of the public key that §10.1 gives for it.
constexpr std::string_view kRfcKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEINTuctv5E1hK1bbY8fdp+K06/nwoy/HU++CXqI9EdVhC\n"
    "-----END PRIVATE KEY-----\n";
constexpr std::string_view kRfcPin = "a1e9156054e04fac899ae9f275132cdc07a5dbc4ea2c2ad3a1ffc6e0d253681f";

constexpr std::string_view kEcdsaKey =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgJHmpG9Y6riq/Bz+F\n"
    "GkVMXGku/iAJZdT/RZGO67vplTihRANCAATZEz8gOZtArj/gdTw8H2xdUG0SWlRk\n"
    "QcfjdjF3gki1odSz4N0hKgFtHB/0TkwppEFwYLqxhK1ThM8R5lo+IadL\n"
    "-----END PRIVATE KEY-----\n";

IdentityErrc error_of(std::string_view pem) {
  const auto identity = Identity::parse_pem(as_bytes(pem));
  EXPECT_FALSE(identity.ok()) << pem.substr(0, 40);
  return identity.ok() ? IdentityErrc::Internal : identity.error();
}

TEST(Identity, PinsTheKeyOfTheStandardsExample) {
  const auto identity = Identity::parse_pem(as_bytes(kRfcKey));
  ASSERT_TRUE(identity.ok());
  EXPECT_EQ(identity->pin().to_hex(), kRfcPin);
}

TEST(Identity, KeepsItsPinThroughPem) {
  const auto made = Identity::generate();
  ASSERT_TRUE(made.ok());
  const auto pem = made->encode_pem();
  ASSERT_TRUE(pem.ok());
  EXPECT_TRUE(as_text(*pem).starts_with("-----BEGIN PRIVATE KEY-----"));
  const auto read = Identity::parse_pem(*pem);
  ASSERT_TRUE(read.ok());
  EXPECT_EQ(read->pin(), made->pin());
}

TEST(Identity, IsNewEachTime) { EXPECT_FALSE(Identity::generate()->pin() == Identity::generate()->pin()); }

TEST(Identity, ReadsAKeyAmongOtherText) {
  const auto text = "# egress of the north\n" + std::string(kRfcKey) + "\ntrailing words\n";
  const auto identity = Identity::parse_pem(as_bytes(text));
  ASSERT_TRUE(identity.ok());
  EXPECT_EQ(identity->pin().to_hex(), kRfcPin);
}

// The first word of another format, where the text ends: whoever looks for the second one reads on. Seen by ASan.
TEST(Identity, IsReadToItsEndAndNoFurther) {
  const std::string_view key = kEcdsaKey;
  const auto text = std::string(key.substr(0, key.rfind("-----END"))) + "-----\nDEK-Info: ";
  const auto exact = std::make_unique<char[]>(text.size());
  std::ranges::copy(text, exact.get());
  EXPECT_FALSE(Identity::parse_pem(as_bytes(std::string_view(exact.get(), text.size()))).ok());
}

TEST(Identity, SaysWhatIsWrongWithAKey) {
  EXPECT_EQ(error_of(""), IdentityErrc::Empty);
  EXPECT_EQ(error_of("not a key"), IdentityErrc::NotAKey);
  EXPECT_EQ(error_of(kRfcKey.substr(0, 70)), IdentityErrc::NotAKey);
  EXPECT_EQ(error_of(kEcdsaKey), IdentityErrc::NotEd25519);
  EXPECT_EQ(error_of(std::string(kMaxPemBytes + 1, 'x')), IdentityErrc::TooLarge);
  auto damaged = std::string(kRfcKey);
  damaged[60] = '!';
  EXPECT_EQ(error_of(damaged), IdentityErrc::NotAKey);
  for (const auto error : {IdentityErrc::Empty, IdentityErrc::TooLarge, IdentityErrc::NotAKey, IdentityErrc::NotEd25519,
                           IdentityErrc::Internal}) {
    EXPECT_GT(describe(error).size(), 20U);
    EXPECT_EQ(describe(error).find('\n'), std::string_view::npos) << "one line";
  }
}

TEST(SpkiPin, ReadsExactly64HexDigits) {
  const auto pin = SpkiPin::parse_hex(kRfcPin);
  ASSERT_TRUE(pin.has_value());
  EXPECT_EQ(pin->to_hex(), kRfcPin);
  EXPECT_FALSE(SpkiPin::parse_hex(kRfcPin.substr(1)).has_value());
  EXPECT_FALSE(SpkiPin::parse_hex(std::string(kRfcPin) + "00").has_value());
  EXPECT_FALSE(SpkiPin::parse_hex(std::string(64, 'g')).has_value());
  EXPECT_FALSE(SpkiPin::from(Bytes(31)).has_value());
  EXPECT_FALSE(*pin == SpkiPin()) << "an unset pin matches nothing real";
}

}  // namespace
}  // namespace footbridge::quic
