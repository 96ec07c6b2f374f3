// Result<T, E>: a value or the reason there is none. E is an enum class of the layer; the doc comment of each of its
// values says what the caller does. Stands in for std::expected, which neither of our compilers' libraries has in
// C++20.
#pragma once

#include <optional>
#include <utility>
#include <variant>

#include "base/assert.hpp"

namespace footbridge {

template <class T, class E>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}  // NOLINT: a value *is* a result
  Result(E error) : state_(std::in_place_index<1>, error) {}             // NOLINT: and so is an error

  bool ok() const { return state_.index() == 0; }
  explicit operator bool() const { return ok(); }

  T& value() & { return FB_ASSERT(ok()), std::get<0>(state_); }
  const T& value() const& { return FB_ASSERT(ok()), std::get<0>(state_); }
  T&& value() && { return FB_ASSERT(ok()), std::get<0>(std::move(state_)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  E error() const { return FB_ASSERT(!ok()), std::get<1>(state_); }

 private:
  std::variant<T, E> state_;
};

// Success without a value, or the reason.
template <class E>
class [[nodiscard]] Status {
 public:
  Status() = default;
  Status(E error) : error_(error) {}  // NOLINT: an error *is* a status

  bool ok() const { return !error_.has_value(); }
  explicit operator bool() const { return ok(); }
  E error() const { return FB_ASSERT(error_.has_value()), *error_; }

 private:
  std::optional<E> error_;
};

}  // namespace footbridge
