#include "programs/demo/progress_bar.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <unistd.h>

namespace footbridge::demo {
namespace {

constexpr Millis kRedraw{100};
constexpr std::size_t kBarChars = 40;

}  // namespace

ProgressBar::ProgressBar(bool wanted) : on_(wanted && ::isatty(STDERR_FILENO) == 1) {}

void ProgressBar::show(TimePoint now, std::uint64_t bytes, std::uint64_t of) {
  if (!started_) started_ = now;
  if (!on_ || (now < next_ && bytes != of)) return;
  next_ = now + kRedraw;
  const auto share = of == 0 ? 0.0 : static_cast<double>(bytes) / static_cast<double>(of);
  const auto seconds = std::chrono::duration<double>(now - *started_).count();
  const auto speed = seconds > 0 ? static_cast<double>(bytes) / 1e6 / seconds : 0.0;
  const auto filled = static_cast<std::size_t>(share * kBarChars);
  const auto line =
      fmt::format("\r  [{:<{}}] {:3.0f} %  {:6.1f} MB/s", std::string(filled, '#'), kBarChars, share * 100, speed);
  std::fputs(line.c_str(), stderr);
}

void ProgressBar::finish() {
  if (on_ && started_) std::fputs("\n", stderr);
}

}  // namespace footbridge::demo
