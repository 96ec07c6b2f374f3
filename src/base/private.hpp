// Private<T>: addresses, host names, SDP, tokens and user agents. It cannot be printed, logged or compared by
// accident: there is no operator<< and no formatter, and the one exit is named for where the value may go.
#pragma once

#include <utility>

namespace footbridge {

template <class T>
class Private {
 public:
  Private() = default;
  explicit Private(T value) : value_(std::move(value)) {}

  // The value on its way to a socket, a parser or a comparison; never to a log, a metric or an error text.
  const T& reveal_to_socket() const& { return value_; }
  T reveal_to_socket() && { return std::move(value_); }

  friend bool operator==(const Private&, const Private&) = default;

 private:
  T value_{};
};

}  // namespace footbridge
