// Each rule is shown a tree with one violation planted in it, and the same tree without. Words the rules look for in
// every file are put together here, so that this file does not itself break them elsewhere.
#include <gtest/gtest.h>

#include "rules.hpp"

namespace footbridge::policy {
namespace {

const std::string kContract = "// What this header promises, in a sentence long enough to mean something.\n";

std::size_t count(const Violations& violations) { return violations.size(); }

TEST(IncludeLaw, RefusesALayerAbove) {
  SourceTree tree{{"src/base/a.hpp", kContract}, {"src/wire/b.cpp", "#include \"base/a.hpp\"\n"}};
  EXPECT_TRUE(include_law(tree).empty());
  tree["src/base/a.cpp"] = "\n#include \"wire/b.hpp\"\n";
  tree["src/wire/b.hpp"] = kContract;
  const auto found = include_law(tree);
  ASSERT_EQ(count(found), 1U);
  EXPECT_EQ(found[0].path, "src/base/a.cpp");
  EXPECT_EQ(found[0].line, 2U);
}

TEST(IncludeLaw, KeepsSiblingsApartAndLetsTheirLayerComposeThem) {
  SourceTree tree{{"src/transport/ws/leg.hpp", kContract},
                  {"src/transport/http/url.hpp", kContract},
                  {"src/transport/url.hpp", kContract},
                  {"src/transport/ws/leg.cpp", "#include \"transport/ws/leg.hpp\"\n#include \"transport/url.hpp\"\n"},
                  {"src/programs/client/run.hpp", kContract},
                  {"src/programs/footbridge.cpp", "#include \"programs/client/run.hpp\"\n"}};
  EXPECT_TRUE(include_law(tree).empty()) << to_text(include_law(tree));
  tree["src/transport/ws/dial.cpp"] = "#include \"transport/http/url.hpp\"\n";
  tree["src/programs/demo/run.cpp"] = "#include \"programs/client/run.hpp\"\n";
  EXPECT_EQ(count(include_law(tree)), 2U);
}

TEST(IncludeLaw, RefusesAnIncludeThatIsNotRelativeToSrc) {
  const SourceTree tree{{"src/base/a.hpp", kContract}, {"src/base/a.cpp", "#include \"a.hpp\"\n"}};
  EXPECT_EQ(count(include_law(tree)), 1U);
}

TEST(PureLayers, NameNoClockThreadSocketOrBoost) {
  const SourceTree tree{
      {"src/core/a.cpp", "#include <vector>\n// a clock is no more than a word here: steady_clock::now\n"},
      {"src/core/b.cpp", "#include <boost/asio.hpp>\n"},
      {"src/wire/c.cpp", "#include <thread>\n"},
      {"src/base/d.cpp", "auto t = std::chrono::steady_clock::now();\n"},
      {"src/core/e.cpp", "  throw std::runtime_error(\"x\");\n"},
      {"src/core/f_test.cpp", "#include <fstream>\n"},
      {"src/io/g.cpp", "#include <boost/asio.hpp>\n#include <thread>\n"}};
  const auto found = pure_layers(tree);
  EXPECT_EQ(count(found), 4U) << to_text(found);
  for (const auto& violation : found) EXPECT_EQ(violation.path.find("src/io"), std::string::npos);
}

TEST(FileSizes, StopAtFourHundredLinesOfSourceAndEightHundredOfAnything) {
  const auto lines = [](int n) {
    std::string text;
    for (int i = 0; i < n; ++i) text += "x\n";
    return text;
  };
  SourceTree tree{{"src/core/a.cpp", lines(400)},           {"scripts/b", lines(800)},
                  {"docs/spec/01-a.md", lines(400)},        {"src/core/CMakeLists.txt", lines(40)},
                  {"tests/fuzz/CMakeLists.txt", lines(80)}, {"tests/vectors/a.json", lines(5000)}};
  EXPECT_TRUE(file_sizes(tree).empty()) << to_text(file_sizes(tree));
  for (auto& [path, text] : tree) text += "x\n";
  EXPECT_EQ(count(file_sizes(tree)), 5U);
  EXPECT_EQ(median_source_lines(tree), 401U);
}

TEST(HeaderContracts, AreAskedOfEveryHeader) {
  const SourceTree tree{{"src/core/a.hpp", kContract + "#pragma once\n"},
                        {"src/core/b.hpp", "#pragma once\n" + kContract},
                        {"src/core/c.hpp", "// Helpers.\n#pragma once\n"}};
  const auto found = header_contracts(tree);
  ASSERT_EQ(count(found), 2U);
  EXPECT_EQ(found[0].path, "src/core/b.hpp");
  EXPECT_EQ(found[1].path, "src/core/c.hpp");
}

TEST(Ownership, WantsTheOwnersOfWhatIsSharedNamed) {
  const SourceTree good{
      {"src/io/a.cpp",
       "#include <memory>\n// Owned by the listener and by the session it made.\nstd::shared_ptr<int> a;\n"
       "auto b = std::make_shared<int>();  // the timer and the socket\n"},
      {"src/programs/footbridge.cpp", "co_spawn(io, run(), asio::detached);\n"}};
  EXPECT_TRUE(ownership(good).empty()) << to_text(ownership(good));
  const SourceTree bad{{"src/io/a.cpp", "int x;\nstd::shared_ptr<int> a;\n"},
                       {"src/io/b.cpp", "co_spawn(io, run(), boost::asio::detached);\n"},
                       {"src/io/c.hpp", "class C : public std::enable_shared_from_this<C> {};\n"},
                       {"src/io/d.hpp", "std::weak_ptr<int> d_;  // not even with a comment\n"},
                       {"src/io/e.hpp", "std::vector<std::shared_ptr<int>> all_;\n"},
                       {"src/io/f.cpp", "auto f = std::make_shared<int>();\n"}};
  EXPECT_EQ(count(ownership(bad)), 6U) << to_text(ownership(bad));
}

TEST(OwnProc, IsAllThatUnitsSee) {
  const SourceTree tree{{"src/io/a.cpp", "std::ifstream file(\"/proc/net/route\");\n"},
                        {"src/io/b.cpp", "std::ifstream file(\"/proc/self/net/route\");  // not \"/proc/net/route\"\n"},
                        {"src/io/c_test.cpp", "std::ifstream file(\"/proc/cpuinfo\");\n"}};
  const auto found = own_proc(tree);
  ASSERT_EQ(count(found), 1U) << to_text(found);
  EXPECT_EQ(found[0].path, "src/io/a.cpp");
}

TEST(HonestTests, DoNotSleepHideOrSkipSilently) {
  const SourceTree tree{{"src/io/a_test.cpp", "GTEST_SKIP() << \"no IPv6 here\";\n"},
                        {"src/io/b_test.cpp", "GTEST_SKIP();\n"},
                        {"src/io/c_test.cpp", "TEST(A, DISABLED_B) {}\n"},
                        {"tests/contract/d.cpp", "std::this_thread::sleep_for(1s);\n"},
                        {"src/io/sleeper.cpp", "std::this_thread::sleep_for(1s);\n"}};
  EXPECT_EQ(count(honest_tests(tree)), 3U) << to_text(honest_tests(tree));
}

TEST(Glossary, KeepsForeignWordsInsideCompat) {
  const SourceTree tree{{"src/compat/a.cpp", "// A Snowflake proxy.\n"},
                        {"src/core/b.cpp", "int consumer_count;\n"},
                        {"web/c.ts", "const freddie = 1;\n"},
                        {"src/core/d.cpp", "// reproducer is another word\n"}};
  const auto found = glossary(tree);
  ASSERT_EQ(count(found), 2U) << to_text(found);
  EXPECT_EQ(found[0].path, "src/core/b.cpp");
}

TEST(FinishedWork, HasNoOpenMarks) {
  const std::string mark = std::string("TO") + "DO";
  const SourceTree tree{{"src/core/a.cpp", "// " + mark + ": later\n"},
                        {"docs/b.md", std::string("FIX") + "ME\n"},
                        {"scripts/c", "mktemp /tmp/a.XXXXXX\n"},
                        {"src/core/d.cpp", "kTODOLIST\n"}};
  EXPECT_EQ(count(finished_work(tree)), 2U) << to_text(finished_work(tree));
}

TEST(LockFiles, NameNoRegistry) {
  const SourceTree tree{{"web/package-lock.json",
                         "\"resolved\": \"packages/core\",\n\"resolved\": \"https://npm.example/a.tgz\",\n"
                         "\"integrity\": \"sha512-AAAA\"\n"},
                        {"web/package.json", "\"resolved\": \"http\"\n"}};
  EXPECT_EQ(count(lock_files(tree)), 1U) << to_text(lock_files(tree));
}

TEST(ForeignPlaces, AreRefused) {
  const SourceTree tree{{"docs/a.md", std::string("see /wo") + "rk/main\n"},
                        {"scripts/b", std::string("deb.deb") + "ian.org\n"},
                        {"docs/c.md", "a framework/workflow\n"}};
  EXPECT_EQ(count(no_foreign_places(tree)), 2U) << to_text(no_foreign_places(tree));
}

}  // namespace
}  // namespace footbridge::policy
