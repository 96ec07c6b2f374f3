// The small grammar pieces that SDP and its attributes share (RFC 8866 §9, RFC 8839 §5.4). Views in, views out.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace footbridge::wire {

constexpr bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

// ice-char: what ufrag, password and foundation are made of. False for the empty text.
constexpr bool is_ice_chars(std::string_view text) {
  for (const char c : text)
    if (!is_alphanumeric(c) && c != '+' && c != '/') return false;
  return !text.empty();
}

// token of RFC 8866. False for the empty text.
constexpr bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`{|}~";
  for (const char c : text)
    if (!is_alphanumeric(c) && kMarks.find(c) == std::string_view::npos) return false;
  return !text.empty();
}

// Cuts the text up to the next space off the front; empty when nothing is left or two spaces follow each other.
constexpr std::string_view take_word(std::string_view& text) {
  const auto end = text.find(' ');
  const auto word = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return word;
}

constexpr char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c; }

constexpr bool equal_ignoring_case(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

}  // namespace footbridge::wire
