// Tests only: broker, volunteers, links and egress in one process and on one loop, so that everything of the client but
// ICE and HTTP rendezvous is real: PathKeeper, QUIC, session, tunnel, front door.
//
// The egress connects to 127.0.0.1 only, by address or by the name "site.test". Threads: the context's one thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/rng.hpp"
#include "core/session/memory_budget.hpp"
#include "io/session_host.hpp"
#include "io/session_path.hpp"
#include "io/session_stream.hpp"
#include "io/test_scope.hpp"
#include "programs/client/client_path.hpp"
#include "programs/client/finder.hpp"
#include "quic/identity.hpp"

namespace footbridge::client {

class NearbyLink;

class NearbyNetwork final : public Finder, private core::SessionRegistry {
 public:
  NearbyNetwork(asio::io_context& context, Rng& rng);
  ~NearbyNetwork() override;

  const quic::SpkiPin& pin() const { return identity_.pin(); }
  MakeLink make_link();
  void serve(FinderEvents& client) { client_ = &client; }

  // How the network behaves from now on.
  std::optional<Trouble> no_match;      // the broker finds nobody
  bool links_fail = false;              // volunteers cannot be reached
  bool links_hang = false;              // neither reached nor refused
  std::optional<wire::EgressId> lies;   // the broker names another egress
  void lose_volunteers();               // all links break
  void forget_sessions();               // the egress restarts
  void leave_paths(wire::ByeCode why);  // the egress forgets all, and says so on every path
  void drain_egress();                  // GO_AWAY to every session

  std::size_t searches = 0;
  std::size_t live_links() const { return links_.size(); }
  std::size_t sessions_begun = 0;
  std::set<MatchId> last_avoided;
  std::vector<std::string> names_asked;  // host names that reached the egress

  // Finder
  void search(TimePoint now, core::ClientSearch search) override;
  void cancel(TimePoint now) override;

  // Ends every coroutine of the egress; run the loop afterwards.
  void stop();

 private:
  friend class NearbyLink;
  struct EgressSession;
  struct EgressLeg;
  Answer create(TimePoint now, const wire::Hello& hello) override;
  Answer join(TimePoint now, const wire::Join& join) override;
  void dial(NearbyLink& link);
  asio::awaitable<void> exit(std::unique_ptr<io::SessionStream> stream);

  asio::io_context& context_;
  Rng& rng_;
  quic::Identity identity_;
  core::BoundedMemory memory_{256U << 20};
  FinderEvents* client_ = nullptr;
  std::uint64_t search_id_ = 0;
  io::TestScope scope_;
  std::map<SessionId, std::unique_ptr<EgressSession>> sessions_;
  std::vector<std::unique_ptr<EgressSession>> forgotten_;
  std::vector<std::unique_ptr<EgressLeg>> legs_;
  std::set<NearbyLink*> links_;
};

}  // namespace footbridge::client
