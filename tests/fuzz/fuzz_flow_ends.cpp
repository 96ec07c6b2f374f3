// A client's flows and an egress's, each fed with what the other said, bent by the fuzzer, and with anything; sockets
// that open, fail, answer and fall silent at any time. What must hold: every socket that was opened is closed once,
// nothing leaves on a closed one, no bound is passed, and after long enough nothing is left.
#include <cstdlib>
#include <map>
#include <string>

#include "core/egress/egress_flows.hpp"
#include "core/session/client_flows.hpp"
#include "deeds.hpp"

namespace {

using namespace footbridge;
using namespace footbridge::core;

void require(bool holds) {
  if (!holds) std::abort();
}

class Ends {
 public:
  void play(fuzz::Deeds& deeds) {
    while (!deeds.empty()) {
      act(deeds);
      settle();
      require(client_.size() <= kMaxFlows && egress_.size() <= kMaxFlows && places_.size() <= kMaxFlows);
    }
    for (const auto& [flow, open] : std::map(places_))
      if (!open) egress_.on_refused(now_, flow, wire::FlowStatus::Internal);
    settle();
    pass(kFlowIdle + kClientFlowIdle);
    require(places_.empty() && egress_.size() == 0 && client_.size() == 0);
    require(!egress_.deadline() && !client_.deadline());
  }

 private:
  void act(fuzz::Deeds& deeds) {
    switch (deeds.below(9)) {
      case 0:
      case 1: send(deeds); break;
      case 2: open_one(deeds); break;
      case 3: egress_.on_packet(now_, 1 + deeds.below(16), deeds.bytes(deeds.below(64))); break;
      case 4: pass(Millis{1} * static_cast<int>(deeds.byte() * deeds.byte())); break;
      case 5: client_.forget(AssociationId{deeds.below(3)}); break;
      case 6: egress_.on_message(now_, deeds.below(16), deeds.bytes(deeds.below(64))); break;
      case 7: static_cast<void>(client_.on_message(now_, deeds.below(16), deeds.bytes(deeds.below(64)))); break;
      case 8: lossy_ = deeds.one_in(2); break;
    }
  }

  void send(fuzz::Deeds& deeds) {
    const auto number = static_cast<std::uint32_t>(deeds.byte());
    const std::uint16_t port = deeds.one_in(2) ? 53 : 443;
    const auto to = deeds.one_in(4) ? wire::Destination{"n" + std::to_string(number), port}
                                    : wire::Destination{IpAddress::v4(0x0b000000 + number), port};
    const auto many = deeds.one_in(8) ? 300U : 1U;
    const auto payload = deeds.bytes(deeds.below(32));
    const AssociationId association{deeds.below(3)};
    for (unsigned i = 0; i < many; ++i, settle()) static_cast<void>(client_.send(now_, association, to, payload));
  }

  void open_one(fuzz::Deeds& deeds) {
    for (auto& [flow, open] : places_) {
      if (open) continue;
      if (deeds.one_in(3)) {
        egress_.on_refused(now_, flow, wire::FlowStatus::DnsFailure);
      } else {
        open = true;
        egress_.on_opened(now_, flow, {IpAddress::v4(0x0b000001), static_cast<std::uint16_t>(deeds.byte())});
      }
      return;
    }
  }

  void pass(Duration time) {
    now_ += time;
    client_.on_deadline(now_);
    egress_.on_deadline(now_);
    settle();
  }

  bool lost() { return lossy_ && ++count_ % 3 == 0; }

  void settle() {
    for (bool moved = true; moved;) {
      moved = false;
      while (const auto said = client_.poll()) {
        moved = true;
        require(said->message.size() <= wire::kMaxFlowMessageBytes);
        if (!lost()) egress_.on_message(now_, said->flow, said->message);
      }
      while (const auto output = egress_.poll()) {
        moved = true;
        obey(*output);
      }
    }
  }

  void obey(const EgressFlows::Output& output) {
    if (const auto* opened = std::get_if<EgressFlows::Open>(&output)) {
      require(places_.emplace(opened->flow, false).second);
    } else if (const auto* sent = std::get_if<EgressFlows::Send>(&output)) {
      const auto place = places_.find(sent->flow);
      require(place != places_.end() && place->second);
    } else if (const auto* closed = std::get_if<EgressFlows::Close>(&output)) {
      require(places_.erase(closed->flow) == 1);
    } else if (const auto* told = std::get_if<EgressFlows::Tell>(&output); told != nullptr && !lost()) {
      const auto event = client_.on_message(now_, told->flow, told->message);
      if (const auto* packet = std::get_if<ClientFlows::Packet>(&event))
        require(std::holds_alternative<IpAddress>(packet->from.reveal_to_socket().host));
    }
  }

  TimePoint now_{Seconds{1'000}};
  SeededRng rng_{1};
  ClientFlows client_{rng_};
  EgressFlows egress_{rng_};
  std::map<FlowId, bool> places_;  // sockets: false while they are being opened
  bool lossy_ = false;
  std::uint64_t count_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  footbridge::fuzz::Deeds deeds(footbridge::as_bytes(data, size));
  Ends ends;
  ends.play(deeds);
  return 0;
}
