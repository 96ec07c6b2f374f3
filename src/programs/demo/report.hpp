// What the demo found, and its two forms: a table for people and one JSON object for programs.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace footbridge::demo {

struct RoleUse {
  double cpu_seconds = 0;  // during the fetch
  double peak_mb = 0;      // since the start
};

struct Report {
  bool ok = false;  // every byte right, and every byte through a volunteer
  std::uint64_t bytes = 0;
  std::string sha256;
  std::vector<std::string> route;         // one entry for each station
  double ttfb_s = 0;                      // of the page, which was asked for before any path existed
  double mb_per_s = 0;                    // of the file, 10^6 bytes
  RoleUse client, proxy, egress, broker;  // proxy: the volunteers together; peak of the largest
};

std::string as_table(const Report& report);
std::string as_json(const Report& report);

}  // namespace footbridge::demo
