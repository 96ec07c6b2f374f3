// Finder: who finds proxies for us. A port: the program passes BrokerClient, tests a finder that answers at once.
// Threads: the executor's one thread.
#pragma once

#include <vector>

#include "base/time.hpp"
#include "core/rendezvous/client_rendezvous.hpp"
#include "programs/client/trouble.hpp"
#include "wire/rendezvous.hpp"

namespace footbridge::client {

class FinderEvents {
 public:
  virtual ~FinderEvents() = default;
  // The search is over; at least one match.
  virtual void on_matches(TimePoint now, std::vector<wire::Match> matches) = 0;
  // Nothing yet; the search goes on by itself.
  virtual void on_still_looking(TimePoint now, Trouble why) = 0;
};

class Finder {
 public:
  virtual ~Finder() = default;
  // Replaces a search that is under way.
  virtual void search(TimePoint now, core::ClientSearch search) = 0;
  virtual void cancel(TimePoint now) = 0;
};

}  // namespace footbridge::client
