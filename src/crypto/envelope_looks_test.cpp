// What sealed bodies look like to whoever counts: bits, bytes and lengths, over many of them with fixed seeds. Bounds
// are five standard deviations, so that a test that holds once holds with nearly every other seed too.
#include <algorithm>
#include <array>
#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <vector>

#include "crypto/envelope.hpp"

namespace footbridge::crypto {
namespace {

constexpr std::size_t kBodies = 10'000;
constexpr double kSigmas = 5;

struct Looks : testing::Test {
  SeededRng rng{7};
  Envelope envelope{SecretKey::random(rng)};

  // The same thing said again and again, both ways.
  void each(const std::function<void(ByteView)>& look, std::size_t bodies, ByteView message) {
    for (std::size_t i = 0; i < bodies; ++i) {
      const RequestHeader header{RequestKind::Client, UnixSeconds{1'800'000'000}, rng.array<kAeadNonceBytes>()};
      look(envelope.seal_request(header, message, rng));
      look(envelope.seal_response(header.nonce, message, rng));
    }
  }
};

TEST_F(Looks, EveryBitIsSetInHalfOfTheBodies) {
  constexpr std::size_t kBits = 8 * kMinEnvelopeBytes;  // those that all bodies have, from the front and from the end
  std::vector<int> front(kBits), back(kBits);
  each(
      [&](ByteView body) {
        for (std::size_t bit = 0; bit < kBits; ++bit) {
          const auto place = bit / 8;
          const auto of = [&](std::byte b) { return static_cast<int>(std::to_integer<unsigned>(b) >> bit % 8 & 1U); };
          front[bit] += of(body[place]);
          back[bit] += of(body[body.size() - 1 - place]);
        }
      },
      kBodies / 2, Bytes(100));
  const auto slack = kSigmas * std::sqrt(kBodies / 4.0);
  for (std::size_t bit = 0; bit < kBits; ++bit) {
    EXPECT_NEAR(front[bit], kBodies / 2.0, slack) << "bit " << bit;
    EXPECT_NEAR(back[bit], kBodies / 2.0, slack) << "bit " << bit << " from the end";
  }
}

TEST_F(Looks, EveryByteComesEquallyOften) {
  std::array<double, 256> seen{};
  double all = 0;
  each(
      [&](ByteView body) {
        for (const auto b : body) ++seen[std::to_integer<std::size_t>(b)];
        all += static_cast<double>(body.size());
      },
      500, Bytes(1000));
  double chi_square = 0;
  for (const auto times : seen) chi_square += (times - all / 256) * (times - all / 256) / (all / 256);
  constexpr double kFreedom = 255;
  EXPECT_NEAR(chi_square, kFreedom, kSigmas * std::sqrt(2 * kFreedom));
}

// Kolmogorov and Smirnov's distance between the lengths drawn and an even spread over their class; 1.95 / sqrt(n) is
// what one seed in a thousand exceeds.
double distance_from_even(std::vector<std::size_t> lengths, const EnvelopeSizeClass& all) {
  std::ranges::sort(lengths);
  const auto n = static_cast<double>(lengths.size());
  const auto width = static_cast<double>(all.most - all.least + 1);
  double distance = 0;
  for (std::size_t i = 0; i < lengths.size(); ++i) {
    const auto expected = static_cast<double>(lengths[i] - all.least + 1) / width;
    distance = std::max({distance, std::abs(static_cast<double>(i + 1) / n - expected),
                         std::abs(static_cast<double>(i) / n - expected)});
  }
  return distance;
}

TEST_F(Looks, LengthsAreEvenOverTheClassWhateverIsInside) {
  for (const std::size_t inside : {0UL, 100UL, 1900UL, 2100UL, 3900UL, 30'000UL, 60'000UL}) {
    std::vector<std::size_t> lengths;
    each([&](ByteView body) { lengths.push_back(body.size()); }, 500, Bytes(inside));
    const auto& size_class = envelope_size_class(inside + kEnvelopeRequestOverhead);
    EXPECT_LT(distance_from_even(lengths, size_class), 1.95 / std::sqrt(static_cast<double>(lengths.size())))
        << inside << " bytes inside";
  }
}

// The effect, not only its likelihood: two bodies of one class cannot be told apart by their lengths.
TEST_F(Looks, AShortAndALongBodyOfAClassHaveTheSameLengths) {
  std::array<std::vector<std::size_t>, 2> lengths;
  for (const std::size_t which : {0U, 1U})
    each([&](ByteView body) { lengths[which].push_back(body.size()); }, 1000, Bytes(which == 0 ? 5 : 1980));
  for (auto& some : lengths) std::ranges::sort(some);
  double distance = 0;
  for (std::size_t i = 0; i < lengths[0].size(); ++i) {
    const auto below = std::ranges::upper_bound(lengths[1], lengths[0][i]) - lengths[1].begin();
    distance = std::max(distance, std::abs(static_cast<double>(below) - static_cast<double>(i + 1)) /
                                      static_cast<double>(lengths[1].size()));
  }
  EXPECT_LT(distance, 1.95 * std::sqrt(2.0 / static_cast<double>(lengths[0].size())));
}

TEST_F(Looks, NoLengthComesOften) {
  std::array<int, kMaxEnvelopeBytes + 1> times{};
  each([&](ByteView body) { ++times[body.size()]; }, kBodies / 2, Bytes(100));
  EXPECT_LE(*std::ranges::max_element(times), 25) << "of 10,000, spread over 2,048 lengths: 5 each";
}

}  // namespace
}  // namespace footbridge::crypto
