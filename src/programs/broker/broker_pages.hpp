// BrokerPages: shows the pages of --web where a decoy would be, told to help the network that this broker is of: itself
// and its egresses, or without a network's keys, which is for one machine, whom it knows of. Only the latter may reach
// private addresses, so check() and egress_entries() hold both ends of it to loopback. Errors: ops::UsageError
// about the folder, and when a network has nobody whom a page can reach. Ownership: the face outlives it. Threads: the
// executor's one thread.
#pragma once

#include <vector>

#include "core/rendezvous/egress_book.hpp"
#include "programs/broker/network_seal.hpp"
#include "programs/web_face.hpp"
#include "programs/web_pages.hpp"

namespace footbridge::broker {

class BrokerPages {
 public:
  BrokerPages(const ops::FilePath& folder, WebFace& face) : pages_("--web", folder), face_(face) {}

  // From now on, until the next one.
  void show(const Endpoint& own, bool tls, const std::vector<core::EgressEntry>& egresses);
  void show(const NetworkSeal& seal);

 private:
  WebPages pages_;
  WebFace& face_;
};

}  // namespace footbridge::broker
