// For the tests of PathPlan: a plan whose commands are obeyed at once, in a network of volunteers that only count.
#pragma once

#include <gtest/gtest.h>
#include <map>
#include <set>
#include <utility>

#include "base/overloaded.hpp"
#include "core/path/path_plan.hpp"

namespace footbridge::core {

// Offers are ready in the same moment, and a broker with `volunteers` people finds those who are not avoided.
struct PathPlanTest : ::testing::Test {
  SeededRng rng{7};
  PathPlan plan{{}, rng};
  TimePoint now{Seconds{1'000}};

  std::size_t volunteers = 8;
  bool gathers = true;   // offers are ready at once
  bool connects = true;  // who is found carries at once
  std::size_t searches = 0, made = 0, nobody = 0;
  std::optional<PathPlan::Search> search;      // that waits at the broker
  std::map<PathKey, MatchId> carrying, found;  // found: has a volunteer, does not carry
  std::map<MatchId, std::size_t> helps;        // who serves a match
  std::set<PathKey> left, gathering;

  void collect() {
    while (auto command = plan.poll())
      std::visit(Overloaded{[&](const PathPlan::Make& make) { ++made, gathering.insert(make.path); },
                            [&](PathPlan::Search& asked) { ++searches, search = std::move(asked); },
                            [&](const PathPlan::StopSearch&) { search.reset(); },
                            [&](const PathPlan::Leave& leave) { left.insert(leave.path); }},
                 *command);
  }
  void offer_all() {
    for (const auto path : std::exchange(gathering, {})) plan.on_offered(now, path);
  }
  void match() {
    std::set<std::size_t> taken;
    for (const auto& match : search->avoid) taken.insert(helps.at(match));
    bool any = false;
    const auto asked = *search;
    for (const auto path : asked.offers)
      for (std::size_t person = 0; person < volunteers; ++person)
        if (taken.insert(person).second) {
          const auto id = MatchId::random(rng);
          helps[id] = person, found[path] = id, any = true;
          plan.on_matched(now, path, id);
          break;
        }
    if (any) {
      search.reset();
      return plan.on_search_over(now);
    }
    ++nobody;
    plan.on_nobody_found(now);
  }
  void run() {
    for (;;) {
      collect();
      for (const auto path : std::exchange(left, {})) end(path, PathPlan::Loss::Volunteer);
      if (gathers && !gathering.empty()) {
        offer_all();
      } else if (search && volunteers > 0 && nobody_since != searches) {
        nobody_since = searches;
        match();
      } else if (connects && !found.empty()) {
        const auto [path, id] = *found.begin();
        found.erase(path);
        carrying[path] = id;
        plan.on_granted(now, path);
      } else {
        return;
      }
    }
  }
  std::size_t nobody_since = 0;  // the search that was answered last
  void end(PathKey path, PathPlan::Loss loss) {
    carrying.erase(path), found.erase(path), gathering.erase(path);
    plan.on_over(now, path, loss);
  }
  void pass(Duration by) {
    const auto until = now + by;
    for (auto due = plan.deadline(); due && *due <= until; due = plan.deadline()) {
      now = std::max(now, *due);
      plan.on_deadline(now);
      run();
    }
    now = until;
  }
  void start() { plan.start(now), run(); }
  void lose(PathKey path, PathPlan::Loss loss = PathPlan::Loss::Volunteer) { end(path, loss), run(); }
  void suspect(PathKey path) { plan.on_suspect(now, path, true), run(); }
  void hear(PathKey path) { plan.on_suspect(now, path, false), run(); }
  PathKey any() const { return carrying.begin()->first; }
  std::size_t people() const {
    std::set<std::size_t> out;
    for (const auto& [path, id] : carrying) out.insert(helps.at(id));
    return out.size();
  }
};

}  // namespace footbridge::core
