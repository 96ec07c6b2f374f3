// TaskScope owns coroutines: it spawns, cancels and joins them. Nothing is ever detached.
//
// Ownership: children may refer to everything that outlives the scope. Destroying a scope with live children is a
// broken invariant and aborts: cancel() and join() first, or cancel() and run the io_context until empty().
// Errors: an exception that leaves a child ends this child, and is never silent: it is logged as "task-failed" with the
// scope's name, and whoever makes a scope says what else it means: on_failure, or kOthersGoOn. (operation_aborted is
// the ordinary end of a cancelled child and no failure.) Threads: the executor's one thread.
#pragma once

#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstddef>
#include <exception>
#include <functional>
#include <list>
#include <string_view>

#include "io/asio.hpp"
#include "observe/key_value.hpp"

namespace footbridge::io {

// What a scope is called in the log: a literal of lower-case letters, digits and '-'.
class ScopeName {
 public:
  consteval ScopeName(const char* literal) : text_(literal) {  // NOLINT: a literal *is* a name
    if (!observe::is_plain_name(text_, '-')) throw "a scope's name is lower-case letters, digits and '-'";
  }
  constexpr std::string_view text() const { return text_; }

 private:
  std::string_view text_;
};

class TaskScope {
 public:
  // Called after the failure was logged, in the turn in which the child ended: ends what cannot live without it.
  using OnFailure = std::function<void(std::exception_ptr)>;
  // For children that have nothing to do with each other, such as connections: the failed one's own are its
  // destructors.
  static constexpr struct OthersGoOn {
  } kOthersGoOn{};

  TaskScope(asio::any_io_executor executor, ScopeName name, OnFailure on_failure);
  TaskScope(asio::any_io_executor executor, ScopeName name, OthersGoOn);
  ~TaskScope();
  TaskScope(const TaskScope&) = delete;
  TaskScope& operator=(const TaskScope&) = delete;

  // Starts the child in a later turn of the loop, so spawn() may be called from anywhere.
  void spawn(asio::awaitable<void> child);

  // total: finish the current message and say goodbye (children opt in); terminal: return now.
  // Reaches the children of this moment; later ones are not affected. Only from inside the running loop, anything else
  // is a broken invariant: from outside, Asio puts off the cancellation and finds the child's signal gone when the
  // child ends first (asio#1332).
  void cancel(asio::cancellation_type level = asio::cancellation_type::terminal);

  // Returns when no child is left. Cannot be interrupted; a caller that may have been cancelled already first does
  // `co_await asio::this_coro::reset_cancellation_state(asio::disable_cancellation());`, or Asio throws before joining.
  asio::awaitable<void> join();

  std::size_t size() const { return children_.size(); }
  bool empty() const { return children_.empty(); }

 private:
  struct Child {
    asio::cancellation_signal signal;
    bool finished = false;
  };
  using Position = std::list<Child>::iterator;
  void on_finished(Position child, std::exception_ptr error);
  void sweep();

  asio::any_io_executor executor_;
  ScopeName name_;
  OnFailure on_failure_;
  std::list<Child> children_;
  asio::steady_timer emptied_;  // never expires: cancelled when the last child is gone
  bool emitting_ = false;       // a child that ends inside cancel() is swept afterwards
};

}  // namespace footbridge::io
