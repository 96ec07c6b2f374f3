// Igd: a UPnP Internet Gateway Device, through miniupnpc. Every call blocks, for seconds where a router is slow; for
// the thread of upnp_way.cpp only. Nothing here is logged.
#pragma once

#include <memory>
#include <optional>

#include "io/portmap/home_router.hpp"
#include "io/portmap/way.hpp"

namespace footbridge::io {

class Igd {
 public:
  // The one at `home.router` itself; null: none answers. See upnp_way.hpp on why no other is taken.
  static std::unique_ptr<Igd> find(const HomeRouter& home);
  ~Igd();
  Igd(const Igd&) = delete;
  Igd& operator=(const Igd&) = delete;

  PortMapWay::Answer map(const core::PortLeases::Question& question);

 private:
  struct Parts;
  explicit Igd(std::unique_ptr<Parts> parts);
  std::unique_ptr<Parts> parts_;
};

}  // namespace footbridge::io
