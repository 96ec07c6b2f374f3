// docs/ops/metrics.md lists the metrics that the programs register, with their words and labels, and no others; alerts
// and dashboard name such metrics only. FB_UPDATE_DOCS=1 in its environment writes the page anew.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <iterator>
#include <map>
#include <regex>
#include <set>
#include <string>
#include <string_view>

namespace footbridge::observe {
namespace {

namespace fs = std::filesystem;

struct Listed {
  std::string type;
  std::string label;
  std::string help;
};
using Section = std::map<std::string, Listed>;  // by name

std::string text_of(const fs::path& path) {
  std::ifstream in(path);
  return {std::istreambuf_iterator<char>(in), {}};
}

// Whose metric it is, by the folder of src/programs that registers it.
std::string program_of(const fs::path& file, std::string_view metric) {
  if (metric.starts_with("footbridge_tester_")) return "tester";
  if (metric.starts_with("footbridge_connect_")) return "connect";
  if (metric.starts_with("footbridge_proxy_")) return "volunteer";
  const auto folder = file.parent_path().filename().string();
  if (folder == "proxy") return "volunteer";
  return folder == "programs" ? "" : folder;
}

std::string type_of(const std::string& call, std::string_view metric) {
  if (metric.ends_with("_total")) return "counter";
  return call.starts_with("histogram") ? "histogram" : "gauge";
}

// Literals that stand one after the other, without their quotes.
std::string joined(const std::string& literals) {
  return std::regex_replace(literals.substr(1, literals.size() - 2), std::regex(R"("\s*")"), "");
}

std::map<std::string, Section> registered() {
  // call("name", "words" "more words", "label"
  const std::regex call(
      R"re((\w+)(?:<[^;{}()]*>)?[({]\s*(?:[\w.]+,\s*)?"(footbridge_[a-z0-9_]+)"(?:,\s*("(?:[^"\\]|"\s+")*")(?:,\s*"([a-z_]+)",)?)?)re");
  std::map<std::string, Section> out;
  for (const auto& entry : fs::recursive_directory_iterator(FB_SOURCE_DIR "/src/programs")) {
    const auto path = entry.path().string();
    if ((!path.ends_with(".cpp") && !path.ends_with(".hpp")) || path.ends_with("_test.cpp")) continue;
    const auto text = text_of(entry.path());
    for (std::sregex_iterator at(text.begin(), text.end(), call), end; at != end; ++at) {
      const auto name = (*at)[2].str();
      const bool nat = name.ends_with("_nat_info");  // named where it is used, with words of its own in nat_gauge.hpp
      out[program_of(entry.path(), name)][name] = {
          type_of((*at)[1].str(), name), nat ? "verdict" : (*at)[4].str(),
          nat ? "Address translation as measured: 1 for the verdict that holds." : joined((*at)[3].str())};
    }
  }
  return out;
}

std::string rows(const Section& section) {
  std::string out = "| metric | type | label | what |\n|---|---|---|---|\n";
  for (const auto& [name, one] : section)
    out += "| `" + name + "` | " + one.type + " | " + (one.label.empty() ? "-" : one.label) + " | " + one.help + " |\n";
  return out;
}

std::string page(std::map<std::string, Section> programs) {
  std::string out =
      "# Metrics\n\n"
      "What programs serve on /metrics of their admin listener ([monitoring.md](monitoring.md)). A test compares this "
      "page with the\ncode; `FB_UPDATE_DOCS=1` makes it write the page. The values of a label are a list in the code, "
      "so "
      "nobody outside adds a\nseries; a program has at most 1,000 of them, and none has a person, an address or a "
      "country.\n\n"
      "## Every program, or several\n\n" +
      rows(programs[""]);
  programs.erase("");
  for (const auto& [program, section] : programs) out += "\n## " + program + "\n\n" + rows(section);
  return out;
}

TEST(MetricsPage, ListsWhatTheProgramsRegisterAndNothingElse) {
  const auto programs = registered();
  for (const auto* program : {"", "broker", "connect", "egress", "tester", "volunteer"})
    EXPECT_TRUE(programs.contains(program)) << program;
  const std::string path = FB_SOURCE_DIR "/docs/ops/metrics.md";
  const auto text = page(programs);
  if (std::getenv("FB_UPDATE_DOCS") != nullptr) std::ofstream(path) << text;
  EXPECT_EQ(text_of(path), text) << path << " is out of date; run this test with FB_UPDATE_DOCS=1";
}

TEST(MetricsPage, HasEveryNameThatStandsInTheCode) {
  std::set<std::string> listed;
  for (const auto& [program, section] : registered())
    for (const auto& [name, one] : section) {
      listed.insert(name);
      EXPECT_FALSE(one.help.empty()) << name;
      EXPECT_EQ(one.label.find("countr"), one.label.npos) << name << ": in a country one person may stand out";
    }
  const std::regex literal(R"re("(footbridge_[a-z0-9_]+)")re");
  for (const auto& entry : fs::recursive_directory_iterator(FB_SOURCE_DIR "/src/programs")) {
    const auto path = entry.path().string();
    if (!entry.is_regular_file() || path.ends_with("_test.cpp") || path.find("/demo/") != path.npos) continue;
    const auto text = text_of(entry.path());
    for (std::sregex_iterator at(text.begin(), text.end(), literal), end; at != end; ++at)
      EXPECT_TRUE(listed.contains((*at)[1].str())) << (*at)[1].str() << " in " << path << " is not understood here";
  }
}

// OpenMetrics names a counter without its _total.
TEST(MetricsPage, HasNoCounterThatIsCalledLikeAnotherMetricInOpenMetrics) {
  for (const auto& [program, section] : registered())
    for (const auto& [name, one] : section)
      EXPECT_FALSE(section.contains(name + "_total")) << name << " of " << program;
}

TEST(MetricsPage, HasAllThatAlertsAndDashboardName) {
  std::set<std::string> known;
  for (const auto& [program, section] : registered())
    for (const auto& [name, one] : section) known.insert(name);
  const std::regex name("footbridge_[a-z0-9_]+");
  const std::regex part_of_histogram("_bucket$");
  for (const auto* file : {"prometheus/footbridge.rules.yml", "grafana/footbridge.json"}) {
    const auto text = text_of(FB_SOURCE_DIR "/packaging/" + std::string(file));
    std::size_t named = 0;
    for (std::sregex_iterator at(text.begin(), text.end(), name), end; at != end; ++at, ++named)
      EXPECT_TRUE(known.contains(std::regex_replace(at->str(), part_of_histogram, "")))
          << file << " names " << at->str() << ", which no program serves";
    EXPECT_GT(named, 10U) << file;
  }
}

}  // namespace
}  // namespace footbridge::observe
