// BrokerPages: shows the pages of --web where a decoy would be, told to help the network that this broker is of: itself
// and its egresses, or without a network's keys, which is for one machine, whom it knows of. Only the latter may reach
// private addresses, so check() and egress_entries() hold both ends of it to loopback. With --web-reporter they are
// also told of netstate. Errors: ops::UsageError about the folder or that file, and when a network has nobody whom a
// page can reach. Ownership: the face outlives it. Threads: the executor's one thread.
#pragma once

#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "core/rendezvous/egress_book.hpp"
#include "programs/broker/broker_options.hpp"
#include "programs/broker/network_seal.hpp"
#include "programs/web_face.hpp"
#include "programs/web_pages.hpp"

namespace footbridge::broker {

class BrokerPages {
 public:
  // `options` names the folder. Its reporter is read now.
  BrokerPages(const BrokerOptions& options, WebFace& face)
      : pages_("--web", *options.web),
        reporter_file_(options.web_reporter),
        on_one_machine_(!options.network),
        reporter_(read_reporter()),
        face_(face) {}

  // The reporter as its file is now; use_reporter() shows it from the next show() on.
  std::optional<PageReporter> read_reporter() const;
  void use_reporter(std::optional<PageReporter> reporter) { reporter_ = std::move(reporter); }

  // From now on, until the next one.
  void show(const Endpoint& own, bool tls, const std::vector<core::EgressEntry>& egresses);
  void show(const NetworkSeal& seal);

 private:
  void show(PageNetwork network, std::string_view base);

  WebPages pages_;
  std::optional<ops::FilePath> reporter_file_;
  bool on_one_machine_;
  std::optional<PageReporter> reporter_;
  WebFace& face_;
};

}  // namespace footbridge::broker
