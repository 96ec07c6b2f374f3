// A volunteer's decisions under any row of events, also such as no honest world would send: old epochs, ends before
// beginnings, assignments without a slot. A leg is dialled only behind an open link and only to an allowed relay, every
// slot becomes free again, and a relay holds no more than its bounds.
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "base/assert.hpp"
#include "base/overloaded.hpp"
#include "base/rng.hpp"
#include "core/proxy/proxy_engine.hpp"
#include "deeds.hpp"

namespace {

using namespace footbridge;
using namespace footbridge::core;
using Engine = ProxyEngine;

constexpr std::size_t kMaxDeeds = 300;
constexpr std::string_view kRelay = "wss://egress.example/leg";

class Row {
 public:
  void play(fuzz::Deeds& deeds) {
    for (std::size_t i = 0; i < kMaxDeeds && !deeds.empty(); ++i) {
      deed(deeds);
      drain();
      FB_ASSERT(engine_.busy() <= Engine::kMaxSlots && engine_.relaying() <= engine_.busy());
    }
    engine_.set_slots(now_, 0);
    drain();
    for (int i = 0; engine_.deadline() && i < 1'000; ++i) {
      now_ = std::max(now_, *engine_.deadline());
      engine_.on_deadline(now_);
      drain();
    }
    FB_ASSERT(engine_.busy() == 0 && !engine_.deadline());
  }

 private:
  void deed(fuzz::Deeds& deeds) {
    const auto at = known(deeds);
    switch (deeds.below(11)) {
      case 0: engine_.set_slots(now_, deeds.below(Engine::kMaxSlots + 1)); break;
      case 1:
      case 2: engine_.on_assigned(now_, assignment(deeds)); break;
      case 3:
        if (!matches_.empty()) engine_.on_withdrawn(now_, matches_[deeds.below(matches_.size())]);
        break;
      case 4: engine_.on_answer_made(now_, at, wire::Sdp("answer")); break;
      case 5: engine_.on_answer_failed(now_, at, static_cast<wire::AnswerFailure>(deeds.below(6))); break;
      case 6: open_link(at); break;
      case 7: engine_.on_leg_open(now_, at); break;
      case 8:
        deeds.one_in(2) ? engine_.on_link_closed(now_, at, PipeEnd::Remote)
                        : engine_.on_leg_closed(now_, at, PipeEnd::Lost);
        break;
      case 9:
        if (deeds.one_in(16)) engine_.stop(now_);
        break;
      default:
        now_ += Millis{deeds.byte() * 100};
        if (engine_.deadline() && *engine_.deadline() <= now_) engine_.on_deadline(now_);
        break;
    }
  }
  // A stay the engine has named, or one it has not.
  SlotRef known(fuzz::Deeds& deeds) {
    if (stays_.empty() || deeds.one_in(12))
      return {static_cast<std::uint8_t>(deeds.below(Engine::kMaxSlots)), static_cast<std::uint32_t>(deeds.byte())};
    return stays_[deeds.below(stays_.size())];
  }
  wire::Assignment assignment(fuzz::Deeds& deeds) {
    wire::Assignment out;
    out.match = MatchId::random(rng_);
    matches_.push_back(out.match);
    out.sdp = wire::Sdp("offer");
    out.relay_url = Private<std::string>(deeds.one_in(5) ? to_string(deeds.bytes(deeds.byte())) : std::string(kRelay));
    out.leg_token = Private<Bytes>(Bytes(wire::kLegTokenBytes));
    return out;
  }
  void open_link(SlotRef at) {
    engine_.on_link_open(now_, at);
    links_.push_back(at);
  }
  void drain() {
    while (auto command = engine_.poll()) {
      std::visit(
          Overloaded{[&](const Engine::MakeAnswer& c) { stays_.push_back(c.at); },
                     [&](const Engine::DialLeg& c) {
                       FB_ASSERT(std::ranges::find(links_, c.at) != links_.end());
                       FB_ASSERT(c.url.reveal_to_socket().starts_with(kRelay));
                     },
                     [&](const Engine::FreeSlots& c) { FB_ASSERT(c.count <= Engine::kMaxSlots); }, [](const auto&) {}},
          *command);
    }
  }

  SeededRng rng_{1};
  Engine engine_{{.allowed_relays = {std::string(kRelay)}}};
  TimePoint now_{Seconds{1'000}};
  std::vector<SlotRef> stays_, links_;
  std::vector<MatchId> matches_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Deeds deeds(as_bytes(data, size));
  Row row;
  row.play(deeds);
  return 0;
}
