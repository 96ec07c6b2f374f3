#include "programs/network_source.hpp"

#include <algorithm>
#include <utility>

#include "base/encoding.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "programs/state_directory.hpp"

namespace footbridge {
namespace {

using ops::UsageError;

// Of a root's key: more than a person needs, should two begin alike.
constexpr std::size_t kShownDigits = 2 * kLeastDigits;

std::string names(const std::vector<JoinedNetwork>& networks) {
  std::string out;
  for (const auto& network : networks)
    out += (out.empty() ? "" : ", ") + network.invite.network + " (" +
           encode_hex(network.invite.root.view()).substr(0, kShownDigits) + ")";
  return out;
}

}  // namespace

std::optional<wire::Validity> NetworkSource::validity() const {
  const auto* directory = network_.keeper.serving(clock());
  return directory != nullptr ? std::optional(directory->valid) : std::nullopt;
}

Result<core::DirectoryKeeper::Taken, core::DirectoryRefusal> NetworkSource::take(ByteView signed_directory) {
  auto taken = network_.keeper.take(clock(), signed_directory);
  if (!taken || *taken == core::DirectoryKeeper::Taken::Known) return taken;
  ++directories_;
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
  link.stun = source.view().stun;
  if (link.stun.empty() && !link.allow_private_candidates) link.stun = built_in_stun();
}

std::optional<NetworkSource> joined_source(const WayOptions& ways, const LinkOptions& link, bool required) {
  if (!ways.broker.empty()) return std::nullopt;
  const auto state = state_directory(link.state_dir, link.parent_state_dir);
  const auto networks = state ? JoinedNetworks(*state).all() : std::vector<JoinedNetwork>();
  if (networks.size() != 1 && !required && !ways.network) return std::nullopt;
  if (networks.empty())
    throw UsageError(
        "--broker: no network is configured; paste an invite into footbridge join, or name a broker, or look around "
        "with: footbridge demo");
  auto chosen = ways.network ? JoinedNetworks(*state).named(*ways.network) : networks;
  if (chosen.size() != 1)
    throw UsageError("--network: " + std::string(ways.network ? "name one of these" : "say which of these is meant") +
                     ", or its digits: " + names(networks));
  NetworkSource source(JoinedNetworks(*state), std::move(chosen.front()));
  if (source.view().brokers.ways.empty())
    throw UsageError("--network: its invite names no broker that can be reached in TLS; ask for another invite");
  return source;
}

}  // namespace footbridge
