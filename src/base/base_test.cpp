#include <algorithm>
#include <deque>
#include <gtest/gtest.h>
#include <memory>
#include <new>

#include "base/address.hpp"
#include "base/bounded_queue.hpp"
#include "base/buffered_rng.hpp"
#include "base/byte_reader.hpp"
#include "base/byte_writer.hpp"
#include "base/country.hpp"
#include "base/encoding.hpp"
#include "base/id.hpp"
#include "base/private.hpp"
#include "base/result.hpp"
#include "base/ring.hpp"

namespace footbridge {
namespace {

TEST(Address, ReadsOnlyOneSpellingOfAnIpv4Address) {
  EXPECT_TRUE(IpAddress::parse("192.0.2.1"));
  for (const auto* hostile : {"", "1", "127.1", "0x7f.0.0.1", "0177.0.0.1", "127.0.0.01", "127.0.0.1.", "127.0.0.256",
                              "2130706433", " 127.0.0.1", "127.0.0.1 ", "127..0.1", "[127.0.0.1]"})
    EXPECT_FALSE(IpAddress::parse(hostile)) << hostile;
}

TEST(Address, WritesIpv6AsRfc5952Does) {
  const auto text = [](const char* in) { return IpAddress::parse(in).value().to_text(); };
  EXPECT_EQ(text("2001:0DB8:0:0:0:0:0:1"), "2001:db8::1");
  EXPECT_EQ(text("::"), "::");
  EXPECT_EQ(text("::1"), "::1");
  EXPECT_EQ(text("1::"), "1::");
  EXPECT_EQ(text("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
  EXPECT_EQ(text("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
  EXPECT_EQ(text("::ffff:192.0.2.1"), "::ffff:c000:201");
}

TEST(Address, RefusesBrokenIpv6) {
  for (const auto* hostile : {":", ":::", "1::2::3", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8::", "12345::", "::1%eth0",
                              "[::1]", "1:2:3:4:5:6:7", "::1.2.3", "1.2.3.4::", "1:"})
    EXPECT_FALSE(IpAddress::parse(hostile)) << hostile;
}

TEST(Endpoint, NeedsBracketsForIpv6AndOnlyThere) {
  EXPECT_EQ(Endpoint::parse("[2001:db8::1]:443").value().to_text(), "[2001:db8::1]:443");
  EXPECT_EQ(Endpoint::parse("192.0.2.1:0").value().port, 0);
  for (const auto* bad : {"2001:db8::1:443", "[192.0.2.1]:80", "192.0.2.1", "192.0.2.1:65536", "192.0.2.1:", "name:80"})
    EXPECT_FALSE(Endpoint::parse(bad)) << bad;
}

TEST(Prefix, ContainsItsAddressesOnly) {
  const auto cgnat = Prefix::parse("100.64.0.0/10").value();
  EXPECT_TRUE(cgnat.contains(*IpAddress::parse("100.127.255.255")));
  EXPECT_FALSE(cgnat.contains(*IpAddress::parse("100.128.0.0")));
  EXPECT_FALSE(cgnat.contains(*IpAddress::parse("::1")));
  EXPECT_FALSE(Prefix::parse("10.0.0.1/8"));
}

TEST(Country, IsTwoCapitalLettersOrUnknown) {
  EXPECT_EQ(Country::parse("DE")->to_text(), "DE");
  EXPECT_EQ(Country::parse("??"), Country{});
  EXPECT_EQ(Country{}.to_text(), "??");
  for (const auto* text : {"", "D", "DEU", "de", "D1", "1D", "?", "D?", " D", "??D"})
    EXPECT_FALSE(Country::parse(text).has_value()) << text;
}

TEST(Country, HasAnIndexOfItsOwnForEachPairOfLetters) {
  for (std::size_t i = 0; i < Country::kCount; ++i) {
    const auto country = Country::from_index(i);
    ASSERT_TRUE(country.has_value());
    EXPECT_EQ(country->index(), i);
    EXPECT_EQ(Country::parse(country->to_text()), country);
  }
  EXPECT_FALSE(Country::from_index(Country::kCount).has_value());
}

TEST(Country, IsNotTheSameWhereNobodyKnows) {
  const auto here = Country::parse("DE").value();
  EXPECT_TRUE(same_country(here, here));
  EXPECT_FALSE(same_country(here, Country::parse("AT").value()));
  EXPECT_FALSE(same_country(Country{}, Country{}));
}

TEST(Base64Url, HasOneTextPerValue) {
  EXPECT_EQ(encode_base64url(as_bytes("foob")), "Zm9vYg");
  EXPECT_EQ(parse_base64url("Zm9vYg").value(), to_bytes("foob"));
  for (const auto* bad : {"Zm9vYh", "Zm9vYg==", "Z", "Zm9+", "Zm9v Yg"}) EXPECT_FALSE(parse_base64url(bad)) << bad;
}

TEST(Varint, RoundTripsAtEveryLengthBoundary) {
  for (const std::uint64_t value :
       {0ULL, 63ULL, 64ULL, 16383ULL, 16384ULL, (1ULL << 30) - 1, 1ULL << 30, (1ULL << 62) - 1}) {
    Bytes out;
    ByteWriter(out).varint(value);
    EXPECT_EQ(out.size(), varint_bytes(value));
    ByteReader in(out);
    EXPECT_EQ(in.varint(), value);
    ByteReader cut(ByteView(out).first(out.size() - 1));
    EXPECT_FALSE(cut.varint());
  }
}

TEST(BoundedQueue, RefusesTheItemAboveItsBound) {
  BoundedQueue<int, 2> queue;
  EXPECT_TRUE(queue.push(1));
  EXPECT_TRUE(queue.push(2));
  EXPECT_FALSE(queue.push(3));
  EXPECT_EQ(queue.pop(), 1);
}

TEST(Result, HoldsEitherAValueOrItsReason) {
  enum class Errc { Broken };
  const Result<int, Errc> good = 5;
  const Result<int, Errc> bad = Errc::Broken;
  EXPECT_EQ(*good, 5);
  EXPECT_EQ(bad.error(), Errc::Broken);
}

template <class T>
concept Printable = requires(std::ostream& out, const T& value) { out << value; };
static_assert(!Printable<Private<std::string>>, "private values must not reach a stream");

// Counts up, so that every byte tells where it comes from.
class CountingRng final : public Rng {
 public:
  void fill(ByteSpan out) override {
    ++calls;
    for (auto& byte : out) byte = static_cast<std::byte>(next++);
  }
  int calls = 0;
  std::uint8_t next = 0;
};

TEST(BufferedRng, HandsOutEachByteOfItsSourceOnceInOrder) {
  CountingRng source;
  BufferedRng rng(source);
  std::uint8_t expected = 0;
  for (int i = 0; i < 10'000; ++i) EXPECT_EQ(rng.array<4>()[3], static_cast<std::byte>((expected += 4) - 1));
  EXPECT_EQ(source.calls, 79) << "40,000 bytes, 512 at a time";
}

TEST(BufferedRng, LeavesWhatIsLargerThanItsBufferToTheSource) {
  CountingRng source;
  BufferedRng rng(source);
  EXPECT_EQ(rng.bytes(kBufferedRngBytes + 1).size(), kBufferedRngBytes + 1);
  EXPECT_EQ(source.calls, 1);
}

TEST(BufferedRng, KeepsNothingOfWhatItHandedOut) {
  SeededRng source(7);
  alignas(BufferedRng) std::array<std::byte, sizeof(BufferedRng)> memory;
  auto* rng = new (memory.data()) BufferedRng(source);
  const auto secret = rng->array<16>();
  EXPECT_EQ(std::search(memory.begin(), memory.end(), secret.begin(), secret.end()), memory.end());
  SeededRng again(7);
  const auto drawn = again.array<kBufferedRngBytes>();
  EXPECT_NE(std::search(memory.begin(), memory.end(), drawn.begin() + 16, drawn.end()), memory.end())
      << "the rest waits, so this looks at the right memory";
  rng->~BufferedRng();
}

TEST(Ring, BehavesLikeADequeOverManyChanges) {
  SeededRng rng(11);
  Ring<std::unique_ptr<int>> ring;
  std::deque<int> model;
  for (int step = 0; step < 50'000; ++step) {
    switch (rng.between(0, 5)) {
      case 0:
      case 1:
      case 2:
        ring.push_back(std::make_unique<int>(step));
        model.push_back(step);
        break;
      case 3:
      case 4:
        if (model.empty()) break;
        ring.pop_front();
        model.pop_front();
        break;
      default: {
        const auto part = static_cast<int>(rng.between(2, 9));
        if (rng.between(0, 99) == 0) ring.clear(), model.clear();
        const auto gone = ring.erase_if([&](const auto& element) { return *element % part == 0; });
        EXPECT_EQ(gone, std::erase_if(model, [&](int element) { return element % part == 0; }));
      }
    }
    ASSERT_EQ(ring.size(), model.size());
    ASSERT_TRUE(std::ranges::equal(ring, model, {}, [](const auto& element) { return *element; }));
  }
}

TEST(Ring, KeepsNothingOfWhatHasLeftIt) {
  const auto owner = std::make_shared<int>(1);  // owners: this test and the slots, which it counts
  Ring<std::shared_ptr<int>> ring;  // owners: as above
  for (int i = 0; i < 100; ++i) ring.push_back(owner);
  EXPECT_EQ(owner.use_count(), 101);
  ring.pop_front();
  EXPECT_EQ(owner.use_count(), 100);
  EXPECT_EQ(ring.erase_if([](const auto&) { return true; }), 99U);
  EXPECT_EQ(owner.use_count(), 1);
}

}  // namespace
}  // namespace footbridge
