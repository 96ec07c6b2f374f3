// Whether packets to the world leave this machine by a connection that looks as if it were paid for by the byte: by
// what the kernel says of the interface of the default route (a mobile modem, or Bluetooth, which is a phone), and by
// what systemd-networkd keeps of its lease (phones that are hotspots say so in DHCP option 43). NetworkManager's own
// word is on D-Bus only and is not asked.
//
// Errors: what cannot be read says nothing. Threads: any.
#pragma once

#include <filesystem>
#include <string>

namespace footbridge::proxy {

bool looks_metered();

// For tests: of this interface, in the file system under `root`.
bool looks_metered(const std::string& device, const std::filesystem::path& root);

}  // namespace footbridge::proxy
