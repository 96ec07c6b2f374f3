#include "core/network/fingerprint.hpp"

#include <gtest/gtest.h>
#include <string>

#include "base/rng.hpp"

namespace footbridge::core {
namespace {

constexpr std::string_view kConsonants = "bdfghklmnprstvz";
constexpr std::string_view kVowels = "aeiou";

TEST(FingerprintWords, AreSortedAndDifferInTwoLettersAtLeast) {
  ASSERT_EQ(kFingerprintWords.size(), kFingerprintListWords * (kFingerprintWordChars + 1));
  for (std::size_t i = 0; i < kFingerprintListWords; ++i) {
    const auto word = fingerprint_word(i);
    ASSERT_EQ(kFingerprintWords[i * 6 + 5], ' ');
    if (i > 0) ASSERT_LT(fingerprint_word(i - 1), word);
    // A code with one check letter: whoever changes one letter of such a word changes the sum.
    std::size_t sum = 0;
    for (std::size_t at = 0; at < word.size(); ++at) {
      const auto place = (at % 2 == 0 ? kConsonants : kVowels).find(word[at]);
      ASSERT_NE(place, std::string_view::npos) << word;
      sum += place;
    }
    ASSERT_EQ(sum % kConsonants.size(), 0U) << word;
  }
}

TEST(Fingerprint, StaysWhatItWasInEveryVersion) {
  wire::RootKey key;
  for (unsigned i = 0; i < key.raw.size(); ++i) key.raw[i] = static_cast<std::byte>(i);
  EXPECT_EQ(fingerprint_of(key), "vizeb lovem nevok kuguz dazot luhov") << "as Python's hashlib says";
}

TEST(Fingerprint, IsAnotherForAnotherKey) {
  SeededRng rng(7);
  auto key = wire::RootKey::random(rng);
  const auto before = fingerprint_of(key);
  EXPECT_EQ(before.size(), kFingerprintParts * (kFingerprintWordChars + 1) - 1);
  key.raw[31] ^= std::byte{1};
  const auto after = fingerprint_of(key);
  for (std::size_t at = 0; at < before.size(); at += kFingerprintWordChars + 1)
    EXPECT_NE(before.substr(at, kFingerprintWordChars), after.substr(at, kFingerprintWordChars));
}

}  // namespace
}  // namespace footbridge::core
