#include "programs/proxy/troubles.hpp"

#include <string>
#include <unistd.h>
#include <utility>

#include "base/assert.hpp"
#include "io/clock.hpp"
#include "observe/log.hpp"
#include "ops/tor_relay.hpp"

namespace footbridge::proxy {
namespace {

namespace fs = std::filesystem;
using observe::kv;
using observe::Level;

// 2026-01-01: before this program was made.
constexpr UnixSeconds kNoEarlier{1'767'225'600};

}  // namespace

std::string_view name(Trouble trouble) {
  switch (trouble) {
    case Trouble::TorHere: return "tor-here";
    case Trouble::Root: return "runs-as-root";
    case Trouble::ClockUnset: return "clock-unset";
    case Trouble::NoStun: return "no-stun";
    case Trouble::TwoNats: return "two-nats";
  }
  FB_ASSERT(false);
}

Surroundings look_around(bool has_stun, const fs::path& root) {
  return {
      .tor_here = ops::has_tor_relay(root), .root = ::geteuid() == 0, .clock = io::unix_now(), .has_stun = has_stun};
}

std::vector<Trouble> troubles_of(const Surroundings& here) {
  std::vector<Trouble> out;
  if (here.tor_here) out.push_back(Trouble::TorHere);
  if (here.root) out.push_back(Trouble::Root);
  if (here.clock < kNoEarlier) out.push_back(Trouble::ClockUnset);
  if (!here.has_stun) out.push_back(Trouble::NoStun);
  return out;
}

std::string Troubles::text() const {
  std::string out;
  for (std::size_t i = 0; i < told_.size(); ++i)
    if (told_[i]) out.append(out.empty() ? "" : ", ").append(name(static_cast<Trouble>(i)));
  return out;
}

void Troubles::tell(Trouble trouble) {
  if (std::exchange(told_.at(static_cast<std::size_t>(trouble)), true)) return;
  switch (trouble) {
    case Trouble::TorHere:
      return observe::log(Level::Warn, "tor-here",
                          kv("advice",
                             "this machine is set up as a Tor relay or bridge: censors block the addresses in Tor's "
                             "public list, and would learn of a bridge by watching you; help from another address"));
    case Trouble::Root:
      return observe::log(Level::Warn, "runs-as-root",
                          kv("advice", "nothing here needs root; start it as another user, or install the package"));
    case Trouble::ClockUnset:
      return observe::log(Level::Warn, "clock-unset",
                          kv("advice",
                             "this machine's clock is years behind; set it, or hours and allowances are those of "
                             "another day and certificates look as if they were not valid yet"));
    case Trouble::NoStun:
      return observe::log(Level::Warn, "no-stun",
                          kv("advice",
                             "nobody tells us our outside address, so behind a router few people can be helped; name "
                             "two servers with --stun"));
    case Trouble::TwoNats:
      return observe::log(Level::Warn, "two-nats",
                          kv("advice",
                             "the router forwards ports and has no public address itself: fewer people can be helped; "
                             "let the outer router forward them, or put the inner one into bridge mode, or ask the "
                             "provider for a public address"));
  }
}

}  // namespace footbridge::proxy
