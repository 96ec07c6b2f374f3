// Our end of an interop test: echo_peer offer|answer reliable|unreliable COUNT LARGEST [dtls-server]
//
// Descriptions travel as single lines of base64url on stdout and stdin. The offerer sends COUNT messages and checks
// that each comes back as it went; the answerer returns what it gets. Ends with one line "RESULT key=value …" and exit
// status 0, or 1 when something was wrong. The messages are defined once here and once in each other peer (page.html,
// pion_echo.go): byte j of message i is (31·i + j) mod 256, and where there is room the first four bytes are i.
#include <array>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <functional>
#include <iostream>
#include <memory>
#include <string>

#include "base/encoding.hpp"
#include "transport/webrtc/engine.hpp"

namespace footbridge::webrtc {
namespace {

constexpr std::chrono::seconds kGiveUp{60};
constexpr std::chrono::milliseconds kLastOnes{1'500};  // how long an unreliable offerer waits for stragglers
constexpr std::size_t kIndexBytes = 4;
constexpr std::size_t kMaxUnanswered = 1'000;  // an unreliable echo must not overrun the other side's send buffer

std::size_t size_of(std::size_t i, bool reliable, std::size_t largest) {
  if (!reliable) return std::array<std::size_t, 4>{1'132, 4'528, 9'056, kIndexBytes + i % 1'100}[i % 4];
  if (i % 501 == 500) return largest;
  if (i % 97 == 96) return 1 + i * 13 % 20'000;
  return 1 + i % 1'200;
}

Bytes message(std::size_t i, bool reliable, std::size_t largest) {
  Bytes out(size_of(i, reliable, largest));
  for (std::size_t j = 0; j < out.size(); ++j) out[j] = static_cast<std::byte>(31 * i + j);
  if (out.size() >= kIndexBytes)
    for (std::size_t j = 0; j < kIndexBytes; ++j) out[j] = static_cast<std::byte>(i >> (24 - 8 * j));
  return out;
}

class EchoPeer final : public LinkEvents {
 public:
  EchoPeer(bool offerer, bool reliable, std::size_t count, std::size_t largest, bool dtls_server)
      : offerer_(offerer),
        reliable_(reliable),
        count_(count),
        largest_(largest),
        engine_(engine_config()),
        deadline_(io_),
        quiet_(io_) {
    LinkConfig config{.reliability = reliable ? Reliability::Reliable : Reliability::Unreliable,
                      .answer_as_dtls_server = dtls_server};
    if (offerer_) {
      link_ = engine_.offer(io_.get_executor(), config, *this);
    } else {
      link_ = engine_.answer(io_.get_executor(), config, read_description(), *this);
    }
    deadline_.expires_after(kGiveUp);
    deadline_.async_wait([this](auto error) {
      if (!error) io_.stop();
    });
  }

  int run() {
    io_.run();
    const auto seconds = std::chrono::duration<double>(finished_ - opened_).count();
    const bool ok =
        wrong_ == 0 && (reliable_ || !offerer_ ? echoed_ == count_ || !offerer_ : echoed_ * 10 >= count_ * 9);
    std::printf("RESULT ok=%d echoed=%zu wrong=%zu received=%zu end=%s seconds=%.2f\n", ok ? 1 : 0, echoed_, wrong_,
                received_, end_ ? std::string(name(*end_)).c_str() : "none", seconds);
    return ok ? 0 : 1;
  }

 private:
  static EngineConfig engine_config() {
    EngineConfig config;
    config.allow_private_candidates = true;
    return config;
  }
  static Private<std::string> read_description() {
    std::string line;
    std::getline(std::cin, line);
    const auto text = parse_base64url(line);
    return Private(text ? to_string(*text) : std::string());
  }

  void on_local_description(TimePoint, Private<std::string> sdp) override {
    std::printf("%s\n", encode_base64url(as_bytes(sdp.reveal_to_socket())).c_str());
    std::fflush(stdout);
    if (offerer_ && !link_->accept_answer(read_description(), LinkKind::DataChannel)) io_.stop();
  }
  void on_open(TimePoint) override {
    opened_ = finished_ = std::chrono::steady_clock::now();
    if (offerer_) fill();
  }
  void on_messages(TimePoint, std::span<const ByteView> batch) override {
    received_ += batch.size();
    finished_ = std::chrono::steady_clock::now();
    for (const auto& one : batch) offerer_ ? check(one) : waiting_.push_back(to_bytes(one));
    if (!offerer_) return give_back();
    if (echoed_ == count_) return link_->close(PipeEnd::Local);
    fill();
  }
  void on_drained(TimePoint) override { offerer_ ? fill() : give_back(); }
  void on_closed(TimePoint, PipeEnd end) override {
    end_ = end;
    io_.stop();
  }

  void fill() {
    while (may_send() && link_->backlog_bytes() == 0 && link_->send(message(sent_, reliable_, largest_))) ++sent_;
    link_->flush();
    if (sent_ == count_ && !reliable_) expect_stragglers();
  }
  bool may_send() const { return sent_ < count_ && (reliable_ || sent_ - received_ < kMaxUnanswered); }
  void expect_stragglers() {
    quiet_.expires_after(kLastOnes);
    quiet_.async_wait([this](auto error) {
      if (!error) link_->close(PipeEnd::Local);
    });
  }
  void give_back() {
    while (!waiting_.empty() && link_->backlog_bytes() == 0 && link_->send(waiting_.front())) waiting_.pop_front();
    link_->flush();
  }
  void check(ByteView got) {
    std::size_t i = echoed_;
    if (!reliable_) {
      i = 0;
      for (const auto b : got.first(std::min(got.size(), kIndexBytes))) i = i << 8 | std::to_integer<std::size_t>(b);
    }
    const auto expected = message(i, reliable_, largest_);
    if (std::equal(got.begin(), got.end(), expected.begin(), expected.end())) {
      ++echoed_;
    } else {
      ++wrong_;
    }
  }

  bool offerer_;
  bool reliable_;
  std::size_t count_;
  std::size_t largest_;
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io_.get_executor()};
  Engine engine_;
  boost::asio::steady_timer deadline_;
  boost::asio::steady_timer quiet_;
  std::unique_ptr<Link> link_;
  std::size_t sent_ = 0;
  std::size_t echoed_ = 0;
  std::size_t wrong_ = 0;
  std::size_t received_ = 0;
  std::deque<Bytes> waiting_;
  std::chrono::steady_clock::time_point opened_{};
  std::chrono::steady_clock::time_point finished_{};
  std::optional<PipeEnd> end_;
};

}  // namespace
}  // namespace footbridge::webrtc

int main(int argc, char** argv) {
  const std::string role = argc > 1 ? argv[1] : "";
  const std::string kind = argc > 2 ? argv[2] : "";
  const auto count = argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 0;
  const auto largest = argc > 4 ? std::strtoul(argv[4], nullptr, 10) : 0;
  if ((role != "offer" && role != "answer") || (kind != "reliable" && kind != "unreliable") || count == 0 ||
      largest == 0) {
    std::fprintf(stderr, "usage: echo_peer offer|answer reliable|unreliable COUNT LARGEST [dtls-server]\n");
    return 2;
  }
  const bool dtls_server = argc > 5 && std::string(argv[5]) == "dtls-server";
  return footbridge::webrtc::EchoPeer(role == "offer", kind == "reliable", count, largest, dtls_server).run();
}
