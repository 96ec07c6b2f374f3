#include "io/portmap/upnp_way.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include "io/portmap/igd.hpp"

namespace footbridge::io {

using core::MapFailure;

struct UpnpWay::State {
  // The coroutine that waits; known to the loop's thread only.
  struct Waiter {
    asio::steady_timer timer;
    std::optional<Answer> answer;
  };

  explicit State(asio::any_io_executor given) : executor(std::move(given)) {}
  static void work(std::shared_ptr<State> self, core::PortLeases::Question question, HomeRouter home);

  asio::any_io_executor executor;  // valid for the thread while !closed
  Waiter* waiter = nullptr;        // loop's thread only
  std::uint64_t asked = 0;         // loop's thread only: which question the waiter waits for

  std::mutex mutex;  // guards everything below
  std::condition_variable changed;
  std::unique_ptr<Igd> igd;  // taken out by the thread that uses it
  std::uint64_t generation = 0;
  bool busy = false;
  bool closed = false;
};

// The library's calls happen outside the lock; they may take as long as the router likes.
void UpnpWay::State::work(std::shared_ptr<State> self, core::PortLeases::Question question, HomeRouter home) {
  std::unique_lock lock(self->mutex);
  auto igd = std::move(self->igd);
  const auto generation = self->generation;
  lock.unlock();
  Answer answer = MapFailure::Silent;
  if (igd == nullptr && question.lifetime > Seconds{0}) igd = Igd::find(home);
  if (igd != nullptr) answer = igd->map(question);
  // Another description next time: the router may have restarted with other URLs.
  if (!answer && answer.error() == MapFailure::Silent) igd.reset();
  lock.lock();
  if (generation == self->generation) self->igd = std::move(igd);
  self->busy = false;
  // Under the lock: once `closed` is set, the io_context may be gone.
  if (!self->closed)
    asio::post(self->executor, [self, id = question.id, answer = std::move(answer)] {
      if (self->waiter == nullptr || self->asked != id) return;  // gave up meanwhile
      self->waiter->answer = answer;
      self->waiter->timer.cancel();
    });
  self->changed.notify_all();
}

UpnpWay::UpnpWay(asio::any_io_executor executor, std::function<std::optional<HomeRouter>()> find)
    : executor_(executor), find_(std::move(find)), state_(std::make_shared<State>(std::move(executor))) {}

UpnpWay::~UpnpWay() {
  std::unique_lock lock(state_->mutex);
  state_->closed = true;
  state_->changed.wait_for(lock, kUpnpLeaveLimit, [&] { return !state_->busy; });
}

void UpnpWay::forget() {
  const std::lock_guard lock(state_->mutex);
  ++state_->generation;
  state_->igd.reset();
}

asio::awaitable<PortMapWay::Answer> UpnpWay::ask(core::PortLeases::Question question) {
  const auto state = state_;
  const auto home = find_();
  if (!home) co_return MapFailure::NoRouter;
  {
    const std::lock_guard lock(state->mutex);
    if (state->busy) co_return MapFailure::Silent;  // still with an earlier question
    try {
      std::thread(&State::work, state, question, *home).detach();  // see the header on why nobody joins it
    } catch (const std::system_error&) {
      co_return MapFailure::Silent;  // no thread to be had
    }
    state->busy = true;
  }
  State::Waiter waiter{asio::steady_timer(executor_), std::nullopt};
  waiter.timer.expires_after(kUpnpLimit);
  state->waiter = &waiter;
  state->asked = question.id;
  struct Leave {
    State& state;
    ~Leave() { state.waiter = nullptr; }
  } leave{*state};
  const auto [error] = co_await waiter.timer.async_wait(no_throw);
  if (waiter.answer) co_return std::move(*waiter.answer);
  throw_if_aborted(error);
  co_return MapFailure::Silent;
}

}  // namespace footbridge::io
