#include "programs/run_loop.hpp"

#include <boost/asio/co_spawn.hpp>
#include <exception>
#include <utility>

namespace footbridge {

RunLoop::RunLoop(SignalsFrom whom) : stop_(context_.get_executor()) {
  io::Signals::Actions actions;
  actions.on_drain = [this] { request_stop(); };
  actions.on_reload = [this] {
    if (on_reload_) on_reload_();
  };
  if (whom == SignalsFrom::Parent) actions.on_second = [] {};
  signals_.emplace(executor(), std::move(actions));
}

void RunLoop::run(asio::awaitable<void> main) {
  asio::co_spawn(executor(), std::move(main), [&](std::exception_ptr error) {
    if (error) failure_ = error;
    context_.stop();  // what is left are waits that nobody needs any more
  });
  context_.run();
  signals_.reset();  // nobody here listens any more
  if (failure_) std::rethrow_exception(failure_);
}

asio::awaitable<void> RunLoop::stop_requested() {
  if (!stopping_) co_await stop_.wait();
}

}  // namespace footbridge
