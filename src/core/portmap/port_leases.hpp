// PortLeases: which UDP ports of this machine the home router shall forward, and when to ask it. It decides; asking is
// the shell's work (io/portmap). A pool: each link uses one forwarded port for itself and brings it back.
//
//   Wanted ──asked, granted──▶ Held ──half of the lease, asked again, granted──▶ Held
//     ▲  │ failed                │ the lease is over, or another network        │ failed: again after a quarter of
//     │  ▼                       ▼                                              ▼ what is left
//   Pause ◀──────────────────── Wanted                                        Held
//
// Two ways to ask are tried in turn, first the one that costs a router least. After both failed there is a pause, and
// with each further failure a longer one. A lease is short on purpose: what a killed process leaves behind at the
// router is gone after kLease, and a router that knows no leases but only mappings for ever is not used.
//
// One question at a time: next() gives it, and on_granted(), on_failed() or on_released() ends it before the next one.
// Bounds: kMaxPorts. No I/O, no clock. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/private.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/portmap/mapped_port.hpp"

namespace footbridge::core {

enum class MapMethod : std::uint8_t {
  Gateway,  // PCP or NAT-PMP: two datagrams
  Upnp,     // a multicast question, then HTTP
};
std::string_view name(MapMethod method);

enum class MapFailure : std::uint8_t {
  NoRouter = 1,  // no default route, or our own address is public: nothing to be asked
  Silent,        // nobody answers in this way
  Refused,       // the router does not want to
  Taken,         // somebody else has that port at the router; another one may do
  PortInUse,     // somebody else has that port on this machine; another one will do
  Unusable,      // it forwards, but not from the public internet: it is behind another translation itself
};
std::string_view name(MapFailure failure);

class PortLeases {
 public:
  static constexpr Seconds kLease{1'200};         // NAT-PMP and UPnP agree on less than on days; see above
  static constexpr Seconds kShortestRenewal{30};  // however short a lease a router gives
  static constexpr Seconds kFirstPause{300};      // routers restart within minutes
  static constexpr Seconds kLongestPause{3'600};  // and are exchanged seldom
  static constexpr Seconds kLeastLeft{30};      // of a lease that a new link begins with: longer than it takes to open
  static constexpr unsigned kPortTries = 3;     // with other ports, where one is taken
  static constexpr std::size_t kMaxPorts = 16;  // ten slots, and some that are being left
  // Above Linux's own choice of ports for outgoing sockets, and within the one of Windows and macOS: nobody else's
  // socket is there by chance, and it looks like any other port of a home.
  static constexpr std::uint16_t kFirstPort = 61'000;
  static constexpr std::uint16_t kLastPort = 65'535;

  struct Question {
    std::uint64_t id = 0;
    MapMethod method = MapMethod::Gateway;
    std::uint16_t local_port = 0;
    std::optional<Private<Endpoint>> held;  // what it has been until now; none: any
    Seconds lifetime{};                     // 0: end the mapping
    bool in_use = false;                    // a link of ours has the local port
  };

  PortLeases(Rng& rng, std::size_t ports);

  void set_ports(std::size_t count);
  // This machine is behind another router: what the old one held, it holds until its lease is over.
  void forget(TimePoint now);
  // From now on only the ends of mappings are asked for, also of those in use. A question that is open has no answer
  // any more: the router may have granted it, so its end is asked for, too.
  void let_go();

  std::optional<Question> next(TimePoint now);
  void on_granted(TimePoint now, const Question& question, Private<Endpoint> external, Seconds lifetime);
  void on_failed(TimePoint now, const Question& question, MapFailure why);
  void on_released(const Question& question);
  // When next() may have something again; none: only after another call.
  std::optional<TimePoint> deadline() const;

  // A port for a new link; nullopt: none is forwarded and free. The one that has rested longest: its last socket may
  // still be closing.
  std::optional<MappedPort> take(TimePoint now);
  void give_back(TimePoint now, std::uint16_t local_port);
  std::size_t held(TimePoint now) const;
  bool idle() const { return leases_.empty(); }  // after let_go(): nothing is held any more
  std::optional<MapMethod> method() const;       // of what is held

 private:
  struct Lease {
    std::uint16_t local_port = 0;
    std::optional<Private<Endpoint>> external;  // Held
    MapMethod method = MapMethod::Gateway;      // that granted it
    TimePoint until{};
    TimePoint due{};  // to ask, again or for the first time
    TimePoint free_since{};
    unsigned tries = 0;
    bool in_use = false;
    bool surplus = false;
    bool maybe_held = false;  // granted without our hearing it
  };

  Lease new_lease();
  Lease* find(std::uint16_t local_port);
  Lease* asked(const Question& question);
  void expire(TimePoint now);
  void pause(TimePoint now);
  void on_search_failed(TimePoint now);

  Rng& rng_;
  std::vector<Lease> leases_;
  MapMethod trying_ = MapMethod::Gateway;
  Seconds pause_ = kFirstPause;
  std::uint64_t last_id_ = 0;
  std::uint64_t asking_ = 0;  // the open question; 0: none
  std::uint16_t asking_for_ = 0;
  bool letting_go_ = false;
};

}  // namespace footbridge::core
