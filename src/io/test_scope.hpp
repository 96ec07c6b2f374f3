// TestScope: the TaskScope of a test's own coroutines; one that fails fails the test. Threads: the executor's one.
#pragma once

#include <exception>
#include <gtest/gtest.h>
#include <utility>

#include "io/task_scope.hpp"

namespace footbridge::io {

class TestScope : public TaskScope {
 public:
  explicit TestScope(asio::any_io_executor executor)
      : TaskScope(std::move(executor), "test",
                  [](const std::exception_ptr&) { ADD_FAILURE() << "a child ended by an exception; see the log"; }) {}
};

}  // namespace footbridge::io
