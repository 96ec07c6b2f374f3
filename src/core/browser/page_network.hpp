// What a page can find out of its network (spec 13 §12), and what of that a broker is told. Filtering it cannot: who
// answers a browser is whom it has asked.
#pragma once

#include <cstddef>
#include <cstdint>

#include "wire/rendezvous.hpp"

namespace footbridge::core {

// The numbers are those of core.wasm's calls (src/web/volunteer_calls.hpp).
enum class PageNetwork : std::uint8_t {
  Unknown,
  Open,        // no address translation
  Moderate,    // one port for everybody
  Restricted,  // another port for each destination
  NoUdp,       // nobody answered
};

constexpr wire::Nat nat_of(PageNetwork network) {
  using enum wire::NatBehaviour;
  constexpr wire::Nat kNats[] = {
      {}, {EndpointIndependent, Unknown}, {EndpointIndependent, Unknown}, {AddressAndPortDependent, Unknown}, {}};
  return kNats[static_cast<std::size_t>(network)];
}

}  // namespace footbridge::core
