// docs/ops/events.md and the code name the same events at the same levels.
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <regex>
#include <set>
#include <string>
#include <utility>

namespace footbridge::observe {
namespace {

using Events = std::set<std::pair<std::string, std::string>>;  // name, level

std::string text_of(const std::filesystem::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

Events find_all(const std::string& text, const std::regex& pattern, int name, int level) {
  Events out;
  for (std::sregex_iterator at(text.begin(), text.end(), pattern), end; at != end; ++at) {
    auto lower = (*at)[static_cast<std::size_t>(level)].str();
    for (auto& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    out.emplace((*at)[static_cast<std::size_t>(name)].str(), lower);
  }
  return out;
}

Events events_in_code() {
  const std::regex call(R"re(Level::(Err|Warn|Notice|Info|Debug),\s*"([a-z0-9-]+)")re");
  Events out;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(FB_SOURCE_DIR "/src")) {
    const auto path = entry.path().string();
    if (!path.ends_with(".cpp") && !path.ends_with(".hpp")) continue;
    if (path.ends_with("_test.cpp") || path.ends_with("observe/log.hpp"))
      continue;  // that one explains with an example
    out.merge(find_all(text_of(path), call, 2, 1));
  }
  return out;
}

TEST(Events, AreAllListedInTheManualAndNoOthers) {
  const std::regex row(R"(\n\| `([a-z0-9-]+)` \| (err|warn|notice|info|debug) \|)");
  const auto manual = find_all(text_of(FB_SOURCE_DIR "/docs/ops/events.md"), row, 1, 2);
  const auto code = events_in_code();
  ASSERT_FALSE(code.empty());
  for (const auto& [name, level] : code)
    EXPECT_TRUE(manual.contains({name, level})) << name << " (" << level << ") is not listed in docs/ops/events.md";
  for (const auto& [name, level] : manual)
    EXPECT_TRUE(code.contains({name, level})) << name << " (" << level << ") is listed, but nothing logs it";
}

}  // namespace
}  // namespace footbridge::observe
