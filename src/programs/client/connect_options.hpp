// Options of `footbridge connect`.
#pragma once

#include <optional>
#include <vector>

#include "io/upstream.hpp"
#include "programs/common_options.hpp"
#include "programs/way_options.hpp"

namespace footbridge::client {

inline constexpr ops::Bound<std::uint64_t> kPathsBound{1, 8};
inline constexpr ops::Bound<Millis> kIdleAfterBound{Millis(1'000), Millis(3'600'000)};

struct ConnectOptions {
  CommonOptions common{.drain_timeout = Millis(5'000)};  // nobody waits for a client that was told to stop
  LinkOptions link;
  WayOptions ways;
  std::vector<ops::Pin> egress_pin;                // keys of egresses it trusts; any of them will do
  std::optional<ops::FilePath> egress_descriptor;  // their pins are added to egress_pin by trusted_pins()
  Endpoint listen = ops::loopback(1080);           // SOCKS (RFC 1928) and HTTP on one port
  bool i_know_the_proxy_is_open = false;
  std::uint64_t paths = 3;    // core::kTargetPaths says why
  Millis idle_after{60'000};  // core::kIdleAfter says why
  Millis timeout{60'000};     // for the first path; two rounds of rendezvous on a slow mobile network
  // The way out, where it is not simply the network; see way_out().
  std::optional<Private<std::string>> upstream_proxy;
  std::optional<ops::FilePath> upstream_proxy_file;
  std::vector<Private<IpAddress>> bind_address;  // at most one of each family
};

ops::OptionTable option_table(ConnectOptions& options);
void check(const ConnectOptions& options);

// What upstream_proxy or its file, and bind_address, come to. UsageError with the remedy when they are of no use.
io::WayOut way_out(const ConnectOptions& options);

// egress_pin and the pins in the descriptor file; never empty. UsageError when the file is wrong.
std::vector<ops::Pin> trusted_pins(const ConnectOptions& options);

}  // namespace footbridge::client
