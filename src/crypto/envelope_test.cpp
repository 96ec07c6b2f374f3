#include "crypto/envelope.hpp"

#include <gtest/gtest.h>

#include "base/byte_writer.hpp"

namespace footbridge::crypto {
namespace {

constexpr UnixSeconds kNow{1'800'000'000};

struct EnvelopeTest : testing::Test {
  SeededRng rng{1};
  SecretKey secret = SecretKey::random(rng);
  Envelope envelope{secret};

  RequestHeader header(RequestKind kind = RequestKind::Client) { return {kind, kNow, rng.array<kAeadNonceBytes>()}; }
  // What somebody with the secret seals who does not keep to the format.
  Bytes request_of(Bytes plain) {
    const auto key =
        SecretKey::from(blake2b<32>(as_bytes("footbridge envelope request"), secret.reveal_to_primitive()));
    const auto nonce = rng.array<kAeadNonceBytes>();
    plain.resize(kMinEnvelopeBytes);
    auto out = to_bytes(ByteView(nonce));
    append(out, aead_seal(*key, nonce, plain, {}));
    return out;
  }
};

TEST_F(EnvelopeTest, CarriesARequestAndItsAnswer) {
  for (const auto kind : {RequestKind::Directory, RequestKind::Client, RequestKind::Proxy, RequestKind::Resumed}) {
    const auto asked = header(kind);
    const auto question = rng.bytes(300), reply = rng.bytes(2000);
    const auto opened = envelope.open_request(envelope.seal_request(asked, question, rng));
    ASSERT_TRUE(opened);
    EXPECT_EQ(opened->header.kind, kind);
    EXPECT_EQ(opened->header.stamp, kNow);
    EXPECT_EQ(opened->header.nonce, asked.nonce);
    EXPECT_EQ(opened->message, question);
    EXPECT_EQ(envelope.open_response(asked.nonce, envelope.seal_response(asked.nonce, reply, rng)), reply);
  }
}

TEST_F(EnvelopeTest, CarriesNothingAndTheMost) {
  for (const auto bytes : {std::size_t{0}, std::size_t{1}, kMaxRequestMessageBytes}) {
    const auto message = rng.bytes(bytes);
    EXPECT_EQ(envelope.open_request(envelope.seal_request(header(), message, rng))->message, message);
  }
  const auto largest = rng.bytes(kMaxResponseMessageBytes);
  EXPECT_EQ(envelope.open_response({}, envelope.seal_response({}, largest, rng)), largest);
  EXPECT_DEATH((void)envelope.seal_request(header(), Bytes(kMaxRequestMessageBytes + 1), rng), "kMaxRequestMessage");
  EXPECT_DEATH((void)envelope.seal_response({}, Bytes(kMaxResponseMessageBytes + 1), rng), "kMaxResponseMessage");
}

TEST_F(EnvelopeTest, RefusesEveryBitThatIsTouched) {
  const auto asked = header();
  const auto request = envelope.seal_request(asked, as_bytes("request"), rng);
  const auto response = envelope.seal_response(asked.nonce, as_bytes("response"), rng);
  for (std::size_t bit = 0; bit < 8 * kMinEnvelopeBytes; bit += bit < 600 ? 1 : 61) {
    const auto flip = static_cast<std::byte>(1U << bit % 8);
    auto touched = request;
    touched[bit / 8] ^= flip;
    EXPECT_FALSE(envelope.open_request(touched)) << "bit " << bit;
    touched = response;
    touched[bit / 8] ^= flip;
    EXPECT_FALSE(envelope.open_response(asked.nonce, touched)) << "bit " << bit;
  }
}

TEST_F(EnvelopeTest, RefusesWhatWasCutOrMadeLonger) {
  const auto request = envelope.seal_request(header(), as_bytes("request"), rng);
  for (std::size_t bytes = 0; bytes < request.size(); bytes += bytes < 100 ? 1 : 97)
    EXPECT_FALSE(envelope.open_request(ByteView(request).first(bytes)));
  auto longer = request;
  longer.push_back({});
  EXPECT_FALSE(envelope.open_request(longer));
  EXPECT_FALSE(envelope.open_request(Bytes(kMaxEnvelopeBytes + 1)));
  EXPECT_FALSE(envelope.open_response({}, {}));
}

TEST_F(EnvelopeTest, OpensInItsOwnDirectionNetworkAndExchangeOnly) {
  const auto asked = header();
  const auto request = envelope.seal_request(asked, as_bytes("request"), rng);
  const auto response = envelope.seal_response(asked.nonce, as_bytes("response"), rng);
  EXPECT_FALSE(envelope.open_request(response));
  EXPECT_FALSE(envelope.open_response(asked.nonce, request));
  EXPECT_FALSE(envelope.open_response({}, request));
  EXPECT_FALSE(envelope.open_response(header().nonce, response)) << "the answer to somebody else";
  const Envelope another(SecretKey::random(rng));
  EXPECT_FALSE(another.open_request(request));
  EXPECT_FALSE(another.open_response(asked.nonce, response));
}

// Whoever has the secret may seal what he likes; it is read strictly all the same.
TEST_F(EnvelopeTest, RefusesAnotherVersionKindOrLength) {
  const auto plain = [](std::uint8_t version, std::uint8_t kind, std::uint32_t length) {
    Bytes out;
    ByteWriter(out).u8(version).u8(kind).u64(count(kNow)).u32(length);
    return out;
  };
  EXPECT_TRUE(envelope.open_request(request_of(plain(1, 2, 5))));
  EXPECT_EQ(envelope.open_request(request_of(plain(1, 4, kMinEnvelopeBytes - 14)))->message.size(),
            kMinEnvelopeBytes - 14);
  EXPECT_FALSE(envelope.open_request(request_of(plain(1, 2, kMinEnvelopeBytes - 13)))) << "beyond the end";
  EXPECT_FALSE(envelope.open_request(request_of(plain(1, 2, UINT32_MAX))));
  EXPECT_FALSE(envelope.open_request(request_of(plain(2, 2, 5))));
  EXPECT_FALSE(envelope.open_request(request_of(plain(0, 2, 5))));
  EXPECT_FALSE(envelope.open_request(request_of(plain(1, 0, 5))));
  EXPECT_FALSE(envelope.open_request(request_of(plain(1, 5, 5))));
}

TEST_F(EnvelopeTest, BindsAllThatARequestSaysOfItself) {
  const auto asked = header();
  auto other = asked;
  EXPECT_EQ(binding(asked), binding(other));
  other.stamp = UnixSeconds{count(kNow) + 1};
  EXPECT_NE(binding(asked), binding(other));
  other = asked;
  other.kind = RequestKind::Proxy;
  EXPECT_NE(binding(asked), binding(other));
  other = asked;
  other.nonce.back() ^= std::byte{1};
  EXPECT_NE(binding(asked), binding(other));
}

TEST(EnvelopeSizes, LeaveNoGapAndAreDrawnFromTheLeastClassThatFits) {
  SeededRng rng(1);
  for (std::size_t i = 1; i < kEnvelopeSizeClasses.size(); ++i)
    EXPECT_EQ(kEnvelopeSizeClasses[i - 1].most + 1, kEnvelopeSizeClasses[i].least);
  EXPECT_EQ(envelope_size_class(0).least, kMinEnvelopeBytes);
  EXPECT_EQ(envelope_size_class(kMinEnvelopeBytes).least, kMinEnvelopeBytes);
  EXPECT_EQ(envelope_size_class(kMinEnvelopeBytes + 1).least, 2 * kMinEnvelopeBytes);
  EXPECT_EQ(envelope_size_class(kMaxNeededBytes).most, kMaxEnvelopeBytes);
  EXPECT_DEATH((void)envelope_size_class(kMaxNeededBytes + 1), "kMaxNeededBytes");
  for (int i = 0; i < 1000; ++i) {
    const auto needed = rng.between(0, kMaxNeededBytes);
    const auto drawn = draw_envelope_size(needed, rng);
    EXPECT_GE(drawn, needed);
    EXPECT_LE(drawn, envelope_size_class(needed).most);
  }
}

}  // namespace
}  // namespace footbridge::crypto
