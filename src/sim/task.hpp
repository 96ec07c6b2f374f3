// Task: something to do later, kept in place: a callable of up to kTaskBytes, moved but never copied, without an
// allocation. The payload of an event queue whose events number in the hundred thousands.
// Ownership: it owns what it captured; what it refers to outlives it, or is looked up when it runs. Thread: one.
#pragma once

#include <array>
#include <cstddef>
#include <new>
#include <type_traits>
#include <utility>

#include "base/assert.hpp"

namespace footbridge::sim {

// A message, who it is for, two numbers and what a broker knows of its sender: nothing captures more.
inline constexpr std::size_t kTaskBytes = 96;

class Task {
 public:
  Task() = default;
  template <class Callable>
    requires(!std::is_same_v<std::remove_cvref_t<Callable>, Task>)
  Task(Callable&& callable) {  // NOLINT: whatever can be called is a task
    using Held = std::remove_cvref_t<Callable>;
    static_assert(sizeof(Held) <= kTaskBytes && alignof(Held) <= alignof(std::max_align_t));
    static_assert(std::is_nothrow_move_constructible_v<Held>);
    new (place_.data()) Held(std::forward<Callable>(callable));
    call_ = [](std::byte* at) { (*std::launder(reinterpret_cast<Held*>(at)))(); };
    move_ = [](std::byte* from, std::byte* to) {
      auto* held = std::launder(reinterpret_cast<Held*>(from));
      if (to != nullptr) new (to) Held(std::move(*held));
      held->~Held();
    };
  }
  Task(Task&& other) noexcept { take(other); }
  Task& operator=(Task&& other) noexcept {
    if (this == &other) return *this;
    drop();
    take(other);
    return *this;
  }
  Task(const Task&) = delete;
  Task& operator=(const Task&) = delete;
  ~Task() { drop(); }

  void operator()() {
    FB_ASSERT(call_ != nullptr);
    call_(place_.data());
  }

 private:
  using Call = void (*)(std::byte* at);
  using Move = void (*)(std::byte* from, std::byte* to);  // to null: destroy only

  void take(Task& other) {
    call_ = std::exchange(other.call_, nullptr);
    move_ = std::exchange(other.move_, nullptr);
    if (move_ != nullptr) move_(other.place_.data(), place_.data());
  }
  void drop() {
    if (move_ != nullptr) move_(place_.data(), nullptr);
    move_ = nullptr;
  }

  alignas(std::max_align_t) std::array<std::byte, kTaskBytes> place_;
  Call call_ = nullptr;
  Move move_ = nullptr;
};

}  // namespace footbridge::sim
