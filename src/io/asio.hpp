// The names by which our code speaks of Asio, and the one completion token we use in coroutines.
// Include the narrow Boost header of what you use beside this one; never <boost/asio.hpp>.
//
// Threads: one io_context(1) per thread; everything below belongs to the thread that runs it.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/system/error_code.hpp>
#include <boost/system/system_error.hpp>
#include <exception>

namespace footbridge {

namespace asio = boost::asio;

namespace io {

using asio::ip::tcp;
using boost::system::error_code;

// `auto [error, count] = co_await socket.async_read_some(buffer, no_throw);`: the failure is ordinary control flow.
inline constexpr asio::as_tuple_t<asio::use_awaitable_t<>> no_throw{asio::use_awaitable};

// Being cancelled is not a failure of the operation: it ends the coroutine.
inline void throw_if_aborted(const error_code& error) {
  if (error == asio::error::operation_aborted) throw boost::system::system_error(error);
}

inline bool is_cancellation(const std::exception_ptr& error) {
  try {
    std::rethrow_exception(error);
  } catch (const boost::system::system_error& failure) {
    return failure.code() == asio::error::operation_aborted;
  } catch (...) {
    return false;
  }
}

}  // namespace io
}  // namespace footbridge
