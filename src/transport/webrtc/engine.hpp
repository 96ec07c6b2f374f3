// Engine: the WebRTC thread of this process and the maker of links. The SCTP library underneath is one global per
// process, therefore at most one Engine lives at a time (asserted); make it once in main().
//
// Threads: offer(), answer(), note_stun_server(), stop() and the destructor from one thread, normally the I/O thread.
// Links made here call back on the executor they were given. Ownership: Links may be destroyed before or after stop(),
// but before the Engine. stop() ends every link abruptly and silently (no events), joins the thread within 1 s in every
// state, and is what the destructor does. Errors: a thread or socket that cannot be made throws std::system_error from
// the constructor; a link that cannot start tells on_closed(PipeEnd::Setup).
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/address.hpp"
#include "base/private.hpp"
#include "io/detour.hpp"
#include "transport/webrtc/link.hpp"

namespace footbridge::webrtc {

struct EngineConfig {
  // Servers that tell us our public address; empty: host candidates only. Each link asks one of them, chosen at random
  // among those that answered, or else failed least lately. IPv6 ones are used only where there is no IPv4 one.
  std::vector<Endpoint> stun_servers;
  // Demo and tests only: use and accept private, loopback and link-local addresses. Packaged units refuse it.
  bool allow_private_candidates = false;
  // Gather on exactly these addresses instead of the machine's interfaces; tests name 127.0.0.1 or ::1 here.
  std::vector<IpAddress> local_addresses;
  // Every link takes a detour of its own, made by this, and has no other way: its sockets are on loopback, whatever is
  // said above of addresses and STUN servers, nor of a forwarded port. Called on the WebRTC thread. Empty: links go
  // themselves.
  std::function<std::unique_ptr<io::Detour>()> make_detour;
};

class Engine {
 public:
  explicit Engine(EngineConfig config);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Both return at once; what follows comes as events, the first from a later turn of the loop.
  // `events` must live until the Link is destroyed.
  std::unique_ptr<Link> offer(boost::asio::any_io_executor executor, LinkConfig config, LinkEvents& events);
  // A remote offer that cannot be read ends with on_closed(PipeEnd::Misused) without a local description.
  std::unique_ptr<Link> answer(boost::asio::any_io_executor executor, LinkConfig config,
                               Private<std::string> remote_offer, LinkEvents& events);
  // Hears what gathering came to of each link made from now on that asked a server (LinkInfo::seen_outside), on the
  // link's executor, before its on_local_description(). It may not destroy the link.
  using OnGathered = std::function<void(TimePoint now, bool seen_outside)>;
  void on_gathered(OnGathered hears);
  // What somebody else has seen of one of the servers: links that are made from now on pass over those that are silent.
  void note_stun_server(const Endpoint& server, bool answers);
  void stop();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace footbridge::webrtc
