#include "observe/record.hpp"

#include <charconv>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <type_traits>

#include "base/overloaded.hpp"

namespace footbridge::observe {
namespace {

constexpr std::string_view kCutField = "cut";

// The next code point of UTF-8 text from `at`, which moves past it. Anything malformed is U+FFFD for one byte.
char32_t next_code_point(std::string_view text, std::size_t& at) {
  constexpr char32_t kReplacement = 0xfffd;
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto first = byte(at);
  if (first < 0x80) return ++at, first;
  const std::size_t length = first >= 0xf0 && first < 0xf5 ? 4 : first >= 0xe0 ? 3 : first >= 0xc2 ? 2 : 0;
  if (length == 0 || first >= 0xf5 || text.size() - at < length) return ++at, kReplacement;
  char32_t value = first & (0x7fU >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(at + i) & 0xc0) != 0x80) return ++at, kReplacement;
    value = value << 6 | (byte(at + i) & 0x3fU);
  }
  const bool overlong = (length == 3 && value < 0x800) || (length == 4 && value < 0x10000);
  if (overlong || value > 0x10ffff || (value >= 0xd800 && value <= 0xdfff)) return ++at, kReplacement;
  at += length;
  return value;
}

void append_unit(std::string& out, char32_t unit) {
  char text[7];
  std::snprintf(text, sizeof text, "\\u%04x", static_cast<unsigned>(unit));
  out += text;
}

// The inside of a quoted string, the same for JSON and logfmt: ASCII only, no control character survives.
std::string escape(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const auto c = next_code_point(text, at);
    if (c == U'"' || c == U'\\') {
      out += '\\';
      out += static_cast<char>(c);
    } else if (c == U'\n') {
      out += "\\n";
    } else if (c == U'\t') {
      out += "\\t";
    } else if (c >= 0x20 && c < 0x7f) {
      out += static_cast<char>(c);
    } else if (c >= 0x10000) {
      append_unit(out, 0xd800 + ((c - 0x10000) >> 10));
      append_unit(out, 0xdc00 + ((c - 0x10000) & 0x3ff));
    } else {
      append_unit(out, c);
    }
  }
  return out;
}

bool needs_quotes(std::string_view text) {
  if (text.empty()) return true;
  for (const char c : text)
    if (c <= ' ' || c >= 0x7f || c == '"' || c == '=' || c == '\\') return true;  // char is signed: c < 0 is non-ASCII
  return false;
}

std::string number(double value) {
  if (!std::isfinite(value)) return "null";
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value).ptr;
  return {text, end};
}

// Three significant places and the unit a person would choose: 12ms, 1.25s, 90s.
std::string person_duration(Duration value) {
  const auto ns = static_cast<double>(value.count());
  char text[32];
  if (const auto size = std::fabs(ns); size < 1e6)
    std::snprintf(text, sizeof text, "%.4gus", ns / 1e3);
  else if (size < 1e9)
    std::snprintf(text, sizeof text, "%.4gms", ns / 1e6);
  else
    std::snprintf(text, sizeof text, "%.6gs", ns / 1e9);
  return text;
}

std::string plain(const OwnedValue& value) {
  return std::visit(
      Overloaded{[](bool v) { return std::string(v ? "true" : "false"); },
                 [](std::int64_t v) { return std::to_string(v); }, [](std::uint64_t v) { return std::to_string(v); },
                 [](double v) { return number(v); }, [](Duration v) { return person_duration(v); },
                 [](ScopeId v) { return v.to_text(); }, [](const std::string& v) { return v; }},
      value);
}

std::string iso_time(WallTime at) {
  const auto ms = at.time_since_epoch().count();
  const auto seconds = static_cast<std::time_t>(ms >= 0 ? ms / 1000 : 0);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  const auto length = std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S", &parts);
  std::snprintf(text + length, sizeof text - length, ".%03dZ", static_cast<int>(ms >= 0 ? ms % 1000 : 0));
  return text;
}

// Puts fields one after the other while they fit; leaves room for the mark of a cut and for the end of the line.
class Line {
 public:
  Line(Format format, std::string start) : format_(format), text_(std::move(start)) {}

  void field(std::string_view key, const OwnedValue& value) {
    const auto more = separator() + (format_ == Format::Json ? json(key, value) : logfmt(key, value));
    if (text_.size() + more.size() + kRoomForEnd > kMaxLineBytes) {
      cut_ = true;
    } else {
      text_ += more;
      empty_ = false;
    }
  }
  std::string finish() && {
    if (cut_) text_ += separator() + (format_ == Format::Json ? json(kCutField, true) : logfmt(kCutField, true));
    return std::move(text_) + (format_ == Format::Json ? "}\n" : "\n");
  }

 private:
  static constexpr std::size_t kRoomForEnd = 16;
  std::string separator() const { return empty_ ? "" : format_ == Format::Json ? "," : " "; }
  static std::string logfmt(std::string_view key, const OwnedValue& value) {
    const auto text = plain(value);
    return std::string(key) + "=" + (needs_quotes(text) ? '"' + escape(text) + '"' : text);
  }
  static std::string json(std::string_view key, const OwnedValue& value) {
    const auto start = '"' + std::string(key) + "\":";
    if (std::holds_alternative<std::string>(value) || std::holds_alternative<ScopeId>(value))
      return start + '"' + escape(plain(value)) + '"';
    if (const auto* duration = std::get_if<Duration>(&value))
      return start + number(std::chrono::duration<double>(*duration).count());
    return start + plain(value);
  }

  Format format_;
  std::string text_;
  bool empty_ = true;
  bool cut_ = false;
};

}  // namespace

std::string_view name(Format format) { return format == Format::Json ? "json" : "logfmt"; }

std::optional<std::string> Record::field(std::string_view key) const {
  for (const auto& [mine, value] : fields)
    if (mine == key) return plain(value);
  return std::nullopt;
}

std::string format_line(const Record& record, Format format, bool journald) {
  std::string start;
  if (journald) start = "<" + std::to_string(static_cast<int>(record.level)) + ">";
  if (format == Format::Json) start += "{";
  Line line(format, std::move(start));
  if (!journald) line.field("time", iso_time(record.at));
  if (!journald) line.field("level", std::string(name(record.level)));
  line.field("event", record.event);
  if (record.suppressed > 0) line.field("suppressed", record.suppressed);
  for (const auto& [key, value] : record.fields) line.field(key, value);
  return std::move(line).finish();
}

}  // namespace footbridge::observe
