#include "programs/network_source.hpp"

#include <algorithm>
#include <utility>

#include "base/encoding.hpp"
#include "io/clock.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "programs/state_directory.hpp"

namespace footbridge {
namespace {

using ops::UsageError;

// As many as tell 32 networks apart; join --list shows more.
constexpr std::size_t kLeastDigits = 4;

bool is_called(const JoinedNetwork& network, const std::string& wanted) {
  return network.invite.network == wanted ||
         (wanted.size() >= kLeastDigits && encode_hex(network.invite.root.view()).starts_with(wanted));
}

std::string names(const std::vector<JoinedNetwork>& networks) {
  std::string out;
  for (const auto& network : networks)
    out += (out.empty() ? "" : ", ") + network.invite.network + " (" +
           encode_hex(network.invite.root.view().first(kLeastDigits)) + ")";
  return out;
}

}  // namespace

std::optional<wire::Validity> NetworkSource::validity(UnixSeconds clock) const {
  const auto* directory = network_.keeper.serving(clock);
  return directory != nullptr ? std::optional(directory->valid) : std::nullopt;
}

Result<core::DirectoryKeeper::Taken, core::DirectoryRefusal> NetworkSource::take(UnixSeconds clock,
                                                                                 ByteView signed_directory) {
  auto taken = network_.keeper.take(clock, signed_directory);
  if (!taken || *taken == core::DirectoryKeeper::Taken::Known) return taken;
  try {
    kept_.keep_directory(network_);
  } catch (const UsageError&) {
    if (!std::exchange(complained_, true))
      observe::log(observe::Level::Warn, "state-not-kept", observe::kv("why", "cannot be read or written"));
  }
  return taken;
}

void take_stun(LinkOptions& link, const NetworkSource& source) {
  if (!link.stun.empty()) return;
  link.stun = source.view(io::unix_now()).stun;
  if (link.stun.empty() && !link.allow_private_candidates) link.stun = built_in_stun();
}

std::optional<NetworkSource> joined_source(const WayOptions& ways, const LinkOptions& link, bool required) {
  if (!ways.broker.empty()) return std::nullopt;
  const auto state = state_directory(link.state_dir, link.parent_state_dir);
  const auto networks = state ? JoinedNetworks(*state).all() : std::vector<JoinedNetwork>();
  if (networks.empty() && !required && !ways.network) return std::nullopt;
  if (networks.empty())
    throw UsageError(
        "--broker: no network is configured; paste an invite into footbridge join, or name a broker, or look around "
        "with: footbridge demo");
  auto chosen = networks;
  if (ways.network) std::erase_if(chosen, [&](const auto& network) { return !is_called(network, *ways.network); });
  if (chosen.size() != 1)
    throw UsageError("--network: " + std::string(ways.network ? "name one of these" : "say which of these is meant") +
                     ", or its digits: " + names(networks));
  return NetworkSource(JoinedNetworks(*state), std::move(chosen.front()));
}

}  // namespace footbridge
