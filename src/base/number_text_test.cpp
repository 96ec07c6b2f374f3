#include "base/number_text.hpp"

#include <gtest/gtest.h>

namespace footbridge {
namespace {

TEST(NumberText, ReadsDigitsAlone) {
  EXPECT_EQ(parse_number("0", 9), 0U);
  EXPECT_EQ(parse_number("007", 9), 7U);
  EXPECT_EQ(parse_number("65535", 65535), 65535U);
  EXPECT_EQ(parse_number("18446744073709551615", UINT64_MAX), UINT64_MAX);
  for (const auto* text : {"", "-1", "+1", " 1", "1 ", "1.", "0x1", "a", "1\n"})
    EXPECT_EQ(parse_number(text, UINT64_MAX), std::nullopt) << text;
}

TEST(NumberText, RefusesWhatIsAboveTheMostOrTooLong) {
  EXPECT_EQ(parse_number("65536", 65535), std::nullopt);
  EXPECT_EQ(parse_number("7", 6), std::nullopt);
  EXPECT_EQ(parse_number("18446744073709551616", UINT64_MAX), std::nullopt);
  EXPECT_EQ(parse_number("99999999999999999999", UINT64_MAX), std::nullopt);
  EXPECT_EQ(parse_number("00000000000000000001", 9), 1U);
  EXPECT_EQ(parse_number("000000000000000000001", 9), std::nullopt);
}

TEST(NumberText, ReadsHexInEitherCase) {
  EXPECT_EQ(parse_number("fFfF", 0xffff, 16), 0xffffU);
  EXPECT_EQ(parse_number("g", 0xffff, 16), std::nullopt);
  EXPECT_EQ(parse_number("10000", 0xffff, 16), std::nullopt);
}

TEST(NumberText, WritesWhatItReads) {
  EXPECT_EQ(number_text(0), "0");
  EXPECT_EQ(number_text(1900), "1900");
  EXPECT_EQ(number_text(UINT64_MAX), "18446744073709551615");
  EXPECT_EQ(number_text(0xdb8, 16), "db8");
  EXPECT_EQ(number_text(5, 2), "101");
}

}  // namespace
}  // namespace footbridge
