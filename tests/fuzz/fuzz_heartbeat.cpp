// What an egress tells and what the broker answers. The input is a message as it is, a box around it that only the
// right key could make, or changes to a genuine heartbeat: those have no effect.
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/rng.hpp"
#include "core/egress/heartbeats.hpp"
#include "core/rendezvous/egress_book.hpp"
#include "crypto/heartbeat_box.hpp"
#include "crypto/shared_keys.hpp"
#include "deeds.hpp"

namespace {

using namespace footbridge;

constexpr UnixSeconds kNow{1'800'000'000};

struct World {
  SeededRng rng{1};
  crypto::SecretKey shared = crypto::SecretKey::random(rng);
  crypto::SecretKey key = crypto::heartbeat_key(shared);
  wire::EgressId id = wire::EgressId::random(rng);
  core::EgressBook book{{{id, Private<std::string>("wss://egress.example/leg"), shared}}};

  wire::Heartbeat boxed(ByteView message) {
    return {{id}, crypto::seal_heartbeat(crypto::HeartbeatBox::Report, id.view(), message, key, rng)};
  }
};

void read_messages(ByteView bytes) {
  if (const auto report = wire::parse_egress_report(bytes)) {
    FB_ASSERT(report->receipts.size() <= wire::kMaxReportReceipts);
    const auto again = wire::parse_egress_report(wire::encode_egress_report(*report));
    FB_ASSERT(again && again->receipts == report->receipts && again->sequence == report->sequence);
  }
  if (const auto answer = wire::parse_report_answer(bytes)) {
    const auto again = wire::parse_report_answer(wire::encode_report_answer(*answer));
    FB_ASSERT(again && again->boot == answer->boot && again->last_sequence == answer->last_sequence);
  }
}

// Reports that only the egress can make, of any contents: they count at most once.
void hear(World& world, ByteView message) {
  if (message.size() > wire::kMaxHeartbeatBytes / 2) return;
  const auto heartbeat = world.boxed(message);
  const auto once = world.book.on_heartbeat(TimePoint{}, kNow, heartbeat, world.rng);
  FB_ASSERT(once.has_value() == wire::parse_egress_report(message).has_value());
  if (!once) return;
  const auto twice = world.book.on_heartbeat(TimePoint{}, kNow, heartbeat, world.rng);
  FB_ASSERT(twice && twice->verdict != wire::ReportVerdict::Taken && twice->receipts.empty());
}

// Changes to what is on its way between the two.
void meddle(World& world, fuzz::Deeds& deeds) {
  core::Heartbeats heartbeats({{world.id}, world.key, wire::BootEpoch::random(world.rng)}, world.rng);
  auto post = heartbeats.beat(TimePoint{}, kNow, {}, {{wire::ProxyMark::random(world.rng), true, 3}});
  const auto sent = post.body;
  const bool answer_too = deeds.one_in(2);
  if (!answer_too)
    while (!deeds.empty()) post.body[deeds.below(post.body.size())] ^= static_cast<std::byte>(deeds.byte());
  const auto request = wire::parse_request(post.body);
  const auto* heartbeat = request ? std::get_if<wire::Heartbeat>(&request->body) : nullptr;
  if (heartbeat == nullptr) return;
  auto heard = world.book.on_heartbeat(TimePoint{}, kNow, *heartbeat, world.rng);
  if (!heard) return;
  FB_ASSERT(heard->verdict == wire::ReportVerdict::Taken && heard->receipts.size() == 1);
  const auto genuine = heard->sealed_answer;
  while (!deeds.empty()) heard->sealed_answer[deeds.below(genuine.size())] ^= static_cast<std::byte>(deeds.byte());
  heartbeats.on_answer(TimePoint{}, post.id,
                       wire::encode_response({.body = wire::HeartbeatReply{heard->sealed_answer}}));
  FB_ASSERT((heartbeats.echo() == core::Heartbeats::Echo::Taken) == (heard->sealed_answer == genuine));
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Deeds deeds(as_bytes(data, size));
  World world;
  switch (deeds.below(3)) {
    case 0: read_messages(deeds.rest()); break;
    case 1: hear(world, deeds.rest()); break;
    default: meddle(world, deeds); break;
  }
  return 0;
}
