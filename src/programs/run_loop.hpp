// RunLoop: the one thread of a program. It runs the program's main coroutine to its end and tells it when to stop.
//
//   RunLoop loop;
//   loop.run(serve(loop, options));        // serve(): …; co_await loop.stop_requested(); drain; co_return;
//
// The first SIGINT or SIGTERM requests the stop, the second ends the process at once, unless it is a parent's. SIGHUP
// calls on_reload. Signals are ours from the constructor until run() returns: one that comes before run() is heard when
// it runs.
// Errors: what leaves the main coroutine as an exception leaves run(), and so does what fail() was told, after the
// program has stopped in order. Threads: the caller's.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <exception>
#include <functional>
#include <optional>

#include "io/asio.hpp"
#include "io/signals.hpp"
#include "io/wakeup.hpp"

namespace footbridge {

// Who sends our signals. A person who sends a second one insists. A parent that goes sends one, the kernel another one
// for it, and a service manager a third to the whole group; their drain is short anyway.
enum class SignalsFrom : std::uint8_t { Person, Parent };

class RunLoop {
 public:
  explicit RunLoop(SignalsFrom whom = SignalsFrom::Person);

  asio::any_io_executor executor() { return context_.get_executor(); }
  void on_reload(std::function<void()> action) { on_reload_ = std::move(action); }

  void run(asio::awaitable<void> main);

  // Returns when somebody asked to stop, now or before; from one coroutine at a time.
  asio::awaitable<void> stop_requested();
  // The same from the program's side: something it cannot live without has ended.
  void request_stop() {
    stopping_ = true;
    stop_.notify();
  }
  // The on_failure of scopes whose children the program cannot live without.
  std::function<void(std::exception_ptr)> fail() {
    return [this](const std::exception_ptr& why) {
      if (!failure_) failure_ = why;
      request_stop();
    };
  }

 private:
  asio::io_context context_{1};
  io::Wakeup stop_;
  bool stopping_ = false;
  std::exception_ptr failure_;  // the first
  std::function<void()> on_reload_;
  std::optional<io::Signals> signals_;
};

}  // namespace footbridge
