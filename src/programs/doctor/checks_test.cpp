#include "programs/doctor/checks.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>
#include <stdexcept>
#include <vector>

#include "io/clock.hpp"

namespace footbridge::doctor {
namespace {

constexpr Seconds kLimit{20};

asio::awaitable<void> good() { co_return; }
asio::awaitable<void> failing() {
  co_await asio::post(co_await asio::this_coro::executor, asio::use_awaitable);
  throw std::runtime_error("no more descriptors");
}
asio::awaitable<void> waiting(io::Wakeup& never) { static_cast<void>(co_await never.wait()); }

class DoctorChecks : public testing::Test {
 protected:
  Duration run(Duration limit) {
    const auto began = io::now();
    asio::co_spawn(context_, checks_.run(limit), [](const std::exception_ptr& error) { EXPECT_FALSE(error); });
    context_.run();
    return io::now() - began;
  }
  asio::io_context context_{1};
  std::vector<std::size_t> over_;
  Checks checks_{context_.get_executor(), [this](std::size_t over, std::size_t) { over_.push_back(over); }};
};

TEST_F(DoctorChecks, DoNotWaitForOneThatFailed) {
  checks_.spawn(failing());
  checks_.spawn(good());
  EXPECT_LT(run(kLimit), kLimit / 2);
  EXPECT_EQ(over_.back(), 2U);
}

TEST_F(DoctorChecks, CutOffWhatTakesTooLong) {
  io::Wakeup never(context_.get_executor());
  checks_.spawn(waiting(never));
  EXPECT_LT(run(Millis{1}), kLimit / 2);
}

TEST_F(DoctorChecks, AreOverAtOnceWhereThereAreNone) { EXPECT_LT(run(kLimit), kLimit / 2); }

}  // namespace
}  // namespace footbridge::doctor
