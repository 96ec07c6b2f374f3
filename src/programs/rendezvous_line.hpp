// RendezvousLine: carries rendezvous bodies to the broker by HTTP POST and brings the answers back. What is said, when
// and how often again is core's decision (ClientRendezvous, ProxyRendezvous); this only moves bytes, by the way that
// core::WayOrder says. A request that certainly did not reach a broker is sent by the next way at once.
//
// Ways that come with seals carry sealed bodies only (core/sealing/sealed_ways.hpp): a body is sealed anew each time it
// is sent, and an answer that does not open is none. A broker that was restarted takes no tickets: what it refuses of
// those is said again at once with a handshake, which is one more exchange and nothing that a caller sees.
//
// Ownership: the dialer outlives the line; close() it before it is destroyed. Threads: the executor's one thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <vector>

#include "base/result.hpp"
#include "base/rng.hpp"
#include "core/network/directory_doubt.hpp"
#include "core/rendezvous/way_order.hpp"
#include "core/sealing/sealed_ways.hpp"
#include "io/asio.hpp"
#include "io/dialer.hpp"
#include "io/task_scope.hpp"
#include "io/wakeup.hpp"
#include "programs/way_memory.hpp"
#include "transport/http/client.hpp"

namespace footbridge {

// A rendezvous keeps one request parked and one more for what cannot wait.
inline constexpr std::size_t kMaxRendezvousConnections = 2;

struct BrokerWays {
  std::vector<http::Route> ways;                    // 1 to core::kMaxWays
  io::TlsClient* trust = nullptr;                   // for https; outlives the line, as what follows
  WayMemory* memory = nullptr;                      // null: every start begins anew, and no whereabouts
  std::vector<core::WaySeal> seals{};               // one for each way; empty: nothing is sealed
  std::optional<crypto::X25519KeyPair> proxy = {};  // whose public key is the proxy's id; a client has none
  bool in_order = false;  // they are to be asked as they stand: a group meets so, and what is remembered counts not
};

class RendezvousLine {
 public:
  using Answer = Result<Bytes, http::HttpErrc>;
  using OnAnswer = std::function<void(std::uint64_t id, Answer answer)>;

  RendezvousLine(asio::any_io_executor executor, io::Dialer& dialer, BrokerWays ways, Rng& rng, OnAnswer on_answer);

  // `limit` bounds the whole exchange; on_answer follows in a later turn unless abandon() comes first.
  void post(std::uint64_t id, Bytes body, Duration limit);
  // Closes that request's connection, or does not open it: the broker learns that nobody waits any more.
  void abandon(std::uint64_t id);
  // The same, of a request that nobody answered in time: its way is left, as one that fails.
  void gave_up(std::uint64_t id);
  // Whom the last answer came from helped us: remembered for the next start.
  void helped();
  // It answered that request and could not help: the next one goes to another broker, if there is one. Only while
  // on_answer hears of it.
  void try_another(std::uint64_t id);
  // Another directory: ways and seals from the next request on; what is under way goes on as it began. The order of
  // ways that stay is kept. Trust, memory and who we are stay as they were, and so does whether there are seals.
  void use(std::vector<http::Route> ways, std::vector<core::WaySeal> seals);
  // This machine's network changed: no broker is to join two addresses by a ticket, and what failed there may work
  // here. With a memory the order is what helped in these whereabouts before, the rest a matter of chance.
  void on_network_change();
  // Asks this way, which has a seal, for the directory. What comes back proves nothing by itself. One at a time; it
  // counts among the line's connections and gives way to requests: where all are needed it is closed, waits for room,
  // and is asked anew, with all of `limit`. The caller is joined before the line is closed.
  asio::awaitable<Answer> ask_directory(std::size_t way, Duration limit);
  // Numbers of ways, the one that would be taken next first; those whose broker is not known by its key, which nothing
  // but a directory names, last.
  std::vector<std::size_t> order();
  // As the brokers set it right.
  const core::AskerClock& clock() { return seals_.clock(); }
  // As another line learned it; this one goes on learning.
  void use_clock(const core::AskerClock& clock) { seals_.clock() = clock; }
  // Called when a request could not be sealed for any way, or when nobody has understood for a while what was sealed
  // for him: the directory is out of date, or our clock is wrong. Whoever asks for a directory learns either.
  void on_outdated(std::function<void()> hears) { on_outdated_ = std::move(hears); }
  // Abandons everything, and whatever is posted from now on; returns when it is quiet.
  asio::awaitable<void> close();

 private:
  struct Pending {
    explicit Pending(const asio::any_io_executor& executor) : abandoned(executor) {}
    io::Wakeup abandoned;
    std::optional<std::size_t> way;  // that it has taken last
    std::uint64_t numbering = 0;     // that `way` counts in
    bool over = false;               // its connection is free; it is erased a turn later
  };
  struct Entry;
  void begin_order(const std::vector<std::size_t>& preferred);
  asio::awaitable<void> carry(std::uint64_t id, Bytes body, Duration limit);
  asio::awaitable<Answer> exchange(Pending& pending, Bytes body, Duration limit);
  asio::awaitable<Answer> ask(std::size_t way, Bytes body, TimePoint deadline);
  asio::awaitable<Answer> ask_plain(http::Route way, Bytes body, TimePoint deadline);
  void tell_outdated() const {
    if (on_outdated_) on_outdated_();
  }
  std::size_t in_use() const;  // connections
  bool is_current(const Pending& pending) const { return pending.way && pending.numbering == numberings_; }
  // An order that others have, too, is the same everywhere.
  bool remembers() const { return memory_ != nullptr && !in_order_; }
  std::vector<std::size_t> helpers();
  void look_around();

  asio::any_io_executor executor_;
  core::SealedWays seals_;
  http::Client client_;  // tells the clock of the seals what time it is
  std::vector<http::Route> ways_;
  WayMemory* memory_;
  bool in_order_;
  std::optional<core::WayOrder> order_;     // always there
  std::uint64_t numberings_ = 0;            // of ways and their order: by directories, in whereabouts
  std::optional<Whereabouts> whereabouts_;  // that order_ is of; nullopt: it cannot be told yet
  std::optional<std::size_t> answered_;     // the way of the last answer, in these whereabouts
  Rng& rng_;
  OnAnswer on_answer_;
  std::function<void()> on_outdated_;
  core::DirectoryDoubt doubt_;
  std::map<std::uint64_t, Pending> pending_;  // the requests under way, from post() on
  bool asking_directory_ = false;
  io::Wakeup needed_;  // the connection of the question for the directory
  io::Wakeup room_;    // a request is over
  bool closing_ = false;
  io::TaskScope scope_;
};

}  // namespace footbridge
