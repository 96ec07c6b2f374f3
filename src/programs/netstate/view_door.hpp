// ViewDoor: what who looks is served: the page's files, and what it draws (docs/spec/18-netstate.md §5), once
// ViewerAccess has let him in. Where reports come to the same listener, it hands them on. Everybody else gets 404.
//
// Large bodies are shared by all who ask meanwhile, and go out as feeds: kReplayKept, and one second for the rest.
// Ownership: what it is given outlives it. Threads: the executor's one thread.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "base/time.hpp"
#include "programs/netstate/live_state.hpp"
#include "programs/netstate/netstate_metrics.hpp"
#include "programs/netstate/report_door.hpp"
#include "programs/netstate/viewer_access.hpp"
#include "transport/http/server.hpp"
#include "transport/http/site.hpp"

namespace footbridge::netstate {

inline constexpr Seconds kReplayKept{60};  // up to 16 MiB, of which readers hold two at most

class ViewDoor final : public http::Handler {
 public:
  // `reports`: null where they have a listener of their own. `unbounded`: null without compatibility.
  ViewDoor(LiveState& live, const ViewerAccess& access, http::Site page, NetstateMetrics& metrics, ReportDoor* reports,
           UnboundedDoor* unbounded)
      : live_(live),
        access_(access),
        page_(std::move(page)),
        metrics_(metrics),
        reports_(reports),
        unbounded_(unbounded) {}

  asio::awaitable<http::Response> handle(http::Request request) override;

 private:
  struct Kept {
    http::Feed::Piece piece;
    TimePoint until{};
  };
  http::Response look(const http::Request& request);
  http::Response shared(const std::string& what, Duration keep, const std::string& type,
                        const std::function<std::string()>& make);
  http::Response events(const http::Request& request);

  LiveState& live_;
  const ViewerAccess& access_;
  http::Site page_;
  NetstateMetrics& metrics_;
  ReportDoor* reports_;
  UnboundedDoor* unbounded_;
  std::map<std::string, Kept> kept_;  // by one of few targets
};

}  // namespace footbridge::netstate
