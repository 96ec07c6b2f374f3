// NetworkSource: a network that this installation has joined, as a program lives from it: which directory it believes,
// kept on disk, and what follows for client and volunteer (NetworkView). Who serves directories is DirectoryFetch's to
// know; what is believed is core::DirectoryKeeper's to decide. It reads the wall clock, and sets it right by what a
// proven broker said, within SEAL-T9: a machine in the wrong time zone is to get out, too.
//
// Errors: a directory that cannot be written down is used all the same, and that is said once ("state-not-kept").
// Threads: the one that uses it.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "core/sealing/asker_clock.hpp"
#include "io/clock.hpp"
#include "programs/common_options.hpp"
#include "programs/joined_networks.hpp"
#include "programs/network_view.hpp"
#include "programs/way_options.hpp"

namespace footbridge {

class NetworkSource {
 public:
  NetworkSource(JoinedNetworks kept, JoinedNetwork network) : kept_(std::move(kept)), network_(std::move(network)) {}

  NetworkView view() const { return network_view(network_.invite, network_.keeper.serving(clock())); }
  bool serves() const { return network_.keeper.serving(clock()) != nullptr; }
  // Of what serves; nullopt: nothing does.
  std::optional<wire::Validity> validity() const;
  const wire::Invite& invite() const { return network_.invite; }
  // view() stays as it is while this does.
  struct State {
    std::uint64_t directories = 0;  // taken by this object
    bool serves = false;
    friend bool operator==(const State&, const State&) = default;
  };
  State state() const { return {directories_, serves()}; }

  // For BrokerWays::in_order.
  bool in_order() const { return network_.invite.compartment.has_value(); }

  UnixSeconds clock() const { return clock_.corrected(io::unix_now()); }
  void use_clock(const core::AskerClock& of_brokers) { clock_ = of_brokers; }
  const core::AskerClock& of_brokers() const { return clock_; }
  // New: state() and view() are others now.
  Result<core::DirectoryKeeper::Taken, core::DirectoryRefusal> take(ByteView signed_directory);

 private:
  JoinedNetworks kept_;
  JoinedNetwork network_;
  core::AskerClock clock_;
  std::uint64_t directories_ = 0;
  bool complained_ = false;
};

// The network that options mean. nullopt: they name its brokers themselves, or `required` is false and not exactly one
// was joined. UsageError says what to do: join one, or say which of several.
std::optional<NetworkSource> joined_source(const WayOptions& ways, const LinkOptions& link, bool required);

// STUN servers, unless the person named some: the directory's, else built_in_stun(), which on private addresses (demo
// and tests) are not asked.
void take_stun(LinkOptions& link, const NetworkSource& source);

}  // namespace footbridge
