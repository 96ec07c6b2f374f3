// A broker that lies: its responses to a client and to a volunteer, in any order, with any pauses. Neither end asks
// more often than it may, holds more requests than two, or shows its user a match that the rules forbid.
#include <cstddef>
#include <cstdint>

#include "base/assert.hpp"
#include "base/rng.hpp"
#include "core/rendezvous/client_rendezvous.hpp"
#include "core/rendezvous/proxy_rendezvous.hpp"
#include "deeds.hpp"

namespace {

using namespace footbridge;
using namespace footbridge::core;

constexpr std::size_t kMaxDeeds = 100;
constexpr std::size_t kMaxPosts = 3 * kMaxDeeds;  // each deed may lead to a few, none to many

struct Ends {
  SeededRng rng{1};
  ClientRendezvous client{{.self_tag = SelfTag::random(rng)}, rng};
  ProxyRendezvous proxy{{.proxy = ProxyId::random(rng), .self_tag = SelfTag::random(rng)}, rng};
  TimePoint now{Seconds{1'000}};
  std::uint64_t last_client = 0, last_proxy = 0, posts = 0;

  void search() {
    ClientSearch what;
    what.sdps = {wire::Sdp("offer"), wire::Sdp("offer")};
    client.offer(now, what);
  }
  void drain() {
    while (const auto out = client.poll()) {
      if (const auto* const post = std::get_if<ClientRendezvous::Post>(&*out)) last_client = post->id, ++posts;
      if (const auto* const found = std::get_if<ClientRendezvous::Matches>(&*out)) {
        FB_ASSERT(!found->matches.empty());
        for (const auto& match : found->matches) FB_ASSERT(match.sdp_index < 2);
        search();
      }
    }
    while (const auto out = proxy.poll())
      if (const auto* const post = std::get_if<ProxyRendezvous::Post>(&*out)) last_proxy = post->id, ++posts;
    FB_ASSERT(proxy.requests() <= 2 && posts <= kMaxPosts);
  }
  void deed(fuzz::Deeds& deeds) {
    switch (deeds.below(8)) {
      case 0: client.on_response(now, last_client, deeds.run()); break;
      case 1: proxy.on_response(now, last_proxy - deeds.below(2), deeds.run()); break;
      case 2: client.on_failed(now, last_client); break;
      case 3: proxy.on_failed(now, last_proxy - deeds.below(2)); break;
      case 4: proxy.set_free_slots(now, static_cast<std::uint32_t>(deeds.below(wire::kMaxPollSlots + 1))); break;
      case 5: proxy.answer(now, MatchId::random(rng), wire::Sdp("answer")); break;
      case 6: proxy.report(now, MatchId::random(rng), wire::OutcomeKind::Opened); break;
      default:
        now += Millis{deeds.byte() * 50};
        if (client.deadline() && *client.deadline() <= now) client.on_deadline(now);
        if (proxy.deadline() && *proxy.deadline() <= now) proxy.on_deadline(now);
        break;
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  fuzz::Deeds deeds(as_bytes(data, size));
  Ends ends;
  ends.search();
  for (std::size_t i = 0; i < kMaxDeeds && !deeds.empty(); ++i) {
    ends.deed(deeds);
    ends.drain();
  }
  return 0;
}
