#include "core/egress/port_policy.hpp"

#include <algorithm>
#include <charconv>

namespace footbridge::core {
namespace {

constexpr std::size_t kMaxRanges = 64;  // an operator's list that is longer is a generated one, and a mistake

constexpr PortRange kNever[] = {{0, 0}, {25, 25}, {135, 139}, {445, 445}};

std::optional<std::uint16_t> parse_port(std::string_view text) {
  if (text.empty() || text.size() > 5 || text[0] == '0') return std::nullopt;
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || value > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(value);
}

std::optional<PortRange> parse_range(std::string_view text) {
  const auto dash = text.find('-');
  const auto first = parse_port(text.substr(0, dash));
  const auto last = dash == std::string_view::npos ? first : parse_port(text.substr(dash + 1));
  if (!first || !last || *first > *last) return std::nullopt;
  return PortRange{*first, *last};
}

bool covers(PortRange range, std::uint16_t port) { return range.first <= port && port <= range.last; }

}  // namespace

PortPolicy PortPolicy::web() {
  return PortPolicy(
      {{80, 80}, {443, 443}, {853, 853}, {993, 993}, {995, 995}, {5222, 5223}, {8080, 8080}, {8443, 8443}});
}

PortPolicy PortPolicy::reduced() {
  auto policy = web();
  for (const auto port : {std::uint16_t{22}, std::uint16_t{465}, std::uint16_t{587}})
    policy.ranges_.push_back({port, port});
  return policy;
}

PortPolicy PortPolicy::udp_web() {
  return PortPolicy({{53, 53}, {443, 443}, {853, 853}, {3478, 3478}, {5349, 5349}, {8443, 8443}, {19302, 19309}});
}

std::optional<PortPolicy> PortPolicy::preset(std::string_view name) {
  if (name == "web") return web();
  if (name == "reduced") return reduced();
  return std::nullopt;
}

std::optional<PortPolicy> PortPolicy::custom(std::string_view list) {
  std::vector<PortRange> ranges;
  for (;;) {
    const auto comma = list.find(',');
    const auto range = parse_range(list.substr(0, comma));
    if (!range || ranges.size() == kMaxRanges) return std::nullopt;
    ranges.push_back(*range);
    if (comma == std::string_view::npos) return PortPolicy(std::move(ranges));
    list.remove_prefix(comma + 1);
  }
}

bool PortPolicy::is_never_served(std::uint16_t port) {
  return std::any_of(std::begin(kNever), std::end(kNever), [port](PortRange range) { return covers(range, port); });
}

bool PortPolicy::allows(std::uint16_t port) const {
  if (is_never_served(port)) return false;
  return std::any_of(ranges_.begin(), ranges_.end(), [port](PortRange range) { return covers(range, port); });
}

}  // namespace footbridge::core
