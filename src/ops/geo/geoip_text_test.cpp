// The lines below are invented; the real files are read by tests/interop/geoip_files.py.
#include "ops/geo/geoip_text.hpp"

#include <fstream>
#include <gtest/gtest.h>
#include <string>
#include <utility>
#include <vector>

#include "ops/errors.hpp"
#include "ops/scratch_dir.hpp"

namespace footbridge::ops {
namespace {

CountryTable table(std::string_view text) {
  CountryTable out;
  EXPECT_TRUE(parse_geoip(text, out).ok());
  return out;
}

std::string where(const CountryTable& table, std::string_view address) {
  return table.lookup(IpAddress::parse(address).value()).to_text();
}

// 3221225984 is 192.0.2.0, 3325256704 is 198.51.100.0.
constexpr std::string_view kBoth =
    "# a comment\n"
    "3221225984,3221225999,DE\n"
    "3221226000,3221226239,AT\n"
    "\n"
    "3325256704,3325256959,??\r\n"
    "2001:db8::,2001:db8:0:ffff:ffff:ffff:ffff:ffff,IS\n"
    "2001:db8:2::,2001:db8:2:ffff:ffff:ffff:ffff:ffff,A1";  // the last line may lack its end

TEST(GeoipText, KnowsBothEndsOfARangeAndNothingBeside) {
  const auto countries = table(kBoth);
  for (const auto& [address, country] :
       std::vector<std::pair<std::string, std::string>>{{"192.0.2.0", "DE"},
                                                        {"192.0.2.15", "DE"},
                                                        {"192.0.2.16", "AT"},
                                                        {"192.0.2.255", "AT"},
                                                        {"192.0.1.255", "??"},
                                                        {"192.0.3.0", "??"},
                                                        {"198.51.100.7", "??"},
                                                        {"0.0.0.0", "??"},
                                                        {"255.255.255.255", "??"},
                                                        {"2001:db8::", "IS"},
                                                        {"2001:db8:0:ffff:ffff:ffff:ffff:ffff", "IS"},
                                                        {"2001:db8:1::", "??"},
                                                        {"2001:db8:2::5", "??"},  // a code that is no place
                                                        {"::", "??"},
                                                        {"ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "??"}})
    EXPECT_EQ(where(countries, address), country) << address;
  EXPECT_EQ(countries.ranges(), 5U);
}

TEST(GeoipText, SeesTheIpv4AddressInsideAnIpv6One) {
  EXPECT_EQ(where(table(kBoth), "::ffff:192.0.2.3"), "DE");
  EXPECT_EQ(where(table(kBoth), "::fffe:192.0.2.3"), "??");
}

TEST(GeoipText, AnEmptyTableKnowsNobody) {
  EXPECT_EQ(where(CountryTable{}, "192.0.2.1"), "??");
  EXPECT_EQ(where(CountryTable{}, "2001:db8::1"), "??");
}

TEST(GeoipText, FindsEveryOneOfManyRanges) {
  std::string text;
  constexpr std::uint32_t kRanges = 5'000;
  for (std::uint32_t i = 0; i < kRanges; ++i) {
    const auto low = i * 10;
    text += std::to_string(low) + "," + std::to_string(low + 7) + "," +
            Country::from_index(1 + i % (Country::kCount - 1))->to_text() + "\n";
  }
  const auto countries = table(text);
  for (std::uint32_t number = 0; number < 10 * kRanges; ++number) {
    const auto expected = number % 10 > 7 ? 0 : 1 + (number / 10) % (Country::kCount - 1);
    ASSERT_EQ(countries.lookup(IpAddress::v4(number)).index(), expected) << number;
  }
}

TEST(GeoipText, RefusesAFileWithOneWrongLine) {
  const std::string good = "3221225984,3221225999,DE\n";
  for (const auto& [line, why] : std::vector<std::pair<std::string, std::string>>{
           {"3221226000,3221226239", "is not LOW,HIGH,CC"},
           {"3221226000", "is not LOW,HIGH,CC"},
           {" # a comment does not begin with a blank", "is not LOW,HIGH,CC"},
           {"192.0.2.16,192.0.2.17,DE", "has an end that is no address"},
           {"-1,3221226239,DE", "has an end that is no address"},
           {"3221226000,4294967296,DE", "has an end that is no address"},
           {",3221226239,DE", "has an end that is no address"},
           {"2001:db8::g,2001:db8::1,DE", "has an end that is no address"},
           {"3221226000,3221226239,de", "has no country code of two letters"},
           {"3221226000,3221226239,", "has no country code of two letters"},
           {"3221226000,3221226239,DE,", "has no country code of two letters"},
           {"3221226239,3221226000,DE", "is out of order"},
           {"3221225999,3221226239,DE", "is out of order"},
           {"3221226000,2001:db8::1,DE", "is out of order"},
           {std::string(kMaxGeoipLine + 1, '1'), "is longer than any range"}}) {
    CountryTable into;
    const auto status = parse_geoip(good + line + "\n" + good, into);
    ASSERT_FALSE(status.ok()) << line;
    EXPECT_EQ(status.error().line, 2U) << line;
    EXPECT_EQ(status.error().why, why) << line;
  }
}

TEST(GeoipFiles, AreReadTogetherOrRefusedByName) {
  const ScratchDir folder;
  const auto write = [&](const std::string& name, std::string_view text) {
    std::ofstream(folder.path(name)) << text;
    return FilePath{folder.path(name)};
  };
  const auto refusal = [](const std::vector<FilePath>& files) -> std::string {
    try {
      (void)read_geoip_files("--geoip", files);
    } catch (const UsageError& error) {
      return error.what();
    }
    return "fine";
  };
  const auto v4 = write("v4", "3221225984,3221225999,DE\n");
  const auto v6 = write("v6", "2001:db8::,2001:db8::ff,IS\n");
  const auto both = read_geoip_files("--geoip", std::vector{v4, v6});
  EXPECT_EQ(where(both, "192.0.2.1") + where(both, "2001:db8::1"), "DEIS");

  const auto broken = write("broken", "# fine so far\n1,2\n");
  EXPECT_EQ(refusal({v4, broken}), "--geoip: " + broken.path + ": line 2 is not LOW,HIGH,CC");
  EXPECT_EQ(refusal({v4, v4}), "--geoip: " + v4.path + ": line 1 is out of order");
  EXPECT_EQ(refusal({{folder.path("absent")}}),
            "--geoip: " + folder.path("absent") + " cannot be read: No such file or directory");
  EXPECT_EQ(refusal({{folder.path("")}}), "--geoip: " + folder.path("") + " is not a file that can be read");
}

}  // namespace
}  // namespace footbridge::ops
