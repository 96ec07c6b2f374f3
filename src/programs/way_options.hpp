// How a client or a volunteer reaches its brokers: which, through which fronts, and whom to trust. The options of both.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/private.hpp"
#include "ops/option_table.hpp"
#include "ops/values.hpp"

namespace footbridge {

// Each broker through each front is a way, so that this many of both are already tried for minutes.
inline constexpr std::size_t kMaxBrokers = 8;
inline constexpr std::size_t kMaxFronts = 8;

struct WayOptions {
  std::vector<Private<ops::HttpUrl>> broker;
  std::vector<Private<std::string>> front;  // HOST or HOST:PORT; if there are any, no broker is connected to directly
  std::optional<ops::FilePath> broker_ca;   // nullopt: whom this system trusts
  std::optional<std::string> network{};     // of several that were joined: its name, or its root's first digits
};

// Of clients and volunteers, beside the others: which joined network they live in.
void add_network_option(ops::OptionTable& table, std::string_view section, WayOptions& ways);
void add_way_options(ops::OptionTable& table, std::string_view section, WayOptions& ways, std::string_view what_for);

// UsageError for what cannot be a way: see require_usable_broker(); a front needs brokers with https.
void check_ways(const WayOptions& ways);

// Without a network messages to a broker are not sealed, so whoever carries them in the clear reads them: UsageError
// unless the broker is on this machine or reached in TLS. `option` is the flag to name.
void require_usable_broker(std::string_view option, const ops::HttpUrl& url);

}  // namespace footbridge
