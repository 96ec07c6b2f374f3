// Viewpoint: what of the graph may be seen. The same for everybody; a private network has other numbers in its rules.
//
// On a public one, in this order:
//   1. Everything is shown `delay` late.
//   2. A carrier's country is shown while `crowd` carriers of its role and country are shown, else it is "other".
//      When a shown group falls below that, its members vanish together and come back one by one, each at a time of its
//      own, under a new id and as "other": so nobody can say whether the others left too, or who they are. The country
//      is not shown again for kReopenAfter. Servers stand in the directory; of them only the word changes.
//   3. What people cause is taken for all nodes at once, every `people_every`, and stands still between: how many there
//      are, whether somebody is helped, who carries to whom. A number is rounded down to a multiple of `crowd`, and
//      hidden below it; then there is no edge either, and nobody is "helping". So no person's coming or going is an
//      event that somebody could see, also not where a number passes eight. Totals of people and bytes are those of
//      volunteers: pages and extensions are whom anybody can invent.
//   4. No tags.
//
// What it costs is what has changed. Bounds: those of Graph, and kMaxDelayedChanges. Not thread-safe: one owner.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "base/rng.hpp"
#include "core/netstate/graph.hpp"
#include "core/netstate/view.hpp"

namespace footbridge::core {

// NTS-T6 to NTS-T11, NTS-B22 and NTS-B26, spec 18 §7.
inline constexpr Seconds kPublicDelay{60};   // T23: nobody is met where the map says somebody is
inline constexpr Seconds kPeopleEvery{300};  // a visit to a web site is shorter
inline constexpr Seconds kReturnFrom{60};
inline constexpr Seconds kReturnTo{600};
inline constexpr Seconds kReopenAfter{600};
inline constexpr std::uint32_t kCrowd = 8;
inline constexpr std::size_t kMaxDelayedChanges = 200'000;  // beyond that, those of one more delay wait as one
inline constexpr std::uint64_t kSinceStepMillis = 600'000;

struct ViewRules {
  Duration delay{};
  Duration people_every{};  // zero: at once
  std::uint32_t crowd = 1;  // 1: everything is shown, exactly
  bool tags = true;
};
inline constexpr ViewRules kPublicView{kPublicDelay, kPeopleEvery, kCrowd, false};
inline constexpr ViewRules kPrivateView{Duration{}, Duration{}, 1, true};

class Viewpoint {
 public:
  Viewpoint(const ViewRules& rules, Rng& rng, TimePoint now);  // `rng` outlives it

  void add(TimePoint now, std::vector<GraphChange> changes);
  void on_time(TimePoint now, UnixMillis wall);
  std::optional<TimePoint> deadline() const;

  // What is to be told since the last time.
  ViewDelta take_delta();
  bool has_news() const { return has_news_; }
  // As it is now: at least as new as the last delta.
  ViewSnapshot snapshot() const;
  const ViewRules& rules() const { return rules_; }
  // Changes that wait for their time.
  std::size_t delayed_changes() const { return delayed_changes_; }
  // Vertices and edges that were looked at since the start: what the work was.
  std::uint64_t steps() const { return steps_; }

 private:
  struct Arm {  // an edge, at its carrier
    Vertex to{};
    ShownNumber people;
  };
  struct Seen {
    VertexFacts facts;
    bool exists = true;  // in the graph; else it stays while an edge is shown that ends here
    bool shown = false;
    std::optional<Country> grouped;  // it counts in the group of its role and this country
    bool helping = false;            // this and `people`: when they were taken last
    ShownNumber people;
    ShownNode node;
    std::vector<Arm> arms;
    std::size_t in_edges = 0;  // that are shown

    bool silent() const { return !exists || !facts.state; }
  };
  using GroupKey = std::pair<wire::NodeRole, Country>;
  struct Group {
    std::set<Vertex> members;  // that are shown
    bool open = false;
    std::optional<TimePoint> closed;
  };
  struct Delayed {
    TimePoint began{};
    TimePoint at{};
    Vertex newest_before{};  // what is above came with this batch
    std::map<Vertex, std::optional<VertexFacts>> changes;
  };

  // viewpoint.cpp: what is true, late, and what of it people caused
  void apply(const Delayed& delayed);
  void update(Vertex vertex, const VertexFacts& facts);
  void take_people();
  void set_arms(Seen& seen);
  void count(const VertexFacts& facts, bool in);
  ShownNumber shown_number(std::uint64_t number) const;
  // viewpoint_show.cpp: who is shown, and as what
  void show(Vertex vertex, Seen& seen);
  void hide(Vertex vertex, Seen& seen);
  void describe(Vertex vertex, Seen& seen);
  void cut(ShownId from, const std::vector<Arm>& arms);
  void let_go(Vertex to);
  void join_group(Vertex vertex, Seen& seen);
  void leave_group(Vertex vertex, Seen& seen);
  void look_at_group(const GroupKey& key, Group& group);
  void close_group(const GroupKey& key, Group& group);
  std::optional<Country> country_of(const Seen& seen) const;
  static ShownState state_of(const Seen& seen);

  ViewRules rules_;
  Rng& rng_;
  TimePoint now_;  // of the call that runs
  UnixMillis wall_{};
  TimePoint people_at_;
  std::deque<Delayed> delayed_;
  std::size_t delayed_changes_ = 0;
  Vertex newest_{};
  std::unordered_map<Vertex, Seen> seen_;  // numbers of our own
  std::map<GroupKey, Group> groups_;
  std::set<GroupKey> large_again_;  // and closed a short time ago
  std::set<Vertex> people_changed_;
  DeadlineSet<Vertex> return_at_;
  std::set<ShownId> ids_;
  ShownTotals totals_;
  std::uint64_t people_ = 0, sessions_ = 0, bytes_per_second_ = 0;  // of those who are shown and believed
  // What viewers know, and what they are to be told.
  std::set<ShownId> told_nodes_;  // by deltas
  std::set<Vertex> news_nodes_;
  std::map<std::pair<ShownId, ShownId>, ShownNumber> news_edges_;
  std::set<std::pair<ShownId, ShownId>> news_cut_;
  std::set<ShownId> news_gone_;
  std::uint32_t left_ = 0;  // of those that were told
  bool has_news_ = false;
  std::uint64_t steps_ = 0;
};

}  // namespace footbridge::core
