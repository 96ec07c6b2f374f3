// Whether this machine is set up as a Tor relay or bridge: who volunteers from a relay's address does so from a public
// list, and who volunteers from a bridge's gives the bridge away.
//
// It reads tor's configuration files where Debian and FreeBSD have them, and what those include, but no others.
// Bounds: kMostIncluded files of each. Threads: any; it reads files.
#pragma once

#include <cstddef>
#include <filesystem>
#include <istream>

namespace footbridge::ops {

inline constexpr std::size_t kMostIncluded = 64;  // more than a package and its owner write

bool has_tor_relay(const std::filesystem::path& root = "/");
// A torrc that opens an OR port: with anything but 0.
bool is_relays_torrc(std::istream& torrc);

}  // namespace footbridge::ops
