// BrokerDoor: the broker's HTTP face. A POST carries a rendezvous request and is answered when core::Broker says so;
// everything else gets the decoy, and so does a request that cannot be read. With a seal only sealed requests are
// rendezvous requests (spec 10), and those for the directory are answered here; without one only plain ones are. A
// requester that goes away while it is parked is taken out of the matching.
// Ownership: outlives the server that uses it; the seal outlives it. Threads: the executor's one thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "core/rendezvous/broker.hpp"
#include "io/asio.hpp"
#include "io/deadline_timer.hpp"
#include "io/wakeup.hpp"
#include "observe/metrics.hpp"
#include "ops/geo/country_table.hpp"
#include "programs/broker/guest_book.hpp"
#include "programs/broker/network_seal.hpp"
#include "store/store.hpp"
#include "transport/http/server.hpp"

namespace footbridge::broker {

class BrokerDoor final : public http::Handler {
 public:
  // `seal`: null where bodies are plain.
  BrokerDoor(asio::any_io_executor executor, core::BrokerConfig config, Rng& rng, NetworkSeal* seal = nullptr);

  asio::awaitable<http::Response> handle(http::Request request) override;
  // Sends everybody away, first of all those who are parked.
  void drain();
  // The rules by which invites are judged from now on; who may not stay is sent away.
  void set_invites(core::InviteRules rules);
  // Called before each request that can be read is judged: other rules may have come.
  void look_first(std::function<void(TimePoint now)> look) { look_first_ = std::move(look); }
  // Where installations are written down that come for the first time. Before the first request.
  void keep_guests(GuestBook book);
  // How long people waited for a match goes there from now on; it outlives the door.
  void count_match_waits(observe::Histogram& waits) { match_waits_ = &waits; }
  // With others that have this network's keys: what one of them has heard is not heard here. It outlives the door.
  void share(store::Store& store) { store_ = &store; }
  // From now on requesters are looked up in these; until then nobody's country is known.
  void set_countries(ops::CountryTable countries) { countries_ = std::move(countries); }

  // As core::Broker's, for requests from now on; what is parked stays.
  core::EgressBook::Replaced set_egresses(std::vector<core::EgressEntry> egresses);
  void set_tactics(core::CountryTactics tactics) { broker_.set_tactics(std::move(tactics)); }
  void set_limits(std::uint32_t slots_per_prefix, std::size_t max_parked) {
    broker_.set_limits(slots_per_prefix, max_parked);
  }

  const core::BrokerStats& stats() const { return broker_.stats(); }
  std::size_t parked_polls() const { return broker_.parked_polls(); }
  std::size_t parked_polls(core::NatClass nat) const { return broker_.parked_polls(nat); }
  std::size_t parked_pages() const { return broker_.parked_pages(); }
  std::size_t parked_offers() const { return broker_.parked_offers(); }
  std::size_t remembered() const { return broker_.remembered(); }
  const core::TestedProxies& tests() const { return broker_.tests(); }
  const core::NatProbes& probes() const { return broker_.probes(); }
  std::size_t egresses_up() const { return broker_.egresses_up(); }
  // Requests whose country was known, and the others. More than that is not counted: in many countries one requester
  // alone would stand out.
  struct Located {
    std::uint64_t known = 0;
    std::uint64_t unknown = 0;
  };
  const Located& located() const { return located_; }

 private:
  struct Parked;
  // A request as core::Broker is to hear it.
  struct Heard {
    Bytes body;
    core::RequesterInfo who;
    std::optional<core::SealProof> proof;
    std::optional<core::ReplySeal> seal;
    std::optional<store::RequestTag> tag;  // where a store is shared
  };
  std::optional<Heard> hear(http::Request& request, std::optional<http::Response>& at_once);
  asio::awaitable<bool> first_heard(store::RequestTag tag);
  core::RequesterInfo describe(const Endpoint& peer);
  void write_down_guests();
  void tell_kept(bool kept);
  void settle();

  asio::any_io_executor executor_;
  NetworkSeal* seal_;
  store::Store* store_ = nullptr;
  observe::Histogram* match_waits_ = nullptr;  // null: nobody looks
  bool store_lost_ = false;                    // told once when it is lost
  std::array<std::byte, 32> prefix_key_;  // of the hashes by which the broker tells networks apart; never written down
  core::Broker broker_;
  std::function<void(TimePoint now)> look_first_;
  std::optional<GuestBook> guests_;
  bool guests_kept_ = true;  // told once when it ends
  ops::CountryTable countries_;
  Located located_;
  std::unordered_map<core::RequestKey, Parked*> parked_;
  core::RequestKey last_key_ = 0;
  io::DeadlineTimer timer_;
};

}  // namespace footbridge::broker
