#include "quantity.hpp"

#include <array>
#include <cctype>
#include <charconv>
#include <string>
#include <utility>

#include "source_tree.hpp"

namespace footbridge::policy {
namespace {

struct Unit {
  std::string_view name;
  double factor;
};

constexpr std::array<Unit, 19> kSpecUnits = {{{"ns", 1e-6},
                                              {"µs", 1e-3},
                                              {"us", 1e-3},
                                              {"ms", 1},
                                              {"s", 1000},
                                              {"min", 60e3},
                                              {"h", 3600e3},
                                              {"d", 86400e3},
                                              {"days", 86400e3},
                                              {"day", 86400e3},
                                              {"B", 1},
                                              {"bytes", 1},
                                              {"byte", 1},
                                              {"KiB", 1024},
                                              {"MiB", 1048576},
                                              {"GiB", 1073741824},
                                              {"KB", 1000},
                                              {"MB", 1000000},
                                              {"%", 0.01}}};
constexpr std::array<Unit, 12> kCppTypes = {{{"nanoseconds", 1e-6},
                                             {"microseconds", 1e-3},
                                             {"milliseconds", 1},
                                             {"Millis", 1},
                                             {"seconds", 1000},
                                             {"Seconds", 1000},
                                             {"minutes", 60e3},
                                             {"hours", 3600e3},
                                             {"Minutes", 60e3},
                                             {"Hours", 3600e3},
                                             {"days", 86400e3},
                                             {"Micros", 1e-3}}};
constexpr std::array<Unit, 7> kCppSuffixes = {
    {{"ns", 1e-6}, {"us", 1e-3}, {"ms", 1}, {"s", 1000}, {"min", 60e3}, {"h", 3600e3}, {"d", 86400e3}}};

template <std::size_t N>
std::optional<double> factor_of(const std::array<Unit, N>& units, std::string_view name) {
  for (const auto& unit : units) {
    if (unit.name == name) return unit.factor;
  }
  return std::nullopt;
}

bool is_digit(char c) { return std::isdigit(static_cast<unsigned char>(c)) != 0; }
bool is_name(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

// Takes a number off the front: decimal with separators (' , or a thin blank), a fraction, or 0x….
std::optional<double> take_number(std::string_view& text) {
  std::string digits;
  const bool hex = has_prefix(text, "0x") || has_prefix(text, "0X");
  if (hex) text.remove_prefix(2);
  const auto belongs = [&](char c) {
    return hex ? std::isxdigit(static_cast<unsigned char>(c)) != 0 : is_digit(c) || c == '.';
  };
  while (!text.empty()) {
    const bool separates =
        (text[0] == '\'' || text[0] == ',') && text.size() > 1 && belongs(text[1]) && !digits.empty();
    if (!separates && !belongs(text[0])) break;
    if (!separates) digits += text[0];
    text.remove_prefix(1);
  }
  if (digits.empty()) return std::nullopt;
  if (!hex) return std::stod(digits);
  unsigned long long value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return static_cast<double>(value);
}

// A recursive descent over sums, products, shifts, calls and names: as much of C++ as our constants use.
class Expression {
 public:
  Expression(std::string_view text, const Lookup& lookup) : rest_(text), lookup_(lookup) {}

  std::optional<double> whole() {
    const auto value = shift();
    return value && trim(rest_).empty() ? value : std::nullopt;
  }

 private:
  bool take(std::string_view mark) {
    rest_ = trim(rest_);
    if (!has_prefix(rest_, mark)) return false;
    rest_.remove_prefix(mark.size());
    return true;
  }

  std::optional<double> shift() {
    auto value = sum();
    while (value && take("<<")) {
      const auto by = sum();
      value = by && *by < 63 ? std::optional(*value * static_cast<double>(1ULL << static_cast<unsigned>(*by)))
                             : std::nullopt;
    }
    return value;
  }

  std::optional<double> sum() {
    auto value = product();
    for (;;) {
      const double sign = take("+") ? 1 : take("-") ? -1 : 0;
      if (!value || sign == 0) return value;
      const auto other = product();
      value = other ? std::optional(*value + sign * *other) : std::nullopt;
    }
  }

  std::optional<double> product() {
    auto value = term();
    for (;;) {
      const bool times = take("*");
      if (!value || (!times && !take("/"))) return value;
      const auto other = term();
      value = other && (times || *other != 0) ? std::optional(times ? *value * *other : *value / *other) : std::nullopt;
    }
  }

  std::optional<double> bracketed() {
    const auto value = shift();
    return take(")") || take("}") ? value : std::nullopt;
  }

  std::optional<double> term() {
    rest_ = trim(rest_);
    if (take("(") || take("{")) return bracketed();
    if (!rest_.empty() && is_digit(rest_[0])) return literal();
    const auto name = take_name();
    if (name.empty()) return std::nullopt;
    if (!take("{") && !take("(")) return lookup_(name);
    const auto inner = bracketed();
    const auto scale = factor_of(kCppTypes, name).value_or(1);
    return inner ? std::optional(*inner * scale) : std::nullopt;
  }

  std::optional<double> literal() {
    const auto value = take_number(rest_);
    std::size_t end = 0;
    while (end < rest_.size() && is_name(rest_[end])) ++end;
    const auto suffix = rest_.substr(0, end);
    rest_.remove_prefix(end);
    if (const auto scale = factor_of(kCppSuffixes, suffix)) return *value * *scale;
    return suffix.find_first_not_of("uUlLzZfF") == std::string_view::npos ? value : std::nullopt;
  }

  // The last part of a name that may be qualified.
  std::string_view take_name() {
    std::string_view last;
    do {
      std::size_t end = 0;
      while (end < rest_.size() && is_name(rest_[end])) ++end;
      last = rest_.substr(0, end);
      rest_.remove_prefix(end);
    } while (!last.empty() && take("::"));
    return last;
  }

  std::string_view rest_;
  const Lookup& lookup_;
};

}  // namespace

std::optional<double> parse_spec_quantity(std::string_view text) {
  text = trim(text);
  while (!text.empty() && (text.front() == '`' || text.front() == '*')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == '`' || text.back() == '*')) text.remove_suffix(1);
  const auto value = take_number(text);
  if (!value) return std::nullopt;
  const auto unit = trim(text);
  if (unit.empty()) return value;
  const auto factor = factor_of(kSpecUnits, unit);
  return factor ? std::optional(*value * *factor) : std::nullopt;
}

std::optional<double> parse_cpp_quantity(std::string_view expression, const Lookup& lookup) {
  return Expression(expression, lookup).whole();
}

}  // namespace footbridge::policy
