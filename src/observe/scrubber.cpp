#include "observe/scrubber.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>
#include <vector>

namespace footbridge::observe {
namespace {

// Endings of our own files that no top-level domain has.
constexpr std::array<std::string_view, 10> kFileEndings = {"toml", "pem", "key", "sock", "json",
                                                           "cpp",  "hpp", "log", "txt",  "service"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_hex(char c) { return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }
bool is_letter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;  // IDN in UTF-8
}
bool in_name(char c) { return is_letter(c) || is_digit(c) || c == '-' || c == '_'; }

using Range = std::pair<std::size_t, std::size_t>;  // from, one past the end

// Four decimal numbers joined by dots, or by dashes as reverse names have them: 192.0.2.1, 192-0-2-1.
std::size_t ipv4_end(std::string_view text, std::size_t at) {
  if (at > 0 && is_digit(text[at - 1])) return at;
  const auto from = at;
  char joiner = 0;
  for (int group = 0; group < 4; ++group) {
    const auto start = at;
    while (at < text.size() && is_digit(text[at]) && at - start < 4) ++at;
    if (at == start || at - start > 3) return from;
    if (group == 3) return at;
    if (at == text.size() || (text[at] != '.' && text[at] != '-') || (joiner != 0 && text[at] != joiner)) return from;
    joiner = text[at++];
  }
  return from;
}

struct Ipv6Scan {
  bool found = false;
  std::size_t end = 0;  // found or not, no address begins before it
};

// Hexadecimal groups joined by colons, from a place that no hexadecimal group or colon precedes. An address when
// there is a "::" beside a group, or at least four colons (that takes MAC addresses too, and spares 12:30:45).
Ipv6Scan scan_ipv6(std::string_view text, std::size_t at) {
  std::size_t colons = 0;
  std::size_t groups = 0;
  bool gap = false;
  for (;;) {
    const auto start = at;
    while (at < text.size() && is_hex(text[at])) ++at;
    const bool cut_short = at < text.size() && in_name(text[at]);
    if (at - start > 4 || (at > start && cut_short)) {
      at = start;
      break;
    }
    if (at > start) ++groups;
    if (at == text.size() || text[at] != ':') break;
    if (at + 1 < text.size() && text[at + 1] == ':') gap = true;
    ++at;
    ++colons;
  }
  return {(gap && groups > 0) || (colons >= 4 && groups >= 4), at};
}

// Labels joined by dots whose last looks like a top-level domain: two letters or more, nothing but letters, or xn--.
bool is_host_name(std::string_view run) {
  while (run.ends_with('.')) run.remove_suffix(1);
  const auto dot = run.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return false;
  const auto last = run.substr(dot + 1);
  if (last.starts_with("xn--")) return true;
  if (last.size() < 2 || !std::all_of(last.begin(), last.end(), is_letter)) return false;
  return std::find(kFileEndings.begin(), kFileEndings.end(), last) == kFileEndings.end();
}

void find_addresses(std::string_view text, std::vector<Range>& found) {
  std::size_t no_ipv6_before = 0;  // keeps the whole linear: what one scan has passed, no other looks at again
  for (std::size_t at = 0; at < text.size();) {
    if (at >= no_ipv6_before && (at == 0 || !in_name(text[at - 1]))) {
      const auto scan = scan_ipv6(text, at);
      no_ipv6_before = scan.end;
      if (scan.found) {
        found.emplace_back(at, scan.end);
        at = scan.end;
        continue;
      }
    }
    const auto end = ipv4_end(text, at);
    if (end > at) found.emplace_back(at, end);
    at = std::max(end, at + 1);
  }
}

void find_host_names(std::string_view text, std::vector<Range>& found) {
  for (std::size_t at = 0; at < text.size();) {
    const auto from = at;
    while (at < text.size() && (in_name(text[at]) || text[at] == '.')) ++at;
    if (at > from && is_host_name(text.substr(from, at - from))) found.emplace_back(from, at);
    if (at == from) ++at;
  }
}

std::vector<Range> findings(std::string_view text) {
  std::vector<Range> found;
  find_addresses(text, found);
  find_host_names(text, found);
  std::sort(found.begin(), found.end());
  return found;
}

// %2E and its like, as they come in URLs, turned back into characters.
std::string percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    unsigned value = 0;
    const char* hex = text.data() + at + 1;
    const bool coded = text[at] == '%' && text.size() - at > 2 && is_hex(hex[0]) && is_hex(hex[1]);
    if (coded) std::from_chars(hex, hex + 2, value, 16);
    out += coded ? static_cast<char>(value) : text[at];
    if (coded) at += 2;
  }
  return out;
}

}  // namespace

std::string scrub(std::string_view text) {
  // Where the places in decoded text are in the original is not worth knowing: all of it goes.
  if (const auto decoded = percent_decoded(text); decoded.size() < text.size() && !findings(decoded).empty())
    return std::string(kScrubbed);
  std::string out;
  std::size_t done = 0;
  for (const auto& [from, end] : findings(text)) {
    if (from >= done) {
      out += text.substr(done, from - done);
      out += kScrubbed;
    }
    done = std::max(done, end);
  }
  return out += text.substr(done);
}

}  // namespace footbridge::observe
