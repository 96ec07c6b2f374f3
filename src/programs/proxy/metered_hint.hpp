// Whether what we send leaves this machine by a connection that looks as if it were paid for by the byte: by what the
// machine's network manager was heard to say of the interface whose address it carries (a file with "yes" or "no";
// packaging/networkmanager writes it), else by what the kernel says of it (a mobile modem, or Bluetooth, which is a
// phone), and by what systemd-networkd keeps of its lease (phones that are hotspots say so in DHCP option 43). A VPN
// costs what the first of the machine's own default routes (of IPv4) costs.
//
// Errors: what cannot be read says nothing. Threads: any.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "io/default_route.hpp"
#include "io/local_addresses.hpp"

namespace footbridge::proxy {

// Sent from these addresses of ours.
bool looks_metered(const io::LocalAddresses& local);

// For tests: by this interface, on a machine that has these default routes, in the file system under `root`.
bool looks_metered(const std::string& device, const std::vector<io::WorldRoute>& routes,
                   const std::filesystem::path& root);

}  // namespace footbridge::proxy
