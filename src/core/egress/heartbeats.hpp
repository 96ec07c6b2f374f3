// Heartbeats: how an egress tells its broker that it is here, since when, how full, that it leaves, and what proxies
// were worth (docs/spec/12-tickets.md §5). One report at a time; the first at once, then one every kUntilTaken until
// one is taken, and from then on every kEvery, about.
//
//   Waiting ──beat()──▶ Told ──answer, failure, kAnswerLimit──▶ Waiting
//
// Receipts are told again until a report with them was taken. What cannot be opened as an answer to the report that is
// out counts as no answer. Sans-IO: deadline() says when to call beat() or, while a report is out, on_deadline().
// Thread: one. Ownership: rng outlives it.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/rng.hpp"
#include "base/time.hpp"
#include "crypto/secret_key.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::core {

// Of the fullest of an egress's bounds, 1 and more: nothing fits any more.
wire::LoadClass load_class(double fullness);

class Heartbeats {
 public:
  static constexpr Seconds kEvery{15};        // HBT-T1: a fifth more or less, drawn each time
  static constexpr Seconds kAnswerLimit{10};  // HBT-T4: a slow front fits; the next report is not late
  static constexpr Millis kSoon{500};         // HBT-T7: after "stale", which one more report mends
  // HBT-T8: a fifth more or less, until this run's first report is taken: until then its tickets are another run's.
  static constexpr Millis kUntilTaken{1'500};

  struct Config {
    std::vector<wire::EgressId> names;  // 1..wire::kMaxEgressNames
    crypto::SecretKey key;              // crypto::heartbeat_key()
    wire::BootEpoch boot;
  };
  struct Condition {
    wire::LoadClass load = wire::LoadClass::Unknown;
    bool draining = false;
  };
  // What the last report came to. Nobody: no answer, or none that our broker could have made.
  enum class Echo : std::uint8_t { None, Taken, Nobody, WrongTime };

  Heartbeats(Config config, Rng& rng) : config_(std::move(config)), rng_(rng) {}

  struct Post {  // answered by on_answer() or on_failed() with this number
    std::uint64_t id = 0;
    Bytes body;
  };
  // Are new receipts of use? Not while some are told that nobody has confirmed.
  bool wants_receipts() const { return batch_.empty(); }
  // `receipts`: at most wire::kMaxReportReceipts, none unless wanted. Not while a report is out.
  Post beat(TimePoint now, UnixSeconds unix_now, const Condition& condition, std::vector<wire::Receipt> receipts);
  void on_answer(TimePoint now, std::uint64_t id, ByteView body);
  void on_failed(TimePoint now, std::uint64_t id);
  void on_deadline(TimePoint now);
  // Something that the broker should know at once has changed.
  void hurry(TimePoint now);

  bool told() const { return out_.has_value(); }
  TimePoint deadline() const { return told() ? give_up_at_ : next_at_; }
  Echo echo() const { return echo_; }

 private:
  std::optional<wire::ReportAnswer> open(ByteView body) const;
  void settle(TimePoint now, Echo echo);
  Bytes names() const;

  Config config_;
  Rng& rng_;
  std::uint64_t last_id_ = 0;
  std::uint64_t sequence_ = 0;
  std::optional<std::uint64_t> out_;  // the id of the report that is out
  std::uint64_t batch_number_ = 0;
  std::vector<wire::Receipt> batch_;
  TimePoint next_at_{};  // the first one: at once
  TimePoint give_up_at_{};
  bool hurried_ = false;  // while one was out
  bool heard_ = false;    // a report was taken
  Echo echo_ = Echo::None;
};

std::string_view name(Heartbeats::Echo echo);

}  // namespace footbridge::core
