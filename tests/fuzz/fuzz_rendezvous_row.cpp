// A broker and a row of well-formed messages from volunteers and clients, true and false ones mixed, with pauses and
// requests that die: every request is answered once, tables stay within their bounds, and all of it ends by itself.
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "base/assert.hpp"
#include "base/rng.hpp"
#include "core/rendezvous/broker.hpp"
#include "deeds.hpp"

namespace {

using namespace footbridge;
using namespace footbridge::core;

constexpr UnixSeconds kUnix{1'800'000'000};
constexpr std::size_t kMaxDeeds = 200;
constexpr std::size_t kPeople = 6;

class Row {
 public:
  Row() {
    for (std::size_t i = 0; i < kPeople; ++i) {
      proxies_.push_back(ProxyId::random(rng_));
      tags_.push_back(SelfTag::random(rng_));
    }
  }
  void play(fuzz::Deeds& deeds) {
    for (std::size_t i = 0; i < kMaxDeeds && !deeds.empty(); ++i) {
      switch (deeds.below(6)) {
        case 0:
        case 1: ask(poll(deeds), deeds.byte()); break;
        case 2:
        case 3: ask(offer(deeds), deeds.byte()); break;
        case 4: pass(Millis{deeds.byte() * 50}); break;
        default: leave(deeds); break;
      }
      FB_ASSERT(open_.size() == broker_.parked_polls() + broker_.parked_offers());
    }
    if (deeds.one_in(2)) broker_.drain(now_), collect();
    for (int i = 0; broker_.deadline() && i < 10'000; ++i) {
      now_ = std::max(now_, *broker_.deadline());
      broker_.on_deadline(now_, kUnix);
      collect();
    }
    FB_ASSERT(open_.empty() && !broker_.deadline());
  }

 private:
  wire::Nat nat(fuzz::Deeds& deeds) {
    return {static_cast<wire::NatBehaviour>(deeds.below(4)), static_cast<wire::NatBehaviour>(deeds.below(4))};
  }
  wire::Families families(fuzz::Deeds& deeds) { return static_cast<wire::Families>(1 + deeds.below(3)); }
  // One that was given, mostly; or an invention.
  MatchId match(fuzz::Deeds& deeds) {
    return matches_.empty() || deeds.one_in(8) ? MatchId::random(rng_) : matches_[deeds.below(matches_.size())];
  }
  wire::Poll poll(fuzz::Deeds& deeds) {
    wire::Poll out;
    const auto who = deeds.below(kPeople);
    out.proxy = proxies_[who];
    out.self_tag = tags_[who];
    out.nat = nat(deeds);
    out.families = families(deeds);
    out.compartments = {wire::kCommonCompartment};
    out.slots = static_cast<std::uint32_t>(deeds.below(wire::kMaxPollSlots + 1));
    for (auto n = deeds.below(wire::kMaxAnswers + 1); n > 0; --n) {
      if (deeds.one_in(3))
        out.answers.push_back({match(deeds), wire::AnswerFailure::Busy});
      else
        out.answers.push_back({match(deeds), wire::Sdp(to_string(deeds.bytes(1 + deeds.below(64))) + "a")});
    }
    for (auto n = deeds.below(4); n > 0; --n)
      out.outcomes.push_back({match(deeds), static_cast<wire::OutcomeKind>(deeds.below(6))});
    out.wait = Millis{deeds.byte() * 200};
    return out;
  }
  wire::Offer offer(fuzz::Deeds& deeds) {
    wire::Offer out;
    out.self_tag = tags_[deeds.below(kPeople)];
    out.compartment = wire::kCommonCompartment;
    out.nat = nat(deeds);
    out.families = families(deeds);
    for (auto n = 1 + deeds.below(wire::kMaxOfferSdps); n > 0; --n) out.sdps.emplace_back("offer");
    for (auto n = deeds.below(4); n > 0; --n) out.avoid.push_back(match(deeds));
    if (deeds.one_in(4)) out.egress = deeds.one_in(2) ? egress_ : wire::EgressId::random(rng_);
    out.wait = Millis{deeds.byte() * 200};
    return out;
  }
  void ask(decltype(wire::Request::body) body, std::size_t prefix) {
    const auto key = ++last_key_;
    open_.insert_or_assign(key, true);
    broker_.on_request(now_, kUnix, key, wire::encode_request({.body = std::move(body)}, rng_),
                       {Family::V4, prefix % 4});
    collect();
  }
  void leave(fuzz::Deeds& deeds) {
    if (open_.empty()) return;
    const auto gone = std::next(open_.begin(), static_cast<long>(deeds.below(open_.size())));
    const auto key = gone->first;
    open_.erase(gone);
    broker_.on_gone(now_, kUnix, key);
    collect();
  }
  void pass(Duration by) {
    now_ += by;
    if (broker_.deadline() && *broker_.deadline() <= now_) broker_.on_deadline(now_, kUnix);
    collect();
  }
  void collect() {
    while (const auto reply = broker_.poll()) {
      FB_ASSERT(open_.erase(reply->request) == 1);  // once, and nobody who has gone
      const auto response = wire::parse_response(reply->body);
      FB_ASSERT(response.ok());
      if (const auto* const poll_reply = std::get_if<wire::PollReply>(&response->body))
        for (const auto& assigned : poll_reply->assignments) matches_.push_back(assigned.match);
      FB_ASSERT(response->refusal == wire::Refusal::None || response->refusal != wire::Refusal::Malformed);
    }
  }

  SeededRng rng_{1};
  wire::EgressId egress_ = wire::EgressId::random(rng_);
  Broker broker_{{{{egress_, Private<std::string>("wss://egress.example/leg"), crypto::SecretKey::random(rng_)}}, 4},
                 rng_};
  TimePoint now_{Seconds{1'000}};
  std::vector<ProxyId> proxies_;
  std::vector<SelfTag> tags_;
  std::vector<MatchId> matches_;
  std::map<RequestKey, bool> open_;
  RequestKey last_key_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Deeds deeds(as_bytes(data, size));
  Row row;
  row.play(deeds);
  return 0;
}
