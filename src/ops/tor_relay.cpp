#include "ops/tor_relay.hpp"

#include <algorithm>
#include <fstream>
#include <glob.h>
#include <sstream>
#include <string>
#include <vector>

namespace footbridge::ops {
namespace {

namespace fs = std::filesystem;

std::string lower(std::string text) {
  std::ranges::transform(text, text.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return text;
}

std::vector<fs::path> matching(const std::string& pattern) {
  std::vector<fs::path> out;
  glob_t found{};
  if (::glob(pattern.c_str(), 0, nullptr, &found) == 0)
    for (std::size_t i = 0; i < found.gl_pathc; ++i) out.emplace_back(found.gl_pathv[i]);
  ::globfree(&found);
  return out;
}

// A file, a folder of files, or a pattern; what stands in those is not followed further.
std::vector<fs::path> included(const fs::path& torrc, const fs::path& root) {
  std::vector<fs::path> out;
  std::ifstream in(torrc);
  for (std::string line; std::getline(in, line);) {
    std::istringstream words(line);
    std::string key, value;
    if (!(words >> key >> value) || lower(key) != "%include") continue;
    std::erase(value, '"');
    const fs::path named(value);
    for (const auto& path :
         matching(named.is_absolute() ? root / named.relative_path() : torrc.parent_path() / named)) {
      std::error_code error;
      if (!fs::is_directory(path, error)) out.push_back(path);
      for (fs::directory_iterator at(path, error), end; !error && at != end; at.increment(error))
        out.push_back(at->path());
    }
  }
  if (out.size() > kMostIncluded) out.resize(kMostIncluded);
  return out;
}

bool is_relays_file(const fs::path& file) {
  std::ifstream in(file);
  return is_relays_torrc(in);
}

}  // namespace

// Tor reads its words in any case; one that follows a + is added to what stood before.
bool is_relays_torrc(std::istream& torrc) {
  for (std::string line; std::getline(torrc, line);) {
    std::istringstream words(line);
    std::string key, value;
    if (words >> key >> value && (lower(key) == "orport" || lower(key) == "+orport") && value != "0") return true;
  }
  return false;
}

bool has_tor_relay(const fs::path& root) {
  std::vector<fs::path> files{root / "etc/tor/torrc", root / "usr/local/etc/tor/torrc"};
  std::error_code error;
  for (fs::directory_iterator at(root / "etc/tor/instances", error), end; !error && at != end; at.increment(error))
    files.push_back(at->path() / "torrc");
  return std::ranges::any_of(files, [&](const fs::path& file) {
    return is_relays_file(file) || std::ranges::any_of(included(file, root), is_relays_file);
  });
}

}  // namespace footbridge::ops
