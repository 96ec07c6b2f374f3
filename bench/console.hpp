// Console: how a load program is led: each line on standard input asks for something, each line on standard output
// answers one. Whoever measures reads clocks between two answers, so that nothing is counted that was not asked for.
// Threads: the executor's one thread.
#pragma once

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <cstdio>
#include <optional>
#include <string>
#include <unistd.h>
#include <utility>

#include "io/asio.hpp"

namespace footbridge::bench {

class Console {
 public:
  explicit Console(asio::any_io_executor executor) : input_(executor, dup(STDIN_FILENO)) {}

  // The next line without its end; nullopt: whoever led us has gone.
  asio::awaitable<std::optional<std::string>> next_line() {
    const auto [error, count] =
        co_await asio::async_read_until(input_, asio::dynamic_buffer(text_), '\n', io::no_throw);
    if (error) co_return std::nullopt;
    auto line = text_.substr(0, count - 1);
    text_.erase(0, count);
    co_return line;
  }
  static void answer(const std::string& line) {
    std::puts(line.c_str());
    std::fflush(stdout);
  }

 private:
  asio::posix::stream_descriptor input_;
  std::string text_;
};

}  // namespace footbridge::bench
