#include "io/portmap/home_router.hpp"

#include "wire/ice_candidate_filter.hpp"

namespace footbridge::io {

std::optional<HomeRouter> home_router_of(const std::optional<DefaultRoute>& route) {
  if (!route) return std::nullopt;
  constexpr std::uint16_t kHighPort = 50'000;
  if (wire::judge_endpoint({route->own.reveal_to_socket(), kHighPort}, {}) == wire::CandidateVerdict::Usable)
    return std::nullopt;
  return HomeRouter{route->router, route->own};
}

std::optional<HomeRouter> find_home_router() { return home_router_of(default_route()); }

}  // namespace footbridge::io
