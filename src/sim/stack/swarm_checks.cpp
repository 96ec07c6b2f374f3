// What must hold in a swarm, whatever goes wrong.
#include <algorithm>

#include "core/session/page.hpp"
#include "core/session/path_table.hpp"
#include "sim/stack/swarm.hpp"

namespace footbridge::sim {

namespace {

// Both directions' windows, and the pages that are not full: one at each end of each stream's buffers.
constexpr std::size_t kMostSessionMemory = 2 * core::kSessionWindow + 4 * core::kMaxStreams * core::kPageBytes;
// QUIC's handshake, and then its idle time: an egress that has said OK waits so long for a client that is gone.
constexpr Duration kOpensWithin = quic::kHandshakeTimeout + quic::kIdleTimeout + Seconds{5};

bool within_bounds(const SessionAtEnd& session) {
  const auto stats = session.session().stats();
  return stats.memory_bytes <= kMostSessionMemory && session.session().path_count() <= core::kMaxPaths &&
         stats.streams_live <= 2 * core::kMaxStreams;
}

}  // namespace

void Swarm::broken(std::string what) {
  if (broken_) return;
  const auto at = static_cast<double>((network_.now() - TimePoint{}).count()) / 1e9;
  broken_ = std::move(what) + " at " + std::to_string(at) + " s, event " + std::to_string(network_.queue.happened());
}

void Swarm::check() {
  if (egress_.wrong_bytes() > 0) broken("P2: the egress read bytes that nobody sent");
  if (egress_.memory_used() > kEgressMemoryBytes) broken("P3: the egress's memory");
  egress_.for_each_session([this](SessionAtEnd& session) {
    if (!within_bounds(session)) broken("P3: a session of the egress");
  });
  for (const auto& customer : customers_) {
    const auto& node = *customer.node;
    const auto who = "client " + std::to_string(node.number());
    if (node.wrong_bytes() > 0) broken("P2: " + who + " read bytes that nobody sent, or met an end at a wrong place");
    if (node.session() != nullptr && !within_bounds(*node.session())) broken("P3: the session of " + who);
  }
  for (const auto& proxy : proxies_)
    if (!proxy->within_bounds()) broken("P3: a queue of proxy " + std::to_string(proxy->number()));
  if (network_.now() - checked_ages_ >= Seconds{1}) check_ages();
}

void Swarm::check_ages() {
  checked_ages_ = network_.now();
  const auto check_path = [this](PathAtEnd& path) {
    if (!path.has_carried() && network_.now() - path.begun_at() > kOpensWithin)
      broken("P6: a path at " + std::string(path.name().kind) + " neither opens nor ends, pipe " +
             std::to_string(path.pipe_number()));
  };
  egress_.for_each_path(check_path);
  for (const auto& customer : customers_) customer.node->for_each_path(check_path);
}

std::uint64_t Swarm::moved(const Customer& customer) const {
  return customer.node->bytes_read() + customer.node->bytes_written();
}

std::string Swarm::discontent() const {
  std::string out;
  for (const auto& customer : customers_) {
    const auto& node = *customer.node;
    out += "client " + std::to_string(node.number()) + ": " + std::to_string(node.carrying()) + " paths carry, " +
           std::to_string(node.opening()) + " open, " + std::to_string(customer.fresh_done) + " answered";
    if (node.session() == nullptr)
      out += ", no session";
    else
      for (const auto& [id, stream] : node.session()->app().streams())
        if (stream.asked_at < calm_since_)
          out += ", stream " + std::to_string(id) + " read " + std::to_string(stream.read) + " of " +
                 std::to_string(stream.wanted);
    out += "; ";
  }
  return out;
}

std::string Swarm::left_behind() const {
  std::string out = std::to_string(network_.pipe_count()) + " pipes, " + std::to_string(egress_.path_count()) +
                    " paths and " + std::to_string(egress_.session_count()) + " sessions of the egress";
  for (const auto& customer : customers_)
    out += ", " + std::to_string(customer.node->path_count()) + " paths of client " +
           std::to_string(customer.node->number());
  for (const auto& proxy : proxies_)
    if (proxy->stays() > 0)
      out += ", " + std::to_string(proxy->stays()) + " stays of proxy " + std::to_string(proxy->number());
  return out + " are left";
}

}  // namespace footbridge::sim
