// Nat: an address translator as RFC 4787 describes it: which outside port an inside port gets (mapping), who may send
// to it (filtering), for how long it is kept, and whether two hosts inside may meet through the outside (hairpinning).
// can_meet() plays the connectivity checks of ICE between two hosts behind such boxes, and so decides which links open.
//
// Bounds: kMaxBindings, the oldest is forgotten. Hosts are numbers; 0 is nobody. Thread: one.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/time.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::sim {

// An address and a port on the outside.
struct Place {
  std::uint32_t host = 0;
  std::uint16_t port = 0;
  friend bool operator==(const Place&, const Place&) = default;
};

struct NatTerms {
  wire::Nat kind{wire::NatBehaviour::EndpointIndependent, wire::NatBehaviour::EndpointIndependent};
  Duration lifetime = Seconds{120};  // RFC 4787 §4.3: at least two minutes; many have less
  bool hairpins = false;
  bool translates = true;  // false: a firewall; addresses and ports stay what they are
  // What nobody inside asked for takes the outside port for itself, as on a Linux router without a rule against it:
  // whoever inside goes there later gets another port.
  bool knocks_take_ports = false;
};

class Nat {
 public:
  static constexpr std::size_t kMaxBindings = 1'024;

  Nat(std::uint32_t outside_host, const NatTerms& terms) : host_(outside_host), terms_(terms) {}

  const NatTerms& terms() const { return terms_; }
  std::uint32_t host() const { return host_; }
  // A packet leaves from `inside_port`: from where it seems to come.
  Place send(TimePoint now, std::uint16_t inside_port, Place to);
  // A packet arrives at an outside port: the inside port it is handed to. nullopt: thrown away.
  std::optional<std::uint16_t> receive(TimePoint now, std::uint16_t outside_port, Place from);
  // Power cut, or a new address from the provider: nothing inside can be reached through the old bindings.
  void restart(std::uint32_t outside_host) {
    bindings_.clear();
    knocks_.clear();
    host_ = outside_host;
  }

 private:
  struct Binding {
    std::uint16_t inside = 0;
    std::uint16_t outside = 0;
    Place towards;             // as far as the mapping distinguishes
    std::vector<Place> asked;  // to whom something was sent
    TimePoint until{};
  };
  struct Knock {
    std::uint16_t outside = 0;
    Place from;
    TimePoint until{};
  };
  void forget(TimePoint now);
  Binding& binding_for(std::uint16_t inside_port, Place towards);
  bool is_taken(const Binding& binding, Place to) const;

  std::uint32_t host_;
  NatTerms terms_;
  std::uint16_t next_port_ = 10'000;
  std::vector<Binding> bindings_;
  std::vector<Knock> knocks_;
};

// Two hosts, each with one socket, who know each other's address as a STUN server saw it. True: a pair was found on
// which a check and its answer went through. `a` and `b` may be the same box.
bool can_meet(TimePoint now, Nat& a, Nat& b);

}  // namespace footbridge::sim
