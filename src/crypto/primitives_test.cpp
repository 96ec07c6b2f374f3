#include "crypto/primitives.hpp"

#include <algorithm>
#include <array>
#include <gtest/gtest.h>
#include <new>

#include "base/encoding.hpp"
#include "crypto/system_rng.hpp"

namespace footbridge::crypto {
namespace {

Bytes hex(std::string_view text) { return parse_hex(text).value(); }

// draft-irtf-cfrg-xchacha-03, appendix A.3.1.
struct Xchacha {
  SecretKey key = *SecretKey::from(hex("808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f"));
  AeadNonce nonce{};
  Bytes associated = hex("50515253c0c1c2c3c4c5c6c7");
  Bytes plain = to_bytes(
      "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be "
      "it.");
  Bytes sealed =
      hex("bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39"
          "ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff9"
          "21f9664c97637da9768812f615c68b13b52ec0875924c1c7987947deafd8780acf49");
  Xchacha() {
    const auto raw = hex("404142434445464748494a4b4c4d4e4f5051525354555657");
    std::copy(raw.begin(), raw.end(), nonce.begin());
  }
};

TEST(Aead, SealsTheVectorOfItsDraft) {
  const Xchacha v;
  EXPECT_EQ(encode_hex(aead_seal(v.key, v.nonce, v.plain, v.associated)), encode_hex(v.sealed));
  EXPECT_EQ(aead_open(v.key, v.nonce, v.sealed, v.associated), v.plain);
}

TEST(Aead, OpensNothingThatWasTouched) {
  Xchacha v;
  for (std::size_t i = 0; i < v.sealed.size(); ++i) {
    auto touched = v.sealed;
    touched[i] ^= std::byte{1};
    EXPECT_FALSE(aead_open(v.key, v.nonce, touched, v.associated)) << i;
  }
  for (std::size_t length = 0; length < v.sealed.size(); ++length)
    EXPECT_FALSE(aead_open(v.key, v.nonce, ByteView(v.sealed).first(length), v.associated)) << length;
  EXPECT_FALSE(aead_open(v.key, v.nonce, v.sealed, {}));
  v.nonce[0] ^= std::byte{1};
  EXPECT_FALSE(aead_open(v.key, v.nonce, v.sealed, v.associated));
}

// RFC 8439 §2.8.2: the same key, text and associated data as above.
struct Ietf {
  Xchacha x;
  CountedNonce nonce{};
  Bytes sealed =
      hex("d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b"
          "1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
          "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691");
  Ietf() {
    const auto raw = hex("070000004041424344454647");
    std::copy(raw.begin(), raw.end(), nonce.begin());
  }
};

TEST(CountedAead, SealsTheVectorOfRfc8439) {
  const Ietf v;
  EXPECT_EQ(encode_hex(aead_seal(v.x.key, v.nonce, v.x.plain, v.x.associated)), encode_hex(v.sealed));
  EXPECT_EQ(aead_open(v.x.key, v.nonce, v.sealed, v.x.associated), v.x.plain);
}

TEST(CountedAead, OpensNothingThatWasTouched) {
  Ietf v;
  for (std::size_t i = 0; i < v.sealed.size(); ++i) {
    auto touched = v.sealed;
    touched[i] ^= std::byte{1};
    EXPECT_FALSE(aead_open(v.x.key, v.nonce, touched, v.x.associated)) << i;
  }
  for (std::size_t length = 0; length < v.sealed.size(); ++length)
    EXPECT_FALSE(aead_open(v.x.key, v.nonce, ByteView(v.sealed).first(length), v.x.associated)) << length;
  EXPECT_FALSE(aead_open(v.x.key, v.nonce, v.sealed, {}));
  v.nonce[11] ^= std::byte{1};
  EXPECT_FALSE(aead_open(v.x.key, v.nonce, v.sealed, v.x.associated));
}

// RFC 7693, appendix E: messages and keys of many lengths, and one hash over all the hashes.
TEST(Blake2b, HashesWhatTheSelfTestOfRfc7693Hashes) {
  const auto sequence = [](std::size_t length, std::uint32_t seed) {
    Bytes out(length);
    std::uint32_t a = 0xDEAD4BAD * seed, b = 1;
    for (auto& byte : out) {
      const auto sum = a + b;
      a = b;
      b = sum;
      byte = static_cast<std::byte>(sum >> 24);
    }
    return out;
  };
  Bytes hashes;
  for (const std::size_t out_length : {20U, 32U, 48U, 64U}) {
    for (const std::size_t length : {0U, 3U, 128U, 129U, 255U, 1024U}) {
      const auto message = sequence(length, static_cast<std::uint32_t>(length));
      Bytes out(out_length);
      blake2b(out, message);
      append(hashes, out);
      blake2b(out, message, sequence(out_length, static_cast<std::uint32_t>(out_length)));
      append(hashes, out);
    }
  }
  EXPECT_EQ(encode_hex(blake2b<32>(hashes)), "c23a7800d98123bd10f506c61e29da5603d763b8bbad2e737f5e765a7bccd475");
}

TEST(Blake2b, HashesTheVectorOfRfc7693) {
  EXPECT_EQ(encode_hex(blake2b<64>(as_bytes("abc"))),
            "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1"
            "7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923");
}

// The first two entries of the BLAKE2 authors' keyed test data (blake2b-kat).
TEST(Blake2b, HashesUnderAKey) {
  Bytes key(64);
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = static_cast<std::byte>(i);
  EXPECT_EQ(encode_hex(blake2b<64>({}, key)),
            "10ebb67700b1868efb4417987acf4690ae9d972fb7a590c2f02871799aaa4786"
            "b5e996e8f0f4eb981fc214b005f42d2ff4233499391653df7aefcbc13fc51568");
  EXPECT_EQ(encode_hex(blake2b<64>(hex("00"), key)),
            "961f6dd1e4dd30f63901690c512e78e4b45e4742ed197c3c5e45c549fd25f2e4"
            "187b0bc9fe30492b16b0d0bc4ef9b0f34c7003fac09a5ef1532e69430234cebd");
}

// RFC 4231 §4.2, §4.3 and §4.7: a short key, a text, a key longer than a block.
TEST(HmacSha256, AuthenticatesTheVectorsOfRfc4231) {
  EXPECT_EQ(encode_hex(hmac_sha256(Bytes(20, std::byte{0x0b}), as_bytes("Hi There"))),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(encode_hex(hmac_sha256(as_bytes("Jefe"), as_bytes("what do ya want for nothing?"))),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(encode_hex(hmac_sha256(Bytes(131, std::byte{0xaa}),
                                   as_bytes("Test Using Larger Than Block-Size Key - Hash Key First"))),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(SystemRng, DoesNotRepeatItself) {
  SystemRng rng;
  EXPECT_NE(rng.array<32>(), rng.array<32>());
}

TEST(SecretKey, LeavesNothingBehindWhenItDies) {
  SeededRng rng(1);
  alignas(SecretKey) std::array<std::byte, sizeof(SecretKey)> place{};
  auto* key = new (place.data()) SecretKey(SecretKey::random(rng));
  EXPECT_NE(place, decltype(place){});
  key->~SecretKey();
  EXPECT_EQ(place, decltype(place){});
}

TEST(SecretKey, TakesThirtyTwoBytesAndNothingElse) {
  EXPECT_TRUE(SecretKey::from(Bytes(32)));
  EXPECT_FALSE(SecretKey::from(Bytes(31)));
  EXPECT_FALSE(SecretKey::from(Bytes(33)));
}

}  // namespace
}  // namespace footbridge::crypto
