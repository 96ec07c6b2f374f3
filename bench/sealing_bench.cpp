// What the seal around rendezvous bodies costs a broker: opening a request and sealing its answer, without HTTP,
// parsing and matching. Askers prepare their requests outside of what is measured. Bodies are those of an offer with
// one usual SDP and its answer, and of a poll and its empty reply.
//   requests_per_s      on one core
//   cpu_ms_per_request  of the broker
// What is refused is measured as well: three ways of not having the secret must cost the same.
#include <benchmark/benchmark.h>
#include <cstdlib>
#include <vector>

#include "base/buffered_rng.hpp"
#include "core/sealing/sealed_asker.hpp"
#include "core/sealing/sealed_broker.hpp"
#include "crypto/system_rng.hpp"

namespace footbridge::bench {
namespace {

using namespace footbridge::core;

constexpr std::size_t kBatch = 256;  // requests that are ready before the clock runs
constexpr std::size_t kOfferBytes = 1400, kOfferReplyBytes = 1500, kPollBytes = 250, kPollReplyBytes = 10;
constexpr UnixSeconds kStart{1'800'000'000};

class Rendezvous {
 public:
  explicit Rendezvous(bool proxies) {
    broker_.keys().add(broker_key_, kStart);
    for (std::size_t i = 0; i < kBatch; ++i)
      askers_.emplace_back(secret_, broker_key_.public_key,
                           proxies ? std::optional(crypto::X25519KeyPair::random(rng_)) : std::nullopt);
  }

  // One request of each asker. The seconds go on, so that the tables are used as they are at a busy broker.
  void prepare(std::size_t body_bytes, bool resumed) {
    now_ = UnixSeconds{count(now_) + 1};
    ready_.clear();
    for (auto& asker : askers_) {
      if (!resumed) asker.forget_tickets();
      ready_.push_back(std::move(*asker.seal(now_, Seconds{0}, Bytes(body_bytes), rng_)));
    }
  }
  // What is measured.
  void serve(std::size_t reply_bytes) {
    const Bytes reply(reply_bytes);
    answers_.clear();
    for (const auto& one : ready_) {
      auto opened = broker_.open(now_, one.bytes);
      if (!opened) std::abort();
      answers_.push_back(broker_.seal(now_, std::move(opened->reply), reply));
    }
  }
  void hear() {
    for (std::size_t i = 0; i < kBatch; ++i)
      if (!askers_[i].open(now_, std::move(ready_[i].answer), answers_[i])) std::abort();
  }

  // A genuine one of this length; some draws are needed.
  Bytes request(std::size_t bytes) {
    for (;;) {
      prepare(kPollBytes, true);
      for (const auto& one : ready_)
        if (one.bytes.size() == bytes) return one.bytes;
    }
  }
  bool refuses(ByteView body) { return !broker_.open(now_, body).ok(); }
  crypto::SystemRng& chance() { return system_; }

 private:
  crypto::SystemRng system_;  // and libsodium chooses its quick implementations
  BufferedRng rng_{system_};
  crypto::SecretKey secret_ = crypto::SecretKey::random(rng_);
  crypto::X25519KeyPair broker_key_ = crypto::X25519KeyPair::random(rng_);
  SealedBroker broker_{secret_, kStart, rng_};
  UnixSeconds now_{count(kStart) + 1000};
  std::vector<SealedAsker> askers_;
  std::vector<SealedAsker::Sealed> ready_;
  std::vector<Bytes> answers_;
};

void tell(benchmark::State& state) {
  const auto requests = static_cast<double>(state.iterations()) * static_cast<double>(kBatch);
  state.counters["requests_per_s"] = benchmark::Counter(requests, benchmark::Counter::kIsRate);
  state.counters["cpu_ms_per_request"] =
      benchmark::Counter(requests / 1000, benchmark::Counter::kIsRate | benchmark::Counter::kInvert);
}

void sealing(benchmark::State& state, bool proxies, bool resumed, std::size_t asked, std::size_t answered) {
  Rendezvous rendezvous(proxies);
  const auto prepare = [&] { rendezvous.prepare(asked, resumed); };
  prepare();
  rendezvous.serve(answered);
  rendezvous.hear();
  for (auto _ : state) {
    state.PauseTiming();
    prepare();
    state.ResumeTiming();
    rendezvous.serve(answered);
    state.PauseTiming();
    rendezvous.hear();
    state.ResumeTiming();
  }
  tell(state);
}
BENCHMARK_CAPTURE(sealing, first_offer, false, false, kOfferBytes, kOfferReplyBytes);
BENCHMARK_CAPTURE(sealing, first_poll, true, false, kPollBytes, kPollReplyBytes);
BENCHMARK_CAPTURE(sealing, resumed_offer, false, true, kOfferBytes, kOfferReplyBytes);
BENCHMARK_CAPTURE(sealing, resumed_poll, true, true, kPollBytes, kPollReplyBytes);

enum class Nonsense { Random, Recorded, Short };

void refusing(benchmark::State& state, Nonsense kind) {
  constexpr std::size_t kBytes = 2048;
  Rendezvous rendezvous(true);
  Bytes body;
  if (kind == Nonsense::Recorded) {
    body = rendezvous.request(kBytes);
    rendezvous.serve(kPollReplyBytes);  // it has been taken now
  } else {
    body.resize(kind == Nonsense::Random ? kBytes : 100);
    rendezvous.chance().fill(body);
  }
  for (auto _ : state)
    for (std::size_t i = 0; i < kBatch; ++i)
      if (!rendezvous.refuses(body)) std::abort();
  tell(state);
}
BENCHMARK_CAPTURE(refusing, random, Nonsense::Random);
BENCHMARK_CAPTURE(refusing, recorded, Nonsense::Recorded);
BENCHMARK_CAPTURE(refusing, short, Nonsense::Short);

}  // namespace
}  // namespace footbridge::bench

BENCHMARK_MAIN();
