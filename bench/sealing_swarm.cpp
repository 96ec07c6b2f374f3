// Many askers at one sealed broker in one process, and then requests that are none: sealing_swarm ASKERS REQUESTS
// MALFORMED, of which each asker says REQUESTS. Half of them are proxies, up to two requests of an asker wait at once,
// and the clock runs as fast as 10,000 requests a second would have it. Prints what was refused, time and memory; exit
// status 1 when an honest request was refused or an answer was wrong.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "base/buffered_rng.hpp"
#include "core/sealing/sealed_asker.hpp"
#include "core/sealing/sealed_broker.hpp"
#include "crypto/system_rng.hpp"

namespace {

using namespace footbridge;
using namespace footbridge::core;

constexpr std::size_t kWaiting = 4000;      // requests parked at once
constexpr std::size_t kPerSecond = 10'000;  // requests in a second of the broker's clock
constexpr std::size_t kBodyBytes = 400;
constexpr UnixSeconds kStart{1'800'000'000};

double mib_resident() {
  std::ifstream file("/proc/self/statm");
  std::size_t all = 0, resident = 0;
  file >> all >> resident;
  return static_cast<double>(resident) * 4096 / (1 << 20);
}

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

class Swarm {
 public:
  explicit Swarm(std::size_t askers) {
    broker_.keys().add(broker_key_, kStart);
    for (std::size_t i = 0; i < askers; ++i)
      askers_.emplace_back(secret_, broker_key_.public_key,
                           i % 2 == 0 ? std::nullopt : std::optional(crypto::X25519KeyPair::random(rng_)));
  }

  void ask(std::size_t who) {
    if (++said_ % kPerSecond == 0) now_ = UnixSeconds{count(now_) + 1};
    const Seconds wrong{static_cast<Seconds::rep>(who % 110) - 100};  // every asker's clock is wrong in its own way
    auto sealed = askers_[who].seal(now_, wrong, Bytes(kBodyBytes, static_cast<std::byte>(who)), rng_);
    auto opened = broker_.open(now_, sealed->bytes);
    if (!opened) return void(++refused_);
    if (opened->body.front() != static_cast<std::byte>(who) || opened->proxy.has_value() != (who % 2 == 1)) ++wrong_;
    resumed_ += opened->kind == crypto::RequestKind::Resumed ? 1 : 0;
    waiting_.push_back({who, std::move(sealed->answer), std::move(*opened)});
    if (waiting_.size() > kWaiting) answer_one();
  }
  void answer_one() {
    std::swap(waiting_[rng_.between(0, waiting_.size() - 1)], waiting_.back());
    auto last = std::move(waiting_.back());
    waiting_.pop_back();
    const Bytes body(kBodyBytes, static_cast<std::byte>(last.who * 7));
    const auto bytes = broker_.seal(now_, std::move(last.opened.reply), body);
    const auto heard = askers_[last.who].open(now_, std::move(last.answer), bytes);
    if (!heard || *heard != body) ++wrong_;
  }
  void answer_all() {
    while (!waiting_.empty()) answer_one();
  }
  // True: one of them was taken.
  bool malformed(std::size_t requests) {
    auto random = rng_.bytes(2 * crypto::kMinEnvelopeBytes);
    const auto genuine = std::move(*askers_[0].seal(now_, Seconds{0}, {}, rng_));
    const auto opened = broker_.opened() + 1;
    (void)broker_.open(now_, genuine.bytes);
    for (std::size_t i = 0; i < requests; ++i) {
      random[i % random.size()] ^= std::byte{1};
      (void)broker_.open(now_, i % 16 == 0 ? ByteView(genuine.bytes) : ByteView(random).first(i * 7 % random.size()));
    }
    return broker_.opened() != opened;
  }

  std::size_t askers() const { return askers_.size(); }
  std::size_t refused() const { return refused_; }
  std::size_t wrong() const { return wrong_; }
  std::size_t resumed() const { return resumed_; }
  std::uint64_t replays() const { return broker_.refused(SealRefusal::Replayed); }
  double tables_mib() const { return static_cast<double>(broker_.replay_bytes()) / (1 << 20); }

 private:
  struct Waiting {
    std::size_t who;
    AnswerSeal answer;
    OpenedRequest opened;
  };
  crypto::SystemRng system_;
  BufferedRng rng_{system_};
  crypto::SecretKey secret_ = crypto::SecretKey::random(rng_);
  crypto::X25519KeyPair broker_key_ = crypto::X25519KeyPair::random(rng_);
  SealedBroker broker_{secret_, kStart, rng_};
  UnixSeconds now_{count(kStart) + 1000};
  std::vector<SealedAsker> askers_;
  std::vector<Waiting> waiting_;
  std::size_t said_ = 0, refused_ = 0, wrong_ = 0, resumed_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return std::fputs("sealing_swarm ASKERS REQUESTS MALFORMED\n", stderr), 2;
  Swarm swarm(std::stoul(argv[1]));
  const auto requests = std::stoul(argv[2]), malformed = std::stoul(argv[3]);
  const auto begun = std::chrono::steady_clock::now();
  const auto cpu = cpu_seconds();
  for (std::size_t i = 0; i < requests; ++i)
    for (std::size_t who = 0; who < swarm.askers(); ++who) swarm.ask(who);
  swarm.answer_all();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begun;
  std::printf("exchanges %zu, resumed %zu, refused %zu, of them as replays %llu, wrong %zu\n",
              swarm.askers() * requests, swarm.resumed(), swarm.refused(),
              static_cast<unsigned long long>(swarm.replays()), swarm.wrong());
  std::printf("wall %.1f s, cpu of both ends %.1f s, replay tables %.1f MiB\n", wall.count(), cpu_seconds() - cpu,
              swarm.tables_mib());
  const auto before = mib_resident();
  const bool taken = swarm.malformed(malformed);
  std::printf("malformed %lu, taken %d, resident before %.1f MiB, after %.1f MiB\n", malformed, taken ? 1 : 0, before,
              mib_resident());
  return swarm.refused() + swarm.wrong() == 0 && !taken ? 0 : 1;
}
