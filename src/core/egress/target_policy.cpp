#include "core/egress/target_policy.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace footbridge::core {
namespace {

constexpr std::size_t kMaxLabelBytes = 63;  // RFC 1035 §2.3.4

// RFC 6761, 6762, 7686, 8375 and what home routers and clouds answer on their own.
constexpr std::string_view kLocalSuffixes[] = {"localhost", "local",    "internal", "home.arpa",  "onion",
                                               "test",      "invalid",  "example",  "lan",        "home",
                                               "corp",      "intranet", "private",  "localdomain"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex_digit(char c) { return is_digit(c) || (c >= 'a' && c <= 'f'); }
// The underscore is no host-name character, but names with it are in use and resolvers take them.
bool is_label_character(char c) { return (c >= 'a' && c <= 'z') || is_digit(c) || c == '-' || c == '_'; }

// inet_aton and the URL standard read a host as an address when its last part is a number in any base.
bool is_number(std::string_view label) {
  if (std::all_of(label.begin(), label.end(), is_digit)) return true;
  return label.size() >= 2 && label[0] == '0' && label[1] == 'x' &&
         std::all_of(label.begin() + 2, label.end(), is_hex_digit);
}

std::optional<TargetErrc> label_error(std::string_view label) {
  if (label.empty()) return TargetErrc::Malformed;
  if (label.size() > kMaxLabelBytes) return TargetErrc::TooLong;
  if (!std::all_of(label.begin(), label.end(), is_label_character)) return TargetErrc::Malformed;
  if (label.front() == '-' || label.back() == '-') return TargetErrc::Malformed;
  return std::nullopt;
}

bool has_suffix(std::string_view host, std::string_view suffix) {
  return host.size() > suffix.size() && host.ends_with(suffix) && host[host.size() - suffix.size() - 1] == '.';
}

std::optional<TargetErrc> name_error(std::string_view host) {
  std::size_t labels = 0;
  std::string_view last;
  for (auto rest = host;;) {
    const auto dot = rest.find('.');
    last = rest.substr(0, dot);
    if (const auto error = label_error(last)) return error;
    ++labels;
    if (dot == std::string_view::npos) break;
    rest.remove_prefix(dot + 1);
  }
  if (is_number(last)) return TargetErrc::Numeric;
  if (labels == 1) return TargetErrc::SingleLabel;
  for (const auto suffix : kLocalSuffixes)
    if (has_suffix(host, suffix)) return TargetErrc::LocalSuffix;
  return std::nullopt;
}

}  // namespace

std::string_view name(TargetErrc error) {
  switch (error) {
    case TargetErrc::Empty: return "empty";
    case TargetErrc::TooLong: return "too-long";
    case TargetErrc::Malformed: return "malformed";
    case TargetErrc::Numeric: return "numeric";
    case TargetErrc::SingleLabel: return "single-label";
    case TargetErrc::LocalSuffix: return "local-suffix";
  }
  FB_ASSERT(false);
}

Result<Target, TargetErrc> parse_target(std::string_view host) {
  if (host.empty()) return TargetErrc::Empty;
  if (host.size() > kMaxHostBytes + 1) return TargetErrc::TooLong;
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  const auto literal = IpAddress::parse(bracketed ? host.substr(1, host.size() - 2) : host);
  if (literal && (!bracketed || !literal->is_v4())) return Target(*literal);

  std::string lower(host);
  for (char& c : lower)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (lower.back() == '.') lower.pop_back();
  if (lower.empty()) return TargetErrc::Empty;
  if (lower.size() > kMaxHostBytes) return TargetErrc::TooLong;
  if (const auto error = name_error(lower)) return *error;
  return Target(HostName(std::move(lower)));
}

}  // namespace footbridge::core
