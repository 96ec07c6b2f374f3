#include "programs/demo/report.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace footbridge::demo {
namespace {

struct Row {
  const char* name;
  const RoleUse& use;
};

std::array<Row, 4> rows(const Report& report) {
  return {{{"client", report.client}, {"proxy", report.proxy}, {"egress", report.egress}, {"broker", report.broker}}};
}

double per_gb(double cpu_seconds, std::uint64_t bytes) {
  return bytes == 0 ? 0 : cpu_seconds / (static_cast<double>(bytes) / 1e9);
}

}  // namespace

std::string as_table(const Report& report) {
  std::string out = "\n  route          ";
  for (std::size_t i = 0; i < report.route.size(); ++i) out += (i == 0 ? "" : " → ") + report.route[i];
  out += fmt::format("\n  first byte     {:.3f} s after asking, with no path yet\n", report.ttfb_s);
  out += fmt::format("  speed          {:.1f} MB/s, {:.1f} MB\n", report.mb_per_s,
                     static_cast<double>(report.bytes) / 1e6);
  out += fmt::format("  SHA-256        {}\n\n", report.sha256);
  out += fmt::format("  {:<12}{:>12}{:>12}{:>14}\n", "", "CPU s", "CPU s/GB", "peak MB");
  double sum = 0;
  for (const auto& [name, use] : rows(report)) {
    out += fmt::format("  {:<12}{:>12.2f}{:>12.1f}{:>14.1f}\n", name, use.cpu_seconds,
                       per_gb(use.cpu_seconds, report.bytes), use.peak_mb);
    sum += use.cpu_seconds;
  }
  out += fmt::format("  {:<12}{:>12.2f}{:>12.1f}\n\n", "together", sum, per_gb(sum, report.bytes));
  out += report.ok ? "  Every byte was right, and every byte went through a volunteer.\n"
                   : "  FAILED: bytes were wrong or did not go through a volunteer.\n";
  return out;
}

std::string as_json(const Report& report) {
  nlohmann::ordered_json out;
  out["ok"] = report.ok;
  out["bytes"] = report.bytes;
  out["sha256"] = report.sha256;
  out["route"] = report.route;
  out["ttfb_s"] = report.ttfb_s;
  out["mb_per_s"] = report.mb_per_s;
  double sum = 0;
  for (const auto& [name, use] : rows(report)) {
    out["cpu_s_per_gb"][name] = per_gb(use.cpu_seconds, report.bytes);
    out["rss_peak_mb"][name] = use.peak_mb;
    sum += use.cpu_seconds;
  }
  out["cpu_s_per_gb"]["total"] = per_gb(sum, report.bytes);
  return out.dump() + "\n";
}

}  // namespace footbridge::demo
