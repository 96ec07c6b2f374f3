#include "ops/tor_relay.hpp"

#include <algorithm>
#include <fstream>
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

}  // namespace

// Tor reads its words in any case.
bool is_relays_torrc(std::istream& torrc) {
  for (std::string line; std::getline(torrc, line);) {
    std::istringstream words(line);
    std::string key, value;
    if (words >> key >> value && lower(key) == "orport" && value != "0") return true;
  }
  return false;
}

bool has_tor_relay(const fs::path& root) {
  std::vector<fs::path> files{root / "etc/tor/torrc", root / "usr/local/etc/tor/torrc"};
  std::error_code error;
  for (fs::directory_iterator at(root / "etc/tor/instances", error), end; !error && at != end; at.increment(error))
    files.push_back(at->path() / "torrc");
  return std::ranges::any_of(files, [](const fs::path& file) {
    std::ifstream in(file);
    return is_relays_torrc(in);
  });
}

}  // namespace footbridge::ops
