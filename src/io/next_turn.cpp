#include "io/next_turn.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "io/clock.hpp"

namespace footbridge::io {

NextTurn::NextTurn(asio::any_io_executor executor, Callback callback)
    : executor_(std::move(executor)), state_(std::make_shared<State>(State{std::move(callback)})) {}

NextTurn::~NextTurn() { state_->abandoned = true; }

void NextTurn::ask() {
  if (std::exchange(state_->asked, true)) return;
  asio::post(executor_, [state = state_] {
    if (state->abandoned) return;
    state->asked = false;
    state->callback(now());
  });
}

}  // namespace footbridge::io
