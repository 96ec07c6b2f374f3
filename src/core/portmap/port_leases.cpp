#include "core/portmap/port_leases.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {

std::string_view name(MapMethod method) {
  switch (method) {
    case MapMethod::Gateway: return "gateway";
    case MapMethod::Upnp: return "upnp";
  }
  FB_ASSERT(false);
}

std::string_view name(MapFailure failure) {
  switch (failure) {
    case MapFailure::NoRouter: return "no-router";
    case MapFailure::Silent: return "silent";
    case MapFailure::Refused: return "refused";
    case MapFailure::Taken: return "taken";
    case MapFailure::PortInUse: return "port-in-use";
    case MapFailure::Unusable: return "unusable";
  }
  FB_ASSERT(false);
}

PortLeases::PortLeases(Rng& rng, std::size_t ports) : rng_(rng) { set_ports(ports); }

PortLeases::Lease PortLeases::new_lease() {
  Lease lease;
  do {
    lease.local_port = static_cast<std::uint16_t>(rng_.between(kFirstPort, kLastPort));
  } while (find(lease.local_port) != nullptr);
  return lease;
}

void PortLeases::set_ports(std::size_t count) {
  if (letting_go_) return;
  count = std::min(count, kMaxPorts);
  std::size_t kept = 0;
  for (auto& lease : leases_) lease.surplus = ++kept > count;
  while (leases_.size() < count) leases_.push_back(new_lease());
}

void PortLeases::forget(TimePoint now) {
  asking_ = 0;  // its answer comes from the wrong router
  trying_ = MapMethod::Gateway;
  pause_ = kFirstPause;
  std::erase_if(leases_, [](const Lease& lease) { return lease.surplus && !lease.in_use; });
  for (auto& lease : leases_) {
    lease.external.reset();
    lease.due = now;
    lease.tries = 0;
  }
}

void PortLeases::let_go() {
  letting_go_ = true;
  for (auto& lease : leases_) lease.surplus = true, lease.in_use = false;
  if (asking_ == 0) return;
  if (auto* lease = find(asking_for_)) lease->maybe_held = true;
  asking_ = 0;
}

// A lease that ran out is only wanted. Where nothing is held any more, the search begins anew.
void PortLeases::expire(TimePoint now) {
  for (auto& lease : leases_)
    if (lease.external && lease.until <= now) lease.external.reset(), lease.due = now;
}

std::optional<PortLeases::Question> PortLeases::next(TimePoint now) {
  if (asking_ != 0) return std::nullopt;
  expire(now);
  std::erase_if(leases_, [](const Lease& lease) {
    return lease.surplus && !lease.in_use && !lease.external && !lease.maybe_held;
  });
  for (const auto& lease : leases_) {
    if (lease.surplus && lease.in_use) continue;
    if (!lease.surplus && lease.due > now) continue;
    asking_ = ++last_id_;
    asking_for_ = lease.local_port;
    const auto holder = method();
    const auto how = lease.external ? lease.method : holder.value_or(trying_);
    return Question{asking_, how, lease.local_port, lease.external, lease.surplus ? Seconds{0} : kLease, lease.in_use};
  }
  return std::nullopt;
}

PortLeases::Lease* PortLeases::asked(const Question& question) {
  if (question.id != asking_) return nullptr;
  asking_ = 0;
  return find(question.local_port);
}

void PortLeases::on_granted(TimePoint now, const Question& question, Private<Endpoint> external, Seconds lifetime) {
  auto* lease = asked(question);
  if (lease == nullptr) return;
  lifetime = std::clamp(lifetime, kShortestRenewal, kLease);  // a router may promise days: we renew all the same
  lease->external = std::move(external);
  lease->method = question.method;
  lease->until = now + lifetime;
  lease->due = now + std::max<Duration>(lifetime / 2, kShortestRenewal);
  lease->tries = 0;
  pause_ = kFirstPause;
}

void PortLeases::on_failed(TimePoint now, const Question& question, MapFailure why) {
  auto* lease = asked(question);
  if (lease == nullptr) return;
  if (lease->surplus) {  // it did not hear us: its lease ends by itself
    lease->external.reset();
    lease->maybe_held = false;
    return;
  }
  const bool other_port = why == MapFailure::Taken || why == MapFailure::PortInUse;
  if (lease->external && other_port) lease->external.reset(), lease->due = now;
  if (lease->external) {
    const auto left = std::max<Duration>(lease->until - now, Duration{});
    lease->due = now + std::max<Duration>(left / 4, kShortestRenewal);
    return;
  }
  if (other_port && !lease->in_use && ++lease->tries < kPortTries) {
    const auto tries = lease->tries;
    *lease = new_lease();
    lease->tries = tries;
    lease->due = now;
    return;
  }
  lease->tries = 0;
  if (method()) {
    lease->due = now + kFirstPause;  // the router forwards others: it will not have more
    return;
  }
  on_search_failed(now);
}

void PortLeases::on_search_failed(TimePoint now) {
  if (trying_ == MapMethod::Gateway) {
    trying_ = MapMethod::Upnp;
    return;
  }
  trying_ = MapMethod::Gateway;
  for (auto& lease : leases_) lease.due = now + pause_;
  pause_ = std::min(2 * pause_, kLongestPause);
}

void PortLeases::on_released(const Question& question) {
  auto* lease = asked(question);
  if (lease == nullptr) return;
  lease->external.reset();
  lease->maybe_held = false;
}

std::optional<TimePoint> PortLeases::deadline() const {
  if (asking_ != 0) return std::nullopt;
  std::optional<TimePoint> out;
  for (const auto& lease : leases_) {
    if (lease.surplus && lease.in_use) continue;
    auto at = lease.surplus ? TimePoint{} : lease.due;
    if (lease.external && !lease.surplus) at = std::min(at, lease.until);
    if (!out || at < *out) out = at;
  }
  return out;
}

std::optional<MappedPort> PortLeases::take(TimePoint now) {
  Lease* best = nullptr;
  for (auto& lease : leases_) {
    if (!lease.external || lease.in_use || lease.surplus || lease.until < now + kLeastLeft) continue;
    if (best == nullptr || lease.free_since < best->free_since) best = &lease;
  }
  if (best == nullptr) return std::nullopt;
  best->in_use = true;
  return MappedPort{best->local_port, *best->external};
}

void PortLeases::give_back(TimePoint now, std::uint16_t local_port) {
  auto* lease = find(local_port);
  if (lease == nullptr) return;  // let go of, or forgotten, meanwhile
  lease->in_use = false;
  lease->free_since = now;
}

std::size_t PortLeases::held(TimePoint now) const {
  return static_cast<std::size_t>(std::ranges::count_if(
      leases_, [now](const Lease& lease) { return lease.external && !lease.surplus && lease.until > now; }));
}

std::optional<MapMethod> PortLeases::method() const {
  for (const auto& lease : leases_)
    if (lease.external) return lease.method;
  return std::nullopt;
}

PortLeases::Lease* PortLeases::find(std::uint16_t local_port) {
  const auto found = std::ranges::find(leases_, local_port, &Lease::local_port);
  return found == leases_.end() ? nullptr : &*found;
}

}  // namespace footbridge::core
