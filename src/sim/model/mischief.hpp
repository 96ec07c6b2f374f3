// Mischief: what goes wrong in a world while its faults last: crashes and restarts, silent deaths, partitions, frozen
// volunteers, as often as the fault mix says. stop() makes good whatever lasts; then nothing goes wrong any more.
// Ownership: the world outlives it. Thread: one.
#pragma once

#include <vector>

#include "sim/ground.hpp"
#include "sim/model/fault_mix.hpp"
#include "sim/model/hop.hpp"

namespace footbridge::sim::model {

class World;

class Mischief final : public Timed {
 public:
  Mischief(World& world, Seed seed);
  void stop();
  bool calm() const { return calm_; }

 private:
  using Act = void (Mischief::*)();

  void on_alarm() override {}
  // Again and again, on average every `mean` at full strength.
  void now_and_then(Fault fault, Duration mean, Act act);
  void next(Duration mean, Act act);
  Hop* some_hop(bool links_only);

  void silent_death();
  void cut();
  void leg_reset();
  void proxy_crash();
  void proxy_freeze();
  void proxy_slots();
  void client_crash();
  void client_offline();
  void broker_restart();
  void egress_restart();
  void egress_partition();
  void nat_restart();

  void start_proxy(std::uint64_t number);
  void thaw(std::uint64_t number);
  void come_online(std::uint64_t number);
  void heal_partition(std::uint64_t egress);

  World& world_;
  Dice dice_;
  bool calm_ = false;
};

}  // namespace footbridge::sim::model
