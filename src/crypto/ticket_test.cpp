#include "crypto/ticket.hpp"

#include <array>
#include <gtest/gtest.h>
#include <set>
#include <string>

#include "crypto/nonce_box.hpp"
#include "crypto/shared_keys.hpp"

namespace footbridge::crypto {
namespace {

constexpr UnixSeconds kNow{1'800'000'000};
UnixSeconds after(std::int64_t seconds) {
  return UnixSeconds{static_cast<std::uint64_t>(static_cast<std::int64_t>(count(kNow)) + seconds)};
}

struct TicketTest : testing::Test {
  SeededRng rng{3};
  std::array<SecretKey, 1> keys{ticket_key(SecretKey::random(rng))};
  Ticket ticket{MatchId::random(rng), proxy_mark(ProxyId::random(rng)), *Country::parse("IR"),
                PrefixClass::V6,      wire::BootEpoch::random(rng),     after(120)};
  Bytes sealed = seal_ticket(ticket, keys[0], rng);
};

TEST_F(TicketTest, SaysWhatTheBrokerSaid) {
  const auto opened = open_ticket(sealed, keys, kNow);
  ASSERT_TRUE(opened);
  EXPECT_EQ(opened->match, ticket.match);
  EXPECT_EQ(opened->proxy, ticket.proxy);
  EXPECT_EQ(opened->country, ticket.country);
  EXPECT_EQ(opened->prefix, PrefixClass::V6);
  EXPECT_EQ(opened->boot, ticket.boot);
  EXPECT_EQ(count(opened->expiry), count(ticket.expiry));
}

TEST_F(TicketTest, IsForgedWhenAnyBitIsTouched) {
  for (std::size_t bit = 0; bit < 8 * kTicketBytes; ++bit) {
    auto changed = sealed;
    changed[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    ASSERT_EQ(open_ticket(changed, keys, kNow).error(), TicketErrc::Forged) << bit;
  }
}

TEST_F(TicketTest, IsForgedWhenCutOrLonger) {
  EXPECT_EQ(open_ticket(ByteView(sealed).first(kTicketBytes - 1), keys, kNow).error(), TicketErrc::Forged);
  EXPECT_EQ(open_ticket({}, keys, kNow).error(), TicketErrc::Forged);
  sealed.push_back(std::byte{0});
  EXPECT_EQ(open_ticket(sealed, keys, kNow).error(), TicketErrc::Forged);
}

TEST_F(TicketTest, IsForgedUnderEveryOtherKeyOfTheSameSecret) {
  const auto shared = SecretKey::random(rng);
  for (const auto& other : {shared, heartbeat_key(shared)}) {
    const auto wrong = seal_ticket(ticket, other, rng);
    const std::array<SecretKey, 1> right{ticket_key(shared)};
    EXPECT_EQ(open_ticket(wrong, right, kNow).error(), TicketErrc::Forged);
  }
}

// Sealed with the right key, which only a broker has: a newer one, or one that is broken.
TEST_F(TicketTest, OfAnotherVersionOrSizeIsNotRead) {
  const auto box = [&](std::size_t plain_bytes, std::uint8_t version) {
    Bytes plain(plain_bytes);
    plain[0] = std::byte{version};
    return seal_nonce_box(keys[0], plain, as_bytes("footbridge ticket"), rng);
  };
  constexpr auto kPlainBytes = kTicketBytes - kNonceBoxOverheadBytes;
  EXPECT_EQ(open_ticket(box(kPlainBytes, kTicketVersion), keys, UnixSeconds{0}).value().match, MatchId{});
  EXPECT_EQ(open_ticket(box(kPlainBytes, kTicketVersion + 1), keys, kNow).error(), TicketErrc::Version);
  EXPECT_EQ(open_ticket(box(kPlainBytes + 1, kTicketVersion), keys, UnixSeconds{0}).error(), TicketErrc::Forged);
  EXPECT_EQ(open_ticket(box(kPlainBytes - 1, kTicketVersion), keys, UnixSeconds{0}).error(), TicketErrc::Forged);
}

TEST_F(TicketTest, OpensUnderThePredecessorOfTheKey) {
  const std::array<SecretKey, 2> rotated{SecretKey::random(rng), keys[0]};
  EXPECT_TRUE(open_ticket(sealed, rotated, kNow));
}

TEST_F(TicketTest, LivesFromTenSecondsBeforeItWasMadeToTenAfterItsEnd) {
  EXPECT_TRUE(open_ticket(sealed, keys, after(130)));
  EXPECT_EQ(open_ticket(sealed, keys, after(131)).error(), TicketErrc::Expired);
  EXPECT_TRUE(open_ticket(sealed, keys, after(-10)));
  EXPECT_EQ(open_ticket(sealed, keys, after(-11)).error(), TicketErrc::TooFarAhead);
  ticket.expiry = UnixSeconds{UINT64_MAX};
  EXPECT_EQ(open_ticket(seal_ticket(ticket, keys[0], rng), keys, kNow).error(), TicketErrc::TooFarAhead);
}

TEST_F(TicketTest, NeverLooksTheSameTwice) {
  std::set<Bytes> seen;
  for (int i = 0; i < 100; ++i) {
    const auto another = seal_ticket(ticket, keys[0], rng);
    EXPECT_EQ(another.size(), kTicketBytes);
    EXPECT_TRUE(seen.insert(another).second);
  }
}

TEST_F(TicketTest, CarriesAnUnknownCountryAsSuch) {
  ticket.country = Country{};
  EXPECT_FALSE(open_ticket(seal_ticket(ticket, keys[0], rng), keys, kNow)->country.known());
}

TEST(ProxyMarkTest, IsTheSameForTheSameProxyAndTellsNothingElse) {
  SeededRng rng(4);
  const auto proxy = ProxyId::random(rng);
  EXPECT_EQ(proxy_mark(proxy), proxy_mark(proxy));
  EXPECT_NE(proxy_mark(proxy), proxy_mark(ProxyId::random(rng)));
  EXPECT_FALSE(equal_in_constant_time(proxy_mark(proxy).view(), proxy.view().first(wire::ProxyMark::kBytes)));
}

TEST(SharedKeysTest, AreDifferentForEachUse) {
  SeededRng rng(5);
  const auto shared = SecretKey::random(rng);
  const auto raw = [](const SecretKey& key) { return to_bytes(key.reveal_to_primitive()); };
  EXPECT_EQ(raw(ticket_key(shared)), raw(ticket_key(shared)));
  EXPECT_EQ((std::set<Bytes>{raw(shared), raw(ticket_key(shared)), raw(heartbeat_key(shared))}.size()), 3U);
}

}  // namespace
}  // namespace footbridge::crypto
