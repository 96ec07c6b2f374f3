#include "programs/run_loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

#include "io/signals.hpp"

namespace footbridge {

void RunLoop::run(asio::awaitable<void> main) {
  std::exception_ptr failure;
  {
    io::Signals signals(executor(), {[this] { request_stop(); },
                                     [this] {
                                       if (on_reload_) on_reload_();
                                     }});
    asio::co_spawn(executor(), std::move(main), [&](std::exception_ptr error) {
      failure = error;
      context_.stop();  // what is left are waits that nobody needs any more
    });
    context_.run();
  }
  if (failure) std::rethrow_exception(failure);
}

asio::awaitable<void> RunLoop::stop_requested() { co_await stop_.wait(); }

}  // namespace footbridge
