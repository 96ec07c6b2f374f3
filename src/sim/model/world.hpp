// World: one run of the model: clients, proxies, brokers and egresses on one ground, the network between them, what
// goes wrong, and the judgement at the end. Everything follows from the seed and the scenario.
//
// Bounds: Scenario. Thread: one; several worlds may run on several threads.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/ground.hpp"
#include "sim/model/fault_mix.hpp"
#include "sim/model/model_client.hpp"
#include "sim/model/model_egress.hpp"
#include "sim/model/model_proxy.hpp"
#include "sim/model/network.hpp"
#include "sim/model/scenario.hpp"
#include "sim/nat.hpp"

namespace footbridge::sim::model {

struct RunCount {
  std::uint64_t events = 0, links = 0, legs = 0, faults = 0;
  StreamCount streams;
};

struct RunResult {
  std::uint64_t hash = 0;
  std::optional<Finding> finding;
  RunCount count;
};

class Mischief;

class World final : public Network {
 public:
  World(const Scenario& scenario, Seed seed, Trace trace = {});
  ~World() override;

  RunResult run();
  // Where it stands, for whoever is told of a broken invariant.
  const Ground& ground() const { return ground_; }

  // Network
  BrokerSite& broker_of(Actor who) override;
  core::RequesterInfo requester(Actor who) override;
  wire::Sdp offer(std::uint64_t client) override;
  Hop& answer_link(std::uint64_t proxy, wire::Sdp& answer) override;
  Hop* join_link(std::uint64_t client, const wire::Sdp& answer) override;
  bool session_lives(const wire::EgressId& egress, const SessionId& session) override;
  void dial(ModelProxy& proxy, core::SlotRef at, const std::string& url) override;

 private:
  friend class Mischief;
  struct ClientHome {
    ClientTerms terms;
    Nat nat;
    std::unique_ptr<ModelClient> program;
  };
  struct ProxyHome {
    ProxyTerms terms;
    Nat nat;
    std::unique_ptr<ModelProxy> program;
  };
  struct EgressHome {
    wire::EgressId id;
    crypto::SecretKey key;
    EgressTerms terms;
    Seconds skew{0};
    bool reachable = true;
    std::uint32_t boots = 0;
    std::unique_ptr<ModelEgress> program;
  };
  // Which programs a link lies between, or a leg.
  struct Lies {
    std::uint64_t near = 0;
    std::uint64_t far = 0;
  };

  // world.cpp
  void build_egresses();
  void build_brokers();
  void build_proxies();
  void build_clients();
  Nat draw_nat(wire::Nat& told);
  void start_client(std::uint64_t number);
  void start_proxy(std::uint64_t number);
  void start_egress(std::uint64_t number);
  void stop_client(std::uint64_t number, bool noticed);
  void count_streams(ModelClient& client);
  void judge_connected();
  void judge_streams();
  bool can_be_connected(std::uint64_t client);
  RunResult result();

  // world_network.cpp
  LinkWeather link_weather();
  LinkWeather leg_weather();
  Hop& make_hop(HopKind kind, Lies lies);
  void open_link(std::uint64_t hop);
  void arrive_at_egress(Standing proxy, core::SlotRef at, const std::string& url);
  void show_again(std::uint64_t egress, std::uint32_t boot, const std::string& token);
  void sweep_hops();
  std::optional<std::uint64_t> egress_named(const std::string& url) const;

  Scenario scenario_;
  Ground ground_;
  FaultMix mix_;
  Dice dice_;
  std::vector<std::unique_ptr<BrokerSite>> brokers_;
  std::vector<EgressHome> egresses_;
  std::map<std::uint64_t, std::unique_ptr<Hop>> hops_;
  std::map<std::uint64_t, Lies> lies_;
  std::uint64_t last_hop_ = 0;
  std::uint64_t next_sweep_ = 64;
  std::uint32_t next_address_ = 100;
  std::vector<ProxyHome> proxies_;
  std::vector<ClientHome> clients_;
  std::unique_ptr<Mischief> mischief_;
  RunCount count_;
};

// One seed from its beginning to its end.
RunResult run_seed(const Scenario& scenario, std::uint64_t seed, Trace trace = {});

}  // namespace footbridge::sim::model
