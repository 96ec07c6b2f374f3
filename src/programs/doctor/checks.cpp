#include "programs/doctor/checks.hpp"

#include <utility>

#include "io/finally.hpp"
#include "io/with_deadline.hpp"

namespace footbridge::doctor {

// However its coroutine ends.
struct Checks::Counted {
  ~Counted() {
    checks.progress_(++checks.over_, checks.all_);
    if (checks.over_ == checks.all_) checks.all_over_.notify();
  }
  Checks& checks;
};

Checks::Checks(asio::any_io_executor executor, OnProgress progress)
    : progress_(std::move(progress)), all_over_(executor), scope_(executor, "doctor", io::TaskScope::kOthersGoOn) {}

void Checks::spawn(asio::awaitable<void> check) {
  ++all_;
  scope_.spawn(counted(std::move(check)));
}

asio::awaitable<void> Checks::counted(asio::awaitable<void> check) {
  const Counted counted{*this};
  co_await std::move(check);
}

asio::awaitable<void> Checks::run(Duration limit) {
  progress_(over_, all_);
  co_await io::finally(wait(limit), close());
}

asio::awaitable<void> Checks::wait(Duration limit) {
  const auto all_over = [](io::Wakeup& over) -> asio::awaitable<void> {
    if (!co_await over.wait()) io::throw_if_aborted(asio::error::operation_aborted);
  };
  if (over_ < all_) static_cast<void>(co_await io::with_deadline(limit, all_over(all_over_)));
}

asio::awaitable<void> Checks::close() {
  scope_.cancel();
  co_await scope_.join();
}

}  // namespace footbridge::doctor
