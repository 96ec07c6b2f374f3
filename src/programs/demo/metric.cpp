#include "programs/demo/metric.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <charconv>
#include <cstdlib>
#include <string>

#include "ops/errors.hpp"

namespace footbridge::demo {
namespace {

constexpr std::size_t kMaxAnswerBytes = 1 << 20;  // a thousand series are 100 KB

}  // namespace

asio::awaitable<std::uint64_t> metric(const Child& program, std::string name) {
  asio::local::stream_protocol::socket socket(co_await asio::this_coro::executor);
  const auto [refused] = co_await socket.async_connect(
      asio::local::stream_protocol::endpoint(program.admin_socket().string()), io::no_throw);
  if (refused) throw ops::RunError("the " + program.name() + "'s admin socket does not answer: " + refused.message());
  const std::string request = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  co_await asio::async_write(socket, asio::buffer(request), io::no_throw);
  std::string answer;
  co_await asio::async_read(socket, asio::dynamic_buffer(answer, kMaxAnswerBytes), io::no_throw);
  const auto line = "\n" + name + " ";
  const auto at = answer.find(line);
  if (at == answer.npos) throw ops::RunError("the " + program.name() + " does not tell " + name);
  co_return static_cast<std::uint64_t>(std::strtod(answer.c_str() + at + line.size(), nullptr));
}

}  // namespace footbridge::demo
