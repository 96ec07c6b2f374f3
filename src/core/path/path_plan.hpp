// PathPlan: how many paths a client wants, when it asks for one more, whom it does not want to meet again, and which
// path it gives up. It moves nothing: its user carries out the commands of poll() and tells what came of them. One
// path:
//
//   Gathering ──offered──▶ Offered ──matched──▶ Connecting ──granted──▶ Carrying
//       └──────────────────────┴─────── over, or left ─────┴────────────────┴──▶ gone
//
// Rules. A session's first path is made alone, because only its OK tells what others join; then there are `target` of
// them while something is carried, and one, the quickest, after kIdleAfter of rest; the first byte makes them grow
// again. All are of different volunteers. A path that is suspected is replaced at once and kept: one replacement at a
// time, none before a path that cried wolf has been silent for a while longer, and what came for nothing stays as a
// spare until it is clear that nobody needs it. A path whose volunteer leaves is given up when another one carries.
// Failures pause it, several of one moment as one, and the end of a path beside others that carry is none; a change of
// the network forgives everything.
//
// Bounds: wanted paths, one spare and those whose end is on its way; the last kMaxAvoided volunteers that failed.
// Keeps a reference to rng, which outlives it. Pure. One thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <variant>
#include <vector>

#include "base/id.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/path/failure_pause.hpp"

namespace footbridge::core {

// Names one path of a plan; never used twice.
enum class PathKey : std::uint32_t {};

// PLN-B1: paths of a session unless an option says otherwise. One may die and another stall without a pause, and more
// would take volunteers from people who have none.
inline constexpr std::size_t kTargetPaths = 3;
// PLN-B2: volunteers that a search names as not wanted; the broker reads no more.
inline constexpr std::size_t kMaxPlanAvoided = 16;
// PLN-T1: longer than a person reads a page; then one path is enough to begin with again. Unless an option says
// otherwise.
inline constexpr Seconds kIdleAfter{60};
// PLN-T2: how long an offer stays good: address translators forget an unused mapping after 30 s to 2 min.
inline constexpr Seconds kOfferLifetime{60};
// PLN-T3: offers that are ready so close together go to the broker in one request.
inline constexpr Millis kOffersTogether{250};
// PLN-T4: having carried for so long, a path was a good one: its loss is no reason to pause or to avoid its volunteer.
inline constexpr Seconds kGoodPathAge{10};
// PLN-T5: a volunteer whose path did not come to be, or not for long, is left alone for so long while others are found.
inline constexpr Seconds kAvoidFor{60};
// PLN-T6: when others are not found in this time, it is better than nobody: it may be the only one, and its egress was
// at fault. Who waits at a broker is found within one round trip.
inline constexpr Seconds kAvoidPatience{1};
// PLN-T7, PLN-T8: what a path that was suspected for nothing lately is granted beyond the detector's time: the first
// such grant, doubled with each false alarm, and the most.
inline constexpr Millis kFirstGrace{250};
inline constexpr Seconds kMostGrace{4};
// PLN-T9: so long after its last false alarm a path is as good as others.
inline constexpr Seconds kAlarmMemory{60};
// PLN-T10: how long one path, or an offer, more than wanted is kept. Who was silent once is often silent again soon.
inline constexpr Seconds kSpareFor{10};
// PLN-T13: the longest pause, nominally, while a session waits for a path and somebody for its bytes.
inline constexpr Seconds kMostPauseInUse{3};
// PLN-T14: the same otherwise. A link that comes to nothing takes 12 s to say so; with that before it and half as much
// again on top by chance, who can be helped again is so within a minute.
inline constexpr Seconds kMostPause{20};
// PLN-T11: suspicion so soon after a change of the network comes from it: the volunteers are well.
inline constexpr Seconds kNetworkSettles{10};

class PathPlan {
 public:
  enum class Stage : std::uint8_t { Gathering, Offered, Connecting, Carrying };
  // Why a path is over, as far as the next step depends on it.
  enum class Loss : std::uint8_t {
    Volunteer,  // it could not be reached or led nowhere; of a path that carried: it is gone
    Egress,     // the egress said no: its volunteer did what it could
    Session,    // the egress does not know the session any more, or leaves: the session is gone, too
    Stale,      // it was to join a session that had gone meanwhile: nobody's fault
  };

  // Commands.
  struct Make {  // gather an offer; then on_offered()
    PathKey path;
  };
  struct Search {  // ask the broker for these; replaces what is being searched. on_search_over() when it has answered
    std::vector<PathKey> offers;  // 1..kMaxSearched
    std::vector<MatchId> avoid;   // in use, or failed; at most kMaxPlanAvoided, the more important ones last
    std::vector<MatchId> failed;  // no path through them ever carried; as many at most, and avoid may leave some out
    bool has_path = false;        // one carries, and is heard
  };
  struct StopSearch {};
  struct Leave {  // end it in order; on_over() follows
    PathKey path;
  };
  using Command = std::variant<Make, Search, StopSearch, Leave>;
  static constexpr std::size_t kMaxSearched = 4;  // PLN-B3: offers of one request

  struct Config {
    std::size_t target = kTargetPaths;
    Duration idle_after = kIdleAfter;
  };
  PathPlan(const Config& config, Rng& rng) : config_(config), failures_(rng) {}

  void start(TimePoint now);
  // From the next decision on; 1 at least.
  void set_target(std::size_t target) { config_.target = target; }
  // Every path is left; nothing is wanted any more, until start().
  void stop(TimePoint now);

  void on_offered(TimePoint now, PathKey path);
  void on_matched(TimePoint now, PathKey path, const MatchId& match);
  void on_search_over(TimePoint now);
  void on_nobody_found(TimePoint now);  // the broker has nobody right now; the search goes on
  void on_granted(TimePoint now, PathKey path);
  void on_suspect(TimePoint now, PathKey path, bool suspect);  // the detector's word, and its taking back
  void on_long_silence(TimePoint now, PathKey path);           // of a path that is suspected
  void on_leaving(TimePoint now, PathKey path);                // its volunteer said so
  void on_over(TimePoint now, PathKey path, Loss loss);
  // The session of all that carry has ended, or takes no new streams: they do not count any more.
  void on_session_gone(TimePoint now);
  void on_traffic(TimePoint now);  // bytes of an application moved; cheap
  // Other addresses or routes: what went wrong before says nothing, offers are stale.
  void on_network_change(TimePoint now);
  // How quick a path that carries is; before on_deadline().
  void on_round_trip(PathKey path, Duration smoothed);

  std::optional<Command> poll();
  std::optional<TimePoint> deadline() const;
  void on_deadline(TimePoint now);

  bool active() const { return active_; }
  bool pausing() const { return failures_.until().has_value(); }
  std::size_t wanted() const;
  std::size_t sound() const;  // carry, are heard, and stay: of different volunteers
  // Of those, how many only stand by: all of an idle session, otherwise those beyond what is wanted.
  std::size_t standby() const;
  std::size_t size() const { return paths_.size(); }

 private:
  struct Entry {
    PathKey key{};
    Stage stage = Stage::Gathering;
    TimePoint began{};
    TimePoint since{};  // of the stage
    std::optional<MatchId> match;
    Duration round_trip = Duration::max();
    bool left = false;          // Leave was said
    bool old = false;           // of a session that is gone
    bool leaving = false;       // its volunteer said so
    bool suspect = false;       // by the detector
    bool long_silent = false;   // suspect for long
    bool lost = false;          // suspect beyond its grace: it is to be replaced
    bool may_meet = false;      // its volunteer may come again: what comes then replaces it
    TimePoint lost_from{};      // while suspect
    unsigned false_alarms = 0;  // in a row, none longer ago than kAlarmMemory
    TimePoint alarmed_at{};
    std::optional<TimePoint> spare_since;  // an offer that is not needed now
  };
  struct Tally {
    std::size_t sound = 0, lost = 0, connecting = 0, offers = 0;
  };

  Entry* find(PathKey path);
  Tally tally() const;
  void settle(TimePoint now);
  void judge(TimePoint now);
  void let_go(TimePoint now);
  void let_go_of_spares(TimePoint now);
  void end_session();
  void make(TimePoint now);
  void search(TimePoint now);
  void stop_search();
  void leave(Entry& entry);
  Entry* worst();
  void note_loss(TimePoint now, const Entry& entry, Loss loss);
  void avoid(TimePoint now, const Entry& entry);
  std::vector<MatchId> to_avoid(TimePoint now);
  std::vector<MatchId> failed() const;
  bool avoids_anybody() const;

  struct Avoided {
    MatchId match;
    TimePoint until{};
    bool carried = false;
  };

  Config config_;
  FailurePause failures_;
  bool running_ = false;
  bool has_session_ = false;
  bool active_ = false;
  bool scarce_ = false;  // the broker has nobody: one offer waits there, not several
  TimePoint last_traffic_{};
  std::optional<TimePoint> network_changed_at_;
  std::optional<TimePoint> excess_since_;  // more paths carry than are wanted
  std::deque<Entry> paths_;                // in order of their beginning
  std::deque<Avoided> avoided_;
  std::optional<Search> searched_;           // what the finder has
  std::optional<TimePoint> together_until_;  // offers wait for their siblings
  std::optional<TimePoint> patience_until_;  // then those avoided will do
  std::uint32_t last_key_ = 0;
  std::deque<Command> out_;  // drained after every call
};

}  // namespace footbridge::core
