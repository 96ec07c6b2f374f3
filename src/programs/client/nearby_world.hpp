// Tests only: a whole client over a NearbyNetwork, a web site on loopback, and curl or raw sockets as its applications.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <gtest/gtest.h>
#include <optional>
#include <string>
#include <vector>

#include "crypto/system_rng.hpp"
#include "io/listener.hpp"
#include "io/test_scope.hpp"
#include "io/wakeup.hpp"
#include "observe/logger.hpp"
#include "programs/client/changes.hpp"
#include "programs/client/front_door.hpp"
#include "programs/client/nearby_network.hpp"
#include "programs/client/path_keeper.hpp"
#include "programs/client/session_tunnel.hpp"

namespace footbridge::client {

// A small web site. GET /small, /big (kBigBytes), /chunked, /eof, /cut (ends too early), /part (breaks when released),
// /hang (never answers); POST /count answers how many bytes came; POST /early answers without reading. Its echo port
// sends back what it got once the sender has finished.
class NearbySite {
 public:
  explicit NearbySite(asio::io_context& context);
  std::uint16_t port() const { return http_.local().port; }
  std::uint16_t echo_port() const { return echo_.local().port; }
  void start(io::TaskScope& scope);
  void stop();

  static constexpr std::size_t kBigBytes = 10U << 20;
  std::size_t requests = 0;
  io::Wakeup release;
  std::size_t hung_up = 0;  // requests for /hang whose asker went away

 private:
  asio::awaitable<void> serve(io::Accepted accepted);
  asio::awaitable<void> echo(io::Accepted accepted);
  io::Listener http_;
  io::Listener echo_;
};

// What a network's news say, one word for each.
struct NewsRecorder final : NetworkNews {
  void on_milestone(TimePoint, Milestone milestone, std::size_t) override { words.emplace_back(name(milestone)); }
  void on_trouble(TimePoint, Trouble trouble) override { words.emplace_back(name(trouble)); }
  void on_recovery(TimePoint) override { words.emplace_back("recovered"); }
  std::vector<std::string> words;
};

struct NearbyWorld {
  explicit NearbyWorld(Duration open_limit = Seconds{10}, bool connected = true,
                       std::optional<quic::SpkiPin> pin = std::nullopt);
  ~NearbyWorld();

  // Runs the loop until the condition holds, at most `limit`.
  bool run_until(const std::function<bool()>& condition, Duration limit = Seconds{10});
  // Runs a shell command while the loop serves it. "$P" in it is the proxy's address, "$S" and "$E" the site's ports.
  struct Outcome {
    int status = -1;
    std::string output;
  };
  Outcome run(std::string command);
  // Sends the bytes to the proxy's port, finishes sending when told to, and answers all that comes back.
  std::string raw(std::string bytes, bool finish = false);

  observe::LogCapture log;
  asio::io_context context{1};
  crypto::SystemRng rng;
  NearbyNetwork network{context, rng};
  NewsRecorder news;
  TroubleTeller troubles{&news};
  Changes changes{context.get_executor()};
  PathKeeper keeper;
  SessionTunnel tunnel{keeper, changes, troubles};
  FrontDoor door;
  NearbySite site{context};
  io::TestScope scope{context.get_executor()};
};

}  // namespace footbridge::client
