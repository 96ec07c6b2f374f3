// unless(end, op): runs op, unless `end` happens first. nullopt: it did, and op was cancelled and has ended. A result
// that arrives together with the end is kept; an exception of op propagates. `end` must not throw but on cancellation.
// Threads: the executor's one thread.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/asio/this_coro.hpp>
#include <exception>
#include <optional>
#include <utility>

#include "io/asio.hpp"

namespace footbridge::io {
namespace unless_detail {

// co_spawn wants a default-constructible result.
template <class T>
asio::awaitable<std::optional<T>> boxed(asio::awaitable<T> op) {
  co_return co_await std::move(op);
}

}  // namespace unless_detail

template <class T>
asio::awaitable<std::optional<T>> unless(asio::awaitable<void> end, asio::awaitable<T> op) {
  auto executor = co_await asio::this_coro::executor;
  auto [order, end_error, error, value] =
      co_await asio::experimental::make_parallel_group(
          asio::co_spawn(executor, std::move(end), asio::deferred),
          asio::co_spawn(executor, unless_detail::boxed(std::move(op)), asio::deferred))
          .async_wait(asio::experimental::wait_for_one(), asio::use_awaitable);
  if (!error) co_return std::move(value);
  if (order[0] == 0 && !end_error) co_return std::nullopt;
  std::rethrow_exception(error);
}

}  // namespace footbridge::io
