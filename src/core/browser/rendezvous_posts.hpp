// RendezvousPosts: the rendezvous requests of a proxy in a browser, on their way through somebody else's fetch. It
// chooses the way of each (WayOrder), seals it where the way has a seal (SealedWays), and says how it ended. What is
// asked, and when again, is ProxyRendezvous's decision.
//
// A browser does not say whether a request that failed left the machine, and the decoy's answer fails like a cut line:
// so a request that failed is never sent by another way at once, and one that took a ticket costs all tickets. An
// answer that does not open is worth one more exchange, with a handshake, if the request took a ticket.
//
//   post() ──Send──▶ under way ──answered() good, failed()──▶ Settled
//                      ▲   └──answered() strange, to a ticket──┘ Send, under another number
//
// The owner drains poll() after every call. Bounds: as many as the owner has under way; two in a ProxyRendezvous.
// Ownership: rng outlives it. Pure; one thread.
#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/ring.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/limits/civil_time.hpp"
#include "core/rendezvous/way_order.hpp"
#include "core/sealing/sealed_ways.hpp"

namespace footbridge::core {

// One turn: what was read once from the clocks.
struct Moment {
  TimePoint now;
  UnixSeconds wall;
  CivilTime local{};
};

class RendezvousPosts {
 public:
  struct Send {
    std::uint64_t post = 0;  // never used twice
    std::size_t way = 0;
    Bytes bytes;
  };
  struct Settled {
    std::uint64_t request = 0;
    std::optional<Bytes> body;  // nullopt: failed
  };
  using Output = std::variant<Send, Settled>;

  // 1 ≤ ways ≤ kMaxWays; a seal for each, or none. `proxy`: whose public key is the proxy's id.
  RendezvousPosts(std::size_t ways, std::vector<WaySeal> seals, const crypto::X25519KeyPair& proxy, Rng& rng);

  void post(Moment at, std::uint64_t request, Bytes body);
  void answered(Moment at, std::uint64_t post, ByteView bytes);
  void failed(Moment at, std::uint64_t post);
  // The request is of no use any more: the post to cut, if it is under way. `silent`: nobody answered in time.
  std::optional<std::uint64_t> drop(Moment at, std::uint64_t request, bool silent);
  // The network changed: what failed before says nothing any more.
  void on_network_change() { order_.on_network_change(); }

  std::optional<Output> poll();

 private:
  struct UnderWay {
    std::uint64_t post = 0;
    std::uint64_t request = 0;
    std::size_t way = 0;
    Bytes body;  // kept to be sealed once more
    std::optional<SealedWays::Sealed> seal;
  };
  bool send(Moment at, std::uint64_t request, std::size_t way, Bytes body);
  std::optional<UnderWay> take(std::uint64_t post);
  void give_up(Moment at, const UnderWay& gone);

  std::size_t ways_;
  SealedWays seals_;
  WayOrder order_;
  Rng& rng_;
  std::vector<UnderWay> under_way_;
  std::uint64_t last_post_ = 0;
  Ring<Output> out_;  // drained after every call
};

}  // namespace footbridge::core
