// kv("took", ms): one field of a log event. What can be a field is decided by the compiler: numbers, bools, text,
// durations, ScopeId and enums that have a name(). Private<T> and addresses cannot: there is no overload for them.
//
// A KeyValue borrows text from its argument and lives inside one log(…) expression only.
#pragma once

#include <chrono>
#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "base/private.hpp"
#include "base/time.hpp"
#include "observe/scope_id.hpp"

namespace footbridge::observe {

// Compile-time check of the names we print; a bad literal fails to compile in the constructor of Key or Event.
consteval bool is_plain_name(std::string_view text, char joiner) {
  if (text.empty() || text.size() > 48) return false;
  for (const char c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == joiner)) return false;
  return true;
}

// The name of a field: a literal of lower-case letters, digits and '_'.
class Key {
 public:
  consteval Key(const char* literal) : text_(literal) {  // NOLINT: a literal *is* a key
    if (!is_plain_name(text_, '_')) throw "a key is lower-case letters, digits and '_'";
  }
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

using Value = std::variant<bool, std::int64_t, std::uint64_t, double, Duration, ScopeId, std::string_view>;

struct KeyValue {
  std::string_view key;
  Value value;
};

template <class E>
concept NamedEnum = std::is_enum_v<E> && requires(E e) {
  { name(e) } -> std::convertible_to<std::string_view>;
};

inline KeyValue kv(Key key, std::same_as<bool> auto value) { return {key.text(), value}; }
inline KeyValue kv(Key key, std::string_view value) { return {key.text(), value}; }
inline KeyValue kv(Key key, const std::string& value) { return {key.text(), std::string_view(value)}; }
inline KeyValue kv(Key key, const char* value) { return {key.text(), std::string_view(value)}; }
inline KeyValue kv(Key key, ScopeId value) { return {key.text(), value}; }
inline KeyValue kv(Key key, std::floating_point auto value) { return {key.text(), static_cast<double>(value)}; }
inline KeyValue kv(Key key, std::signed_integral auto value) { return {key.text(), static_cast<std::int64_t>(value)}; }
inline KeyValue kv(Key key, std::unsigned_integral auto value)
  requires(!std::same_as<decltype(value), bool>)
{
  return {key.text(), static_cast<std::uint64_t>(value)};
}
template <class Rep, class Period>
KeyValue kv(Key key, std::chrono::duration<Rep, Period> value) {
  return {key.text(), std::chrono::duration_cast<Duration>(value)};
}
template <NamedEnum E>
KeyValue kv(Key key, E value) {
  return {key.text(), std::string_view(name(value))};
}

// Deleted, so that the refusal reads as what it is; other types (addresses, byte views, pointers) match nothing.
template <class T>
KeyValue kv(Key key, const Private<T>& value) = delete;
template <class T>
  requires(!std::same_as<std::remove_cv_t<T>, char>)
KeyValue kv(Key key, T* value) = delete;

template <class T>
concept Loggable = requires(const T& value) { kv("key", value); };

}  // namespace footbridge::observe
