#include "base/base32.hpp"

#include <gtest/gtest.h>

#include "base/rng.hpp"

namespace footbridge {
namespace {

TEST(Base32, WritesTheExamplesOfItsRfc) {
  EXPECT_EQ(encode_base32(as_bytes("")), "");
  EXPECT_EQ(encode_base32(as_bytes("f")), "my");
  EXPECT_EQ(encode_base32(as_bytes("fo")), "mzxq");
  EXPECT_EQ(encode_base32(as_bytes("foo")), "mzxw6");
  EXPECT_EQ(encode_base32(as_bytes("foob")), "mzxw6yq");
  EXPECT_EQ(encode_base32(as_bytes("fooba")), "mzxw6ytb");
  EXPECT_EQ(encode_base32(as_bytes("foobar")), "mzxw6ytboi");
}

TEST(Base32, ReadsWhatItWroteInEitherCase) {
  SeededRng rng(1);
  for (std::size_t length = 0; length < 40; ++length) {
    const auto bytes = rng.bytes(length);
    auto text = encode_base32(bytes);
    EXPECT_EQ(text.size(), base32_chars(length));
    EXPECT_EQ(parse_base32(text), bytes);
    for (auto& c : text)
      if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    EXPECT_EQ(parse_base32(text), bytes);
  }
}

TEST(Base32, RefusesWhatItNeverWrites) {
  for (const auto* bad : {"m", "mzx", "mzxw6y", "my======", "m1", "m8", "m\xc3\xa4", "mz", "m y"})
    EXPECT_FALSE(parse_base32(bad)) << bad;
}

}  // namespace
}  // namespace footbridge
