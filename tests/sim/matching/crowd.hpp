// Crowd: a broker, volunteers of four kinds and clients that need one each, on virtual time, with the messages that
// they would send. For the tests of this folder.
//
// A client asks until somebody carries for it, and avoids those with whom that went wrong; then for more paths, if
// it wants several. Carried lasts kMeanStay; the egress's receipt reaches the broker 5 to 15 min later, if it reports
// at all.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "core/rendezvous/broker.hpp"

namespace footbridge::core {

enum class EgressReports : std::uint8_t { No, Yes };

enum class Nature : std::uint8_t {
  Honest,
  Silent,  // takes clients and never answers
  Deaf,    // answers, and no link comes about
  Liar,    // answers, says that all is open, and carries nothing
};
inline constexpr std::size_t kNatures = 4;

class Crowd {
 public:
  Crowd(std::uint64_t seed, EgressReports reports, unsigned paths);

  void add_volunteer(Nature nature, std::uint64_t prefix, std::uint32_t slots);
  // A client of this network comes, asks and goes. Each that is connected is counted.
  void add_client(std::uint64_t prefix);
  // As often as that, from networks drawn anew each time.
  void clients_come(double per_second);
  // The operator's tester comes, and stays.
  void add_tester();
  // Offers that nobody means, from so many networks, each of four SDPs whose links never open.
  void flood(double per_second, std::uint64_t prefixes);
  void run(Duration span);

  // Of clients connected since the last forget().
  struct Figures {
    std::vector<unsigned> attempts;                            // of each
    std::vector<double> seconds;                               // from the first offer of each to its first answer
    std::size_t matched[kNatures] = {};                        // answers delivered, by nature of who gave them
    std::map<std::uint64_t, std::size_t> of_prefix;            // the same, by network of the volunteer
    std::set<std::uint64_t> clients;                           // networks of those connected
    std::map<std::uint64_t, std::set<std::uint64_t>> seen_by;  // of them, whom each network of volunteers met
    // Of honest volunteers that came since the last forget(), in seconds from then on, as far as it has happened.
    std::vector<double> until_first;   // until somebody met it
    std::vector<double> until_proven;  // until an egress had a receipt to send
    std::size_t matches() const;
  };
  const Figures& figures() const { return figures_; }
  void forget() {
    figures_ = {};
    forgot_ = now_;
  }
  std::size_t most_flooded() const { return most_flooded_; }
  const BrokerStats& stats() const { return broker_.stats(); }

 private:
  struct Volunteer {
    ProxyId id;
    SelfTag tag;
    wire::Nat nat;
    Nature nature = Nature::Honest;
    std::uint64_t prefix = 0;
    std::uint32_t slots = 1, used = 0;
    bool polling = false;
    TimePoint since{};
    bool met = false, proven = false;
  };
  struct Client {
    std::uint64_t prefix = 0;
    TimePoint since{};
    unsigned attempts = 0;  // until the first path
    unsigned paths = 0;
    std::vector<MatchId> avoid;
    std::vector<wire::Outcome> failed;  // since the last path
    bool heard = false;                 // an answer
    bool flood = false;
    bool tester = false;
  };
  struct Served {
    std::size_t volunteer = 0;
    bool flood = false;
  };

  void at(TimePoint when, std::function<void()> what) { events_.emplace(when, std::move(what)); }
  void after(Duration by, std::function<void()> what) { at(now_ + by, std::move(what)); }
  Duration between(Millis from, Millis to);
  Duration lifetime(Seconds mean);

  void report();
  void first_time(bool& already, TimePoint since, std::vector<double>& figure);

  RequestKey post(std::uint64_t prefix, decltype(wire::Request::body) body);
  void settle();
  void poll(std::size_t volunteer);
  void errand(std::size_t volunteer, const MatchId& match, std::optional<wire::OutcomeKind> outcome);
  void on_poll_reply(std::size_t volunteer, const wire::Response& response);
  void on_assigned(std::size_t volunteer, const wire::Assignment& assignment);
  void release(std::size_t volunteer, Duration later);
  void ask(Client client);
  void on_offer_reply(Client client, const wire::Response& response);
  void on_matched(Client client, const MatchId& match);
  void ask_for_tests();
  void on_test(const MatchId& match);

  SeededRng rng_;
  crypto::SecretKey leg_key_;
  wire::EgressId egress_;
  wire::InviteId testers_invite_;
  SelfTag tester_;
  Broker broker_;
  unsigned paths_;             // that each client wants
  wire::EgressReport report_;  // the next one; receipts wait in it
  TimePoint now_{Seconds{1'000}}, forgot_{};
  RequestKey last_ = 0;
  std::multimap<TimePoint, std::function<void()>> events_;
  std::vector<Volunteer> volunteers_;
  std::unordered_map<RequestKey, std::size_t> polls_;
  std::unordered_map<RequestKey, Client> offers_;
  std::unordered_map<MatchId, Served> served_;
  Figures figures_;
  std::vector<wire::Outcome> verdicts_;
  std::size_t trying_ = 0;                      // tests without a verdict
  std::optional<RequestKey> asks_;              // the tester's offer
  std::size_t flooded_ = 0, most_flooded_ = 0;  // slots that a flood holds
};

// The value below which the given share of them lies.
double quantile(std::vector<double> values, double share);

}  // namespace footbridge::core
