// docs/ops/dependencies.md is the one table of what is not ours. It lists exactly what scripts/setup installs for the
// build, and on Debian 12 its versions are the ones installed here; of npm's packages, what web/'s package.json files
// pin.
#include <cstdio>
#include <fstream>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>

#include "source_tree.hpp"

namespace footbridge::policy {
namespace {

struct Row {
  std::string version;
  std::string licence;
};

const SourceTree& here() {
  static const SourceTree tree = load_tree(FB_SOURCE_DIR);
  return tree;
}

// "| name | `package` | version | licence | what for |", by package.
std::map<std::string, Row> table() {
  std::map<std::string, Row> rows;
  for (const auto line : lines_of(here().at("docs/ops/dependencies.md"))) {
    std::vector<std::string> cells;
    std::istringstream in{std::string(line)};
    for (std::string cell; std::getline(in, cell, '|');) cells.emplace_back(trim(cell));
    if (cells.size() < 6 || !has_prefix(cells[2], "`")) continue;
    rows[cells[2].substr(1, cells[2].size() - 2)] = {cells[3], cells[4]};
  }
  return rows;
}

// The packages of scripts/packages.txt, first alternatives, by stage; those that are only unpacked as well.
std::multimap<std::string, std::string> packages() {
  std::multimap<std::string, std::string> out;
  for (const auto line : lines_of(here().at("scripts/packages.txt"))) {
    std::istringstream in{std::string(line)};
    std::string stage, names;
    if (has_prefix(line, "#") || !(in >> stage >> names)) continue;
    constexpr std::string_view kUnpack = "unpack:";
    if (has_prefix(names, kUnpack)) names.erase(0, kUnpack.size());
    out.emplace(stage, names.substr(0, names.find('|')));
  }
  return out;
}

// What web/'s package.json files name, with its version; our own packages left out.
std::map<std::string, std::string> npm_packages() {
  std::map<std::string, std::string> out;
  for (const auto& [path, text] : here()) {
    if (!has_prefix(path, "web/") || !has_suffix(path, "/package.json")) continue;
    const auto manifest = nlohmann::json::parse(text);
    for (const auto* kind : {"dependencies", "devDependencies"}) {
      const auto named = manifest.value(kind, nlohmann::json::object());
      for (const auto& [name, version] : named.items()) {
        if (!has_prefix(name, "@footbridge/")) out.emplace("npm:" + name, version.get<std::string>());
      }
    }
  }
  return out;
}

std::string installed_version(const std::string& package) {
  const auto command = "dpkg-query -W -f '${Version}' " + package + " 2>/dev/null";
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), &pclose);
  std::string version;
  for (int c = std::fgetc(pipe.get()); c != EOF; c = std::fgetc(pipe.get())) version += static_cast<char>(c);
  if (const auto epoch = version.find(':'); epoch != std::string::npos) version.erase(0, epoch + 1);
  return version;
}

bool is_debian_12() {
  std::ifstream in("/etc/os-release");
  std::stringstream text;
  text << in.rdbuf();
  return text.str().find("VERSION_CODENAME=bookworm") != std::string::npos;
}

TEST(Dependencies, ListsEveryPackageThatIsInstalledAndNoOther) {
  const auto rows = table();
  std::map<std::string, int> wanted;
  for (const auto& [stage, package] : packages()) ++wanted[package];
  for (const auto& [package, version] : npm_packages()) ++wanted[package];
  for (const auto& [package, times] : wanted) EXPECT_TRUE(rows.contains(package)) << package << " is not in the table";
  for (const auto& [package, row] : rows) {
    EXPECT_TRUE(wanted.contains(package)) << package << " is installed by no stage of scripts/setup";
    EXPECT_FALSE(row.licence.empty()) << package << " without a licence";
  }
}

TEST(Dependencies, OfWebAreTheVersionsOfTheTable) {
  const auto rows = table();
  const auto pinned = npm_packages();
  EXPECT_FALSE(pinned.empty());
  for (const auto& [package, version] : pinned) {
    if (rows.contains(package)) EXPECT_EQ(rows.at(package).version, version) << package;
  }
}

TEST(Dependencies, HaveTheVersionsOfTheTable) {
  if (!is_debian_12()) GTEST_SKIP() << "the table gives the versions of Debian 12, and this is another system";
  std::size_t compared = 0;
  for (const auto& [package, row] : table()) {
    if (has_prefix(package, "npm:")) continue;
    const auto version = installed_version(package);
    if (version.empty() || row.version == "any") continue;  // a stage that is not installed here
    ++compared;
    // "3.0" stands for 3.0.22 and its security updates, not for 3.1 or 3.01.
    const bool same = has_prefix(version, row.version) && version.size() > row.version.size() &&
                      std::string_view(".-+~").find(version[row.version.size()]) != std::string_view::npos;
    EXPECT_TRUE(same) << package << ": the table says " << row.version << ", installed is " << version;
  }
  EXPECT_GE(compared, 15U);
}

}  // namespace
}  // namespace footbridge::policy
