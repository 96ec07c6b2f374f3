// docs/ops/events.md and the code name the same events at the same levels, and whoever is called by one finds what to do.
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
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

// The headings of docs/ops/runbooks.md with the text below each.
std::map<std::string, std::string> runbooks() {
  const auto text = text_of(FB_SOURCE_DIR "/docs/ops/runbooks.md");
  const std::regex heading(R"(\n### `(level=[a-z]+ event=[a-z0-9-]+|alert=\w+)[^\n]*)");
  std::map<std::string, std::string> out;
  std::string* last = nullptr;
  std::size_t begin = 0;
  for (std::sregex_iterator at(text.begin(), text.end(), heading), end; at != end; ++at) {
    const auto where = static_cast<std::size_t>(at->position());
    if (last != nullptr) *last = text.substr(begin, where - begin);
    begin = where;
    last = &out[(*at)[1].str()];
  }
  if (last != nullptr) *last = text.substr(begin);
  return out;
}

std::set<std::string> alerts() {
  const std::regex rule(R"(- alert: (\w+))");
  std::set<std::string> out;
  const std::filesystem::path folder = FB_SOURCE_DIR "/packaging/prometheus";
  if (!std::filesystem::exists(folder)) return out;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const auto text = text_of(entry.path());
    for (std::sregex_iterator at(text.begin(), text.end(), rule), end; at != end; ++at) out.insert((*at)[1].str());
  }
  return out;
}

TEST(Runbooks, SayForEachLineAndAlertThatCallsSomebodyWhatIsWrongAndWhatToDo) {
  const auto found = runbooks();
  std::set<std::string> wanted;
  const std::regex row(R"(\n\| `([a-z0-9-]+)` \| (err|warn)\b)");  // at some other times it may be less
  for (const auto& [name, level] : find_all(text_of(FB_SOURCE_DIR "/docs/ops/events.md"), row, 1, 2))
    wanted.insert("level=" + level + " event=" + name);
  ASSERT_FALSE(wanted.empty());
  for (const auto& name : alerts()) wanted.insert("alert=" + name);
  for (const auto& line : wanted) {
    const auto at = found.find(line);
    if (at == found.end()) {
      ADD_FAILURE() << "docs/ops/runbooks.md has no heading that begins with: ### `" << line;
      continue;
    }
    for (const auto* part : {"\n**Cause.** ", "\n**Check.** ", "\n**Remedy.** "})
      EXPECT_NE(at->second.find(part), std::string::npos) << line << " lacks" << part;
  }
  for (const auto& [line, text] : found)
    if (!line.starts_with("alert=") || !alerts().empty())
      EXPECT_TRUE(wanted.contains(line)) << line << " calls nobody any more";
}

}  // namespace
}  // namespace footbridge::observe
