// Viewpoint: what of the graph may be seen. The same for everybody; a private network has other numbers in its rules.
//
// On a public one, in this order:
//   1. Everything is shown `delay` late.
//   2. A carrier's country is shown while `crowd` carriers of its role and country are shown, else it is "other".
//      When a shown group falls below that, its members vanish together and come back one by one, each at a time of its own,
//      under a new id and as "other": so nobody can say whether the others left too, or who they are. The country is not
//      shown again for kReopenAfter. Servers stand in the directory; of them only the word changes.
//   3. What people cause is taken for all nodes at once, every `people_every`, and stands still between: how many there are,
//      whether somebody is helped, who carries to whom. A number is rounded down to a multiple of `crowd`, and hidden below
//      it. So no person's coming or going is an event that somebody could see, also not where a number passes eight.
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
inline constexpr Seconds kPublicDelay{60};        // T23: nobody is met where the map says somebody is
inline constexpr Seconds kPeopleEvery{300};       // a visit to a web site is shorter
inline constexpr Seconds kReturnFrom{60};
inline constexpr Seconds kReturnTo{600};
inline constexpr Seconds kReopenAfter{600};
inline constexpr std::uint32_t kCrowd = 8;
inline constexpr std::size_t kMaxDelayedChanges = 200'000;  // beyond that, they wait a little longer, as one
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
  ViewSnapshot snapshot() const;
  const ViewRules& rules() const { return rules_; }
  std::uint64_t steps() const { return steps_; }

 private:
  struct Arm {  // an edge, at its carrier
    std::uint32_t to = 0;
    ShownNumber people;
  };
  struct Seen {
    VertexFacts facts;
    bool exists = true;  // in the graph; else it is a placeholder of what is still shown
    bool shown = false;
    bool told = false;  // viewers know of this id
    bool in_group = false;
    ShownNode node;
    std::vector<Arm> arms;
    std::size_t in_edges = 0;  // that are shown
  };
  using GroupKey = std::pair<wire::NodeRole, Country>;
  struct Group {
    std::set<std::uint32_t> members;  // that are shown
    bool open = false;
    std::optional<TimePoint> closed;
  };
  using Changes = std::map<std::uint32_t, std::optional<VertexFacts>>;
  struct Delayed {
    TimePoint at{};
    Changes changes;
  };

  void release_due(TimePoint now, UnixMillis wall);
  void apply(TimePoint now, UnixMillis wall, Changes changes);
  void take_people(TimePoint now, UnixMillis wall);
  void refresh(TimePoint now, UnixMillis wall, std::uint32_t vertex);
  void set_arms(UnixMillis wall, std::uint32_t vertex, Seen& seen);
  void cut_arms(std::uint32_t vertex, Seen& seen);
  void let_go(std::uint32_t to);
  void show(TimePoint now, UnixMillis wall, std::uint32_t vertex);
  void hide(std::uint32_t vertex);
  void leave_group(TimePoint now, std::uint32_t vertex, Seen& seen);
  void look_at_group(TimePoint now, const GroupKey& key);
  void close_group(TimePoint now, const GroupKey& key, Group& group);
  std::optional<Country> country_of(const Seen& seen) const;
  ShownState state_of(const Seen& seen) const;
  ShownNumber shown_number(std::uint64_t number) const;
  ShownTotals totals() const;
  void tell(std::uint32_t vertex);
  ShownId new_id();

  ViewRules rules_;
  Rng& rng_;
  TimePoint people_at_;
  std::deque<Delayed> delayed_;
  std::size_t delayed_changes_ = 0;
  std::unordered_map<std::uint32_t, Seen> seen_;
  std::map<GroupKey, Group> groups_;
  std::set<GroupKey> waiting_groups_;  // large enough, and closed a short time ago
  std::set<std::uint32_t> people_changed_;
  DeadlineSet<std::uint32_t> return_at_;
  std::set<std::uint32_t> used_ids_;
  ShownTotals totals_;
  std::uint64_t people_ = 0, sessions_ = 0, bytes_per_second_ = 0;  // of all who are in seen_
  // Since the last delta.
  std::set<std::uint32_t> news_nodes_;
  std::map<std::pair<ShownId, ShownId>, ShownNumber> news_edges_;
  std::set<std::pair<ShownId, ShownId>> news_cut_;
  std::set<ShownId> news_gone_;
  bool has_news_ = false;
  std::uint64_t steps_ = 0;
};

}  // namespace footbridge::core
