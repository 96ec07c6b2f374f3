// with_deadline(limit, op): every wait has an end. nullopt (or false) means that the deadline passed without a result
// and that op was cancelled and has ended. A result that arrives together with the deadline is kept. An exception of
// op propagates at once; so does a cancellation from outside, of any level that the calling coroutine listens to.
//
// The trap: op must not turn operation_aborted into a value, or its deadline looks like that value. Code inside op that
// uses no_throw calls throw_if_aborted(error) first.
//
// Why not `op || timer`: it waits for the first success, so an early failure would be swallowed until the timer fires.
// Costs a coroutine frame and a timer per call: for requests and set-up, not for each packet.
#pragma once

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/cancellation_state.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/system/system_error.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "base/time.hpp"
#include "io/asio.hpp"
#include "io/clock.hpp"

namespace footbridge::io {
namespace deadline_detail {

// co_spawn wants a default-constructible result, which a Result<> is not.
template <class T>
asio::awaitable<std::optional<T>> boxed(asio::awaitable<T> op) {
  co_return co_await std::move(op);
}
inline asio::awaitable<std::optional<bool>> boxed(asio::awaitable<void> op) {
  co_await std::move(op);
  co_return true;
}

// A parallel group can be cancelled once. A gentle level would end its timer, leave op running and make the group deaf
// to the deadline and to a harder level; so whatever level the caller listens to reaches the group as terminal.
class ForwardCancellation {
 public:
  ForwardCancellation(asio::cancellation_slot from, asio::cancellation_signal& to) : from_(from) {
    if (from_.is_connected())
      from_.assign([&to](asio::cancellation_type) { to.emit(asio::cancellation_type::terminal); });
  }
  ~ForwardCancellation() {
    if (from_.is_connected()) from_.clear();
  }
  ForwardCancellation(const ForwardCancellation&) = delete;
  ForwardCancellation& operator=(const ForwardCancellation&) = delete;

 private:
  asio::cancellation_slot from_;
};

template <class T>
asio::awaitable<std::optional<T>> race(TimePoint deadline, asio::awaitable<std::optional<T>> op) {
  auto executor = co_await asio::this_coro::executor;
  asio::steady_timer timer(executor, to_steady(deadline));
  asio::cancellation_signal stop;
  const ForwardCancellation forward((co_await asio::this_coro::cancellation_state).slot(), stop);
  auto [order, error, value, timer_error] =
      co_await asio::experimental::make_parallel_group(asio::co_spawn(executor, std::move(op), asio::deferred),
                                                       timer.async_wait(asio::deferred))
          .async_wait(asio::experimental::wait_for_one(),
                      asio::bind_cancellation_slot(stop.slot(), asio::use_awaitable));
  if (!error) co_return std::move(value);
  // Only a timer that really expired is a deadline: a cancellation from outside ends the timer first, too.
  if (order[0] == 1 && !timer_error) co_return std::nullopt;
  std::rethrow_exception(error);
}

}  // namespace deadline_detail

template <class T>
asio::awaitable<std::optional<T>> with_deadline(TimePoint deadline, asio::awaitable<T> op) {
  return deadline_detail::race<T>(deadline, deadline_detail::boxed(std::move(op)));
}
// For an op without a value: true if it ended in time.
inline asio::awaitable<bool> with_deadline(TimePoint deadline, asio::awaitable<void> op) {
  const auto done = co_await deadline_detail::race<bool>(deadline, deadline_detail::boxed(std::move(op)));
  co_return done.has_value();
}
template <class T>
auto with_deadline(Duration limit, asio::awaitable<T> op) {
  return with_deadline(now() + limit, std::move(op));
}

}  // namespace footbridge::io
