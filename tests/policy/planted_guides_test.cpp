// Planted violations for the rules that compare texts with code: build files, guides and specifications.
#include <gtest/gtest.h>

#include "quantity.hpp"
#include "rules.hpp"

namespace footbridge::policy {
namespace {

TEST(ClosedBuild, NamesNoAddressAndFetchesNothing) {
  SourceTree tree{{"CMakeLists.txt", "project(a)\n"},
                  {"scripts/setup", "curl http://127.0.0.1:80/ http://example.com \"https://$host/\"\n"},
                  {"docs/a.md", "https://www.rfc-editor.org\n"}};
  EXPECT_TRUE(closed_build(tree).empty()) << to_text(closed_build(tree));
  tree["cmake/Deps.cmake"] = "include(FetchContent)\n";
  tree["src/CMakeLists.txt"] = "file(GLOB sources *.cpp)\n";
  tree["Makefile"] = "\tcurl https://mirror.invalid/\n";
  EXPECT_EQ(closed_build(tree).size(), 3U) << to_text(closed_build(tree));
}

TEST(FuzzTargets, AndTheirSourcesComeInPairs) {
  const std::string source = "extern \"C\" int LLVMFuzzerTestOneInput(const uint8_t*, size_t);\n";
  SourceTree tree{{"tests/fuzz/CMakeLists.txt", "fb_fuzzer(sdp SOURCES fuzz_sdp.cpp USES wire)\n"},
                  {"tests/fuzz/fuzz_sdp.cpp", source}};
  EXPECT_TRUE(fuzz_targets(tree).empty()) << to_text(fuzz_targets(tree));
  tree["tests/fuzz/fuzz_forgotten.cpp"] = source;
  EXPECT_EQ(fuzz_targets(tree).size(), 1U);
  tree["tests/fuzz/CMakeLists.txt"] += "fb_fuzzer(ghost SOURCES fuzz_ghost.cpp)\nfb_fuzzer(forgotten SOURCES x)\n";
  const auto found = fuzz_targets(tree);
  ASSERT_EQ(found.size(), 1U) << to_text(found);
  EXPECT_NE(found[0].what.find("ghost"), std::string::npos);
}

TEST(FuzzTable, ListsEveryTargetAndEveryParser) {
  SourceTree tree{{"tests/fuzz/CMakeLists.txt", "fb_fuzzer(sdp SOURCES fuzz_sdp.cpp USES wire)\n"},
                  {"tests/fuzz/fuzz_sdp.cpp", "parse_sdp(text);\n"},
                  {"src/wire/sdp.hpp", "Sdp parse_sdp(Text text);\nLine parse_line(Text text);  // parse_other(x)\n"},
                  {"docs/fuzzing.md",
                   "| target | entry points |\n|---|---|\n"
                   "| `sdp` | `parse_sdp` through: `parse_line` | |\n"}};
  EXPECT_TRUE(fuzz_table(tree).empty()) << to_text(fuzz_table(tree));
  tree["src/wire/dcep.hpp"] = "Open parse_dcep(ByteView in);\n";
  EXPECT_EQ(fuzz_table(tree).size(), 1U) << "a parser that nobody fuzzes";
  tree["tests/fuzz/CMakeLists.txt"] += "fb_fuzzer(dcep SOURCES fuzz_dcep.cpp USES wire)\n";
  EXPECT_EQ(fuzz_table(tree).size(), 2U) << "and a target without a row";
  tree["docs/fuzzing.md"] += "| `gone` | `parse_dcep` | |\n";
  EXPECT_EQ(fuzz_table(tree).size(), 3U) << "and a row without a target, which names nothing";
  tree["tests/fuzz/fuzz_sdp.cpp"] = "nothing\n";
  EXPECT_EQ(fuzz_table(tree).size(), 4U) << "and a target that does not call what it should";
}

TEST(Licence, MustBeWhole) {
  EXPECT_EQ(licence({}).size(), 1U);
  EXPECT_EQ(licence({{"LICENSE", "Apache License\nVersion 2.0, January 2004\n"}}).size(), 1U);
}

TEST(GuideReferences, PointAtFilesAndFunctionsThatExist) {
  SourceTree tree{
      {"src/core/session/session.hpp", "class Session { void on_datagram(); };\n"},
      {"docs/spec/03-session.md", "x\n"},
      {"ARCHITECTURE.md",
       "`src/core/session/session.hpp:on_datagram` and `core/session/session.hpp:Session::on_datagram()`,\n"
       "[spec](docs/spec/03-session.md#five), [folder](docs/spec/), [away](https://example.com), `x_test.cpp`\n"}};
  EXPECT_TRUE(guide_references(tree).empty()) << to_text(guide_references(tree));
  tree["README.md"] =
      "`core/session/gone.hpp`\n`core/session/session.hpp:on_data`\n`core/session/session.hpp:12`\n[a](docs/b.md)\n";
  const auto found = guide_references(tree);
  ASSERT_EQ(found.size(), 4U) << to_text(found);
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_EQ(found[i].line, i + 1);
}

TEST(SpecTables, AreComparedWithTheCode) {
  SourceTree tree{{"src/core/a.hpp",
                   "inline constexpr Millis kAnswerTtl{10'000};  // two gatherings\n"
                   "inline constexpr std::size_t kWindowBytes = 64 * 1024;\n"
                   "class A { static constexpr Duration kIdle = std::chrono::seconds{60}; };\n"
                   "inline constexpr std::size_t kTwiceBytes = 2 * kWindowBytes;\n"
                   "inline constexpr std::byte kBit{0x40};\n"},
                  {"docs/spec/01-a.md",
                   "RDV-T1  kAnswerTtl   10 s   why\n"
                   "| RDV-B1 | `kWindowBytes` | 64 KiB | why |\n"
                   "| RDV-T2 | `A::kIdle` | 60 s | why |\n"
                   "| RDV-B2 | `kTwiceBytes` | 131072 | why |\n"
                   "| RDV-C1 | `kBit` | 0x40 | why |\n"
                   "| RDV-T3 | 80–600 ms | not a constant |\n"}};
  EXPECT_TRUE(spec_tables(tree).empty()) << to_text(spec_tables(tree));
  EXPECT_EQ(spec_rows_compared(tree), 5U);
  tree["docs/spec/01-a.md"] +=
      "RDV-T4  kAnswerTtl   11 s   drifted\n"
      "RDV-B3  kTwiceBytes  64 KiB  drifted\n"
      "RDV-T5  kGone        11 s   removed\n";
  EXPECT_EQ(spec_tables(tree).size(), 3U) << to_text(spec_tables(tree));
}

TEST(Quantities, ReadAsPeopleAndCompilersWriteThem) {
  const Lookup none = [](std::string_view) { return std::optional<double>{}; };
  EXPECT_EQ(parse_spec_quantity("10 s"), 10'000);
  EXPECT_EQ(parse_spec_quantity("250 ms"), 250);
  EXPECT_EQ(parse_spec_quantity("4 MiB"), 4.0 * 1024 * 1024);
  EXPECT_EQ(parse_spec_quantity("1,132 B"), 1132);
  EXPECT_EQ(parse_spec_quantity("0.5 %"), 0.005);
  EXPECT_EQ(parse_spec_quantity("80–600 ms"), std::nullopt);
  EXPECT_EQ(parse_spec_quantity("three"), std::nullopt);
  EXPECT_EQ(parse_cpp_quantity("Seconds{10}", none), 10'000);
  EXPECT_EQ(parse_cpp_quantity("10s", none), 10'000);
  EXPECT_EQ(parse_cpp_quantity("std::size_t{1} << 20", none), 1048576);
  EXPECT_EQ(parse_cpp_quantity("(1ULL << 50) - 1", none), 1125899906842623.0);
  EXPECT_EQ(parse_cpp_quantity("1U << 2 + 1", none), 8);
  EXPECT_EQ(parse_cpp_quantity("kOther * 2", none), std::nullopt);
  EXPECT_EQ(parse_cpp_quantity("1 << 2 garbage", none), std::nullopt);
}

}  // namespace
}  // namespace footbridge::policy
