#include "transport/http/date.hpp"

#include <gtest/gtest.h>

namespace footbridge::http {
namespace {

TEST(HttpDate, ReadsWhatItWrites) {
  for (const std::uint64_t at : {0U, 1U, 784'111'777U, 951'782'400U, 1'800'000'000U, 4'102'444'799U})
    EXPECT_EQ(parse_http_date(http_date(UnixSeconds{at})), UnixSeconds{at}) << at;
  EXPECT_EQ(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), UnixSeconds{784'111'777});
}

TEST(HttpDate, ReadsNothingElse) {
  for (const auto* text :
       {"", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1994 08:49:37",
        "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nev 1994 08:49:37 GMT",
        "Sun, 06 anF 1994 08:49:37 GMT", "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
        "Sun, 06 Nov 1994 08:49:61 GMT", "Thu, 31 Dec 1969 23:59:59 GMT", "Sun, 0x Nov 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 GMT "})
    EXPECT_FALSE(parse_http_date(text)) << text;
}

}  // namespace
}  // namespace footbridge::http
