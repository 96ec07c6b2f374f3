#include "programs/client/network_table.hpp"

#include <algorithm>
#include <numeric>

#include "base/assert.hpp"
#include "io/clock.hpp"

namespace footbridge::client {

struct NetworkTable::Member {
  Member(NetworkTable& table, std::size_t number, const NetworkSettings& wanted)
      : settings(wanted),
        network(table.make_network_(number, wanted)),
        idle(table.executor_, [this, &table](TimePoint) { table.retire(*this); }) {}

  NetworkSettings settings;
  std::unique_ptr<ClientNetwork> network;
  std::size_t leases = 0;
  io::DeadlineTimer idle;  // armed while there is no lease
};

NetworkTable::NetworkTable(asio::any_io_executor executor, MakeNetwork make_network, Duration idle)
    : executor_(executor),
      make_network_(std::move(make_network)),
      idle_(idle),
      leaving_(executor, "leaving-networks", io::TaskScope::kOthersGoOn) {}

NetworkTable::~NetworkTable() = default;

void NetworkTable::start(MakeLink make_link) {
  FB_ASSERT(!make_link_);
  make_link_ = std::move(make_link);
  for (auto& member : members_) member->network->start(io::now(), make_link_);
}

std::optional<NetworkTable::Lease> NetworkTable::use(TimePoint now, const NetworkSettings& settings) {
  auto* member = find_or_make(now, settings);
  if (member == nullptr) return std::nullopt;
  return std::optional<Lease>(std::in_place, *this, *member);
}

NetworkTable::Member* NetworkTable::find_or_make(TimePoint now, const NetworkSettings& settings) {
  const auto known = std::ranges::find_if(members_, [&](const auto& m) { return m->settings == settings; });
  if (known != members_.end()) {
    members_.splice(members_.end(), members_, known);
    return members_.back().get();
  }
  // Whoever asks for other settings again and again makes networks faster than they say goodbye.
  if (leaving_.size() >= kMaxNetworks) return nullptr;
  if (members_.size() == kMaxNetworks) {
    const auto idle = std::ranges::find_if(members_, [](const auto& m) { return m->leases == 0; });
    if (idle == members_.end()) return nullptr;
    retire(**idle);
  }
  auto& made = members_.emplace_back(std::make_unique<Member>(*this, ++made_, settings));
  if (refusing_) made->network->refuse();
  if (make_link_ && !refusing_) made->network->start(now, make_link_);
  return made.get();
}

NetworkTable::Lease::Lease(NetworkTable& table, Member& member) : table_(table), member_(&member) {
  ++member.leases;
  member.idle.arm(std::nullopt);
}

NetworkTable::Lease::~Lease() {
  if (member_ != nullptr) table_.release(*member_);
}

Tunnel& NetworkTable::Lease::tunnel() const {
  FB_ASSERT(member_ != nullptr);
  return member_->network->tunnel();
}

void NetworkTable::release(Member& member) {
  FB_ASSERT(member.leases > 0);
  if (--member.leases == 0) member.idle.arm(io::now() + idle_);
}

void NetworkTable::retire(Member& member) {
  FB_ASSERT(member.leases == 0);
  const auto at = std::ranges::find_if(members_, [&](const auto& m) { return m.get() == &member; });
  FB_ASSERT(at != members_.end());
  member.idle.arm(std::nullopt);
  auto owned = std::move(*at);
  members_.erase(at);
  leaving_.spawn(say_goodbye(std::move(owned)));
}

asio::awaitable<void> NetworkTable::say_goodbye(std::unique_ptr<Member> member) { co_await member->network->leave(); }

void NetworkTable::on_network_change(TimePoint now) {
  for (auto& member : members_) member->network->on_network_change(now);
}

void NetworkTable::set_nat(wire::Nat nat) {
  for (auto& member : members_) member->network->set_nat(nat);
}

void NetworkTable::refuse() {
  refusing_ = true;
  for (auto& member : members_) member->network->refuse();
}

asio::awaitable<void> NetworkTable::leave() {
  while (!members_.empty()) retire(*members_.front());
  co_await leaving_.join();
}

std::size_t NetworkTable::carrying() const {
  return std::accumulate(members_.begin(), members_.end(), std::size_t{0},
                         [](std::size_t sum, const auto& m) { return sum + m->network->keeper().carrying(); });
}

std::size_t NetworkTable::standby() const {
  return std::accumulate(members_.begin(), members_.end(), std::size_t{0},
                         [](std::size_t sum, const auto& m) { return sum + m->network->keeper().standby(); });
}

std::size_t NetworkTable::streams() const {
  return std::accumulate(members_.begin(), members_.end(), std::size_t{0},
                         [](std::size_t sum, const auto& m) { return sum + m->network->keeper().streams(); });
}

}  // namespace footbridge::client
