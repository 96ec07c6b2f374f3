// ToldBrokers: the brokers that hear of an egress, and how they are reached: those of --broker, or all of --network's
// directory, sealed. The directory is looked at again each kLookAtDirectory, because the brokers' keys in it change
// daily; which brokers there are is settled at the start, and a later one is told after a restart, which the log says.
//
// Ownership: none. Errors: ops::UsageError from the constructor. Threads: the executor's one thread.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "io/asio.hpp"
#include "io/deadline_timer.hpp"
#include "programs/egress/egress_options.hpp"
#include "programs/network_files.hpp"
#include "programs/network_ways.hpp"

namespace footbridge::egress {

inline constexpr Seconds kLookAtDirectory{60};  // as a broker does: a key is announced a day before it is used

class ToldBrokers {
 public:
  ToldBrokers(asio::any_io_executor executor, const EgressOptions& options);

  std::size_t size() const { return brokers_.size(); }
  // Seals of a network's brokers, none of others.
  const NetworkWays& ways(std::size_t broker) const { return brokers_[broker].ways; }
  // Hears of a broker that is reached by other ways or keys from now on.
  void on_change(std::function<void(std::size_t broker)> hears) { on_change_ = std::move(hears); }

 private:
  struct Told {
    std::string name;  // in the directory
    NetworkWays ways;
  };
  void look_again(TimePoint now);
  void take(const NetworkFiles& files);

  std::optional<ops::FilePath> folder_;  // of a network
  std::string seen_;                     // of its files
  std::vector<Told> brokers_;
  std::function<void(std::size_t broker)> on_change_;
  io::DeadlineTimer timer_;
};

}  // namespace footbridge::egress
