// ProxyNode: a volunteer of the stack tier: carries up to kProxySlots clients, each with the real core::Relay between a
// link and a leg. It may crash, with or without the kernel's word to the egress, freeze, and come again.
//
//   client ── link ──▶ Stay{ Relay } ── leg ──▶ egress       one of these for each client it carries
//
// Bounds: kProxySlots; the relay's own. Ownership: the network outlives it. Thread: one.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "core/proxy/relay.hpp"
#include "sim/stack/network.hpp"

namespace footbridge::sim {

inline constexpr std::size_t kProxySlots = 4;

class ProxyNode {
 public:
  ProxyNode(Network& network, std::uint64_t number);
  ~ProxyNode();

  bool alive() const { return alive_; }
  bool frozen() const { return frozen_; }
  bool has_room() const { return alive_ && !frozen_ && stays_.size() < kProxySlots; }
  std::size_t stays() const { return stays_.size(); }
  std::uint64_t number() const { return name_.number; }

  // A client's link has opened, and the leg with it; both at this node's sides.
  void carry(Pipe::Side& link, Pipe::Side& leg);
  // The program is gone. `told`: the kernel resets the legs; links just fall silent, until ICE gives up after
  // `link_noticed`, or never.
  void crash(bool told, std::optional<Duration> link_noticed);
  void restart();
  void freeze(bool frozen);
  // Leaves in order, as a volunteer who closes the laptop's lid does not.
  void close();

  // P3: nothing of a relay is beyond its bound.
  bool within_bounds() const;
  void for_each_stay(const std::function<void(const core::Relay&)>& visit) const;

 private:
  class Stay;
  void sweep();

  Network& network_;
  const Actor name_;
  bool alive_ = true;
  bool frozen_ = false;
  std::vector<std::unique_ptr<Stay>> stays_;
  Timer sweeping_;
};

}  // namespace footbridge::sim
