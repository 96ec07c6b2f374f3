#include "crypto/resumption.hpp"

#include <gtest/gtest.h>

namespace footbridge::crypto {
namespace {

Bytes bytes(const SecretKey& key) { return to_bytes(key.reveal_to_primitive()); }

struct ResumptionTest : testing::Test {
  SeededRng rng{1};
  SecretKey key = SecretKey::random(rng);

  ResumptionTicket ticket(std::optional<ProxyId> proxy = std::nullopt) {
    return {proxy, {SecretKey::random(rng), SecretKey::random(rng)}, UnixSeconds{1'800'000'000}};
  }
};

TEST_F(ResumptionTest, OpensWhatWasSealed) {
  for (const auto& proxy : {std::optional<ProxyId>(), std::optional(ProxyId::random(rng))}) {
    const auto made = ticket(proxy);
    const auto opened = open_resumption_ticket(seal_resumption_ticket(made, key, rng), key);
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->proxy, proxy);
    EXPECT_EQ(opened->begun, made.begun);
    EXPECT_EQ(bytes(opened->keys.to_broker), bytes(made.keys.to_broker));
    EXPECT_EQ(bytes(opened->keys.to_asker), bytes(made.keys.to_asker));
  }
}

TEST_F(ResumptionTest, IsOfOneLengthAndNeverTheSameTwice) {
  const auto made = ticket();
  const auto one = seal_resumption_ticket(made, key, rng), two = seal_resumption_ticket(made, key, rng);
  EXPECT_EQ(one.size(), kResumptionTicketBytes);
  EXPECT_EQ(seal_resumption_ticket(ticket(ProxyId::random(rng)), key, rng).size(), kResumptionTicketBytes);
  EXPECT_NE(one, two);
}

TEST_F(ResumptionTest, RefusesWhatWasTouchedCutOrSealedUnderAnotherKey) {
  const auto sealed = seal_resumption_ticket(ticket(), key, rng);
  for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
    auto touched = sealed;
    touched[bit / 8] ^= static_cast<std::byte>(1U << bit % 8);
    EXPECT_FALSE(open_resumption_ticket(touched, key)) << "bit " << bit;
  }
  for (std::size_t size = 0; size < sealed.size(); ++size)
    EXPECT_FALSE(open_resumption_ticket(ByteView(sealed).first(size), key));
  EXPECT_FALSE(open_resumption_ticket(sealed, SecretKey::random(rng)));
}

// Under the right key and label, by a broker of another version.
TEST_F(ResumptionTest, RefusesAnotherVersionOrRole) {
  const auto sealed = [&](std::byte version, std::byte role) {
    Bytes plain(kResumptionTicketBytes - kAeadNonceBytes - kAeadTagBytes);
    plain[0] = version;
    plain[1] = role;
    Bytes out(kAeadNonceBytes);
    append(out, aead_seal(key, AeadNonce{}, plain, as_bytes("footbridge resumption ticket")));
    return out;
  };
  EXPECT_TRUE(open_resumption_ticket(sealed(std::byte{1}, std::byte{1}), key)->proxy);
  EXPECT_FALSE(open_resumption_ticket(sealed(std::byte{1}, std::byte{0}), key)->proxy);
  EXPECT_FALSE(open_resumption_ticket(sealed(std::byte{1}, std::byte{2}), key));
  EXPECT_FALSE(open_resumption_ticket(sealed(std::byte{2}, std::byte{1}), key));
}

TEST_F(ResumptionTest, DerivesFourDifferentKeysFromWhatARequestIsBoundTo) {
  const auto keys = ticket().keys;
  const auto one = exchange_keys(keys, as_bytes("one")), again = exchange_keys(keys, as_bytes("one"));
  const auto two = exchange_keys(keys, as_bytes("two"));
  EXPECT_EQ(bytes(one.request), bytes(again.request));
  EXPECT_NE(bytes(one.request), bytes(two.request));
  const std::vector all{bytes(one.request),       bytes(one.response),     bytes(one.next.to_broker),
                        bytes(one.next.to_asker), bytes(keys.to_broker),   bytes(keys.to_asker),
                        bytes(two.response),      bytes(two.next.to_asker)};
  for (std::size_t i = 0; i < all.size(); ++i)
    for (std::size_t j = 0; j < i; ++j) EXPECT_NE(all[i], all[j]);
}

TEST_F(ResumptionTest, SealsOneMessagePerKey) {
  const auto sealed = seal_once(key, as_bytes("once"));
  EXPECT_EQ(open_once(key, sealed), to_bytes("once"));
  EXPECT_FALSE(open_once(SecretKey::random(rng), sealed));
  EXPECT_FALSE(open_once(key, ByteView(sealed).first(3)));
}

}  // namespace
}  // namespace footbridge::crypto
