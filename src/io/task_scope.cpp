#include "io/task_scope.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <utility>

#include "base/assert.hpp"
#include "io/scope_counts.hpp"
#include "observe/log.hpp"

namespace footbridge::io {
namespace {

void log_failure(ScopeName name, const std::exception_ptr& error) {
  const auto say = [name](std::string_view why) {
    observe::log(observe::Level::Err, "task-failed", observe::kv("task", name.text()), observe::kv("why", why));
  };
  try {
    std::rethrow_exception(error);
  } catch (const std::exception& failure) {
    say(failure.what());
  } catch (...) {
    say("an exception without a description");
  }
}

bool runs_on_this_thread(const asio::any_io_executor& executor) {
  const auto* const loop = executor.target<asio::io_context::executor_type>();
  return loop == nullptr || loop->running_in_this_thread();  // other kinds cannot say, and nothing of ours has one
}

}  // namespace

TaskScope::TaskScope(asio::any_io_executor executor, ScopeName name, OnFailure on_failure)
    : executor_(std::move(executor)),
      name_(name),
      on_failure_(std::move(on_failure)),
      emptied_(executor_, asio::steady_timer::time_point::max()) {
  FB_ASSERT(on_failure_);
  scope_count(name_.text()).scopes.fetch_add(1, std::memory_order_relaxed);
}
TaskScope::TaskScope(asio::any_io_executor executor, ScopeName name, OthersGoOn)
    : TaskScope(std::move(executor), name, [](const std::exception_ptr&) {}) {}

TaskScope::~TaskScope() {
  FB_ASSERT(children_.empty());
  scope_count(name_.text()).scopes.fetch_sub(1, std::memory_order_relaxed);
}

void TaskScope::spawn(asio::awaitable<void> child) {
  children_.emplace_back();
  scope_count(name_.text()).tasks.fetch_add(1, std::memory_order_relaxed);
  const auto position = std::prev(children_.end());
  asio::co_spawn(executor_, std::move(child),
                 asio::bind_cancellation_slot(position->signal.slot(), [this, position](std::exception_ptr error) {
                   on_finished(position, std::move(error));
                 }));
}

void TaskScope::on_finished(Position child, std::exception_ptr error) {
  child->finished = true;
  scope_count(name_.text()).tasks.fetch_sub(1, std::memory_order_relaxed);
  if (error && !is_cancellation(error)) {
    log_failure(name_, error);
    on_failure_(error);
  }
  if (!emitting_) sweep();
}

void TaskScope::sweep() {
  children_.remove_if([](const Child& child) { return child.finished; });
  if (children_.empty()) emptied_.cancel();
}

void TaskScope::cancel(asio::cancellation_type level) {
  FB_ASSERT(runs_on_this_thread(executor_));
  if (emitting_) return;  // a child that cancels its own scope while being cancelled asks for what is happening
  emitting_ = true;
  auto remaining = children_.size();  // a child may spawn another while it is being cancelled; that one goes on
  for (auto child = children_.begin(); remaining > 0; ++child, --remaining)
    if (!child->finished) child->signal.emit(level);
  emitting_ = false;
  sweep();
}

asio::awaitable<void> TaskScope::join() {
  // The empty slot: whoever cancels the joining coroutine must not leave children behind it.
  while (!children_.empty())
    co_await emptied_.async_wait(asio::bind_cancellation_slot(asio::cancellation_slot(), no_throw));
}

}  // namespace footbridge::io
