// Whether this machine is set up as a Tor relay or bridge: who volunteers from a relay's address does so from a public
// list, and who volunteers from a bridge's gives the bridge away.
//
// It reads tor's configuration files where Debian and FreeBSD have them, and no others. Threads: any; it reads files.
#pragma once

#include <filesystem>
#include <istream>

namespace footbridge::ops {

bool has_tor_relay(const std::filesystem::path& root = "/");
// A torrc that opens an OR port: with anything but 0.
bool is_relays_torrc(std::istream& torrc);

}  // namespace footbridge::ops
