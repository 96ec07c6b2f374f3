// A model client's search for proxies: the plan's commands, the broker's answers.
#include <algorithm>
#include <string>
#include <utility>

#include "base/overloaded.hpp"
#include "sim/model/model_client_parts.hpp"

namespace footbridge::sim::model {

using core::ClientRendezvous;
using core::PathKey;
using core::PathPlan;

namespace {

constexpr Duration kGatherLeast = Millis{50};
constexpr Duration kGatherMost = Seconds{1};
constexpr std::size_t kMostAttempts = 16;

}  // namespace

void ModelClient::on_response(std::uint64_t id, ByteView body) {
  rendezvous_.on_response(now(), id, body);
  settle();
}

void ModelClient::on_failed(std::uint64_t id) {
  rendezvous_.on_failed(now(), id);
  settle();
}

void ModelClient::on_alarm() {
  if (const auto due = plan_.deadline(); due && *due <= now()) {
    for (const auto& attempt : attempts_)
      if (attempt->carrying && !attempt->over) plan_.on_round_trip(attempt->key, attempt->end->stats().smoothed_rtt);
    plan_.on_deadline(now());
  }
  if (const auto due = rendezvous_.deadline(); due && *due <= now()) rendezvous_.on_deadline(now());
  for (std::size_t i = 0; i < attempts_.size(); ++i)
    if (attempts_[i]->limit && *attempts_[i]->limit <= now()) {
      attempts_[i]->limit.reset();
      finish(*attempts_[i], PathPlan::Loss::Volunteer);
    }
  settle();
}

void ModelClient::settle() {
  again_ = true;
  if (std::exchange(settling_, true)) return;
  while (std::exchange(again_, false)) {
    for (auto command = plan_.poll(); command; command = plan_.poll()) carry_out(*command);
    for (auto output = rendezvous_.poll(); output; output = rendezvous_.poll()) {
      carry_out(*output);
      again_ = true;
    }
  }
  settling_ = false;
  if (attempts_.size() > kMostAttempts)
    ground().broken(Property::Bounded, who_, std::to_string(attempts_.size()) + " attempts at a path at once");
  auto next = earlier(plan_.deadline(), rendezvous_.deadline());
  for (const auto& attempt : attempts_) next = earlier(next, attempt->limit);
  set_alarm(next);
}

void ModelClient::carry_out(PathPlan::Command& command) {
  std::visit(Overloaded{
                 [&](PathPlan::Make& wanted) { make(wanted.path); },
                 [&](PathPlan::Search& wanted) { search(wanted); },
                 [&](PathPlan::StopSearch&) {
                   asked_for_.clear();
                   rendezvous_.cancel(now());
                 },
                 [&](PathPlan::Leave& wanted) {
                   if (auto* attempt = find(wanted.path)) leave(*attempt);
                 },
             },
             command);
}

void ModelClient::make(PathKey key) {
  attempts_.push_back(std::make_unique<Attempt>(*this, key));
  later(dice_.duration(kGatherLeast, kGatherMost), [this, key] {
    auto* attempt = find(key);
    if (attempt == nullptr || attempt->over || attempt->left) return;
    attempt->offer = network_.offer(number_);
    plan_.on_offered(now(), key);
    settle();
  });
}

void ModelClient::search(const PathPlan::Search& wanted) {
  core::ClientSearch search;
  asked_for_ = wanted.offers;
  for (const auto key : wanted.offers) search.sdps.push_back(find(key)->offer);
  search.avoid = wanted.avoid;
  search.has_path = wanted.has_path;
  if (session_)
    search.egress = session_->egress;
  else
    shard_ = static_cast<std::uint16_t>(dice_.word());
  search.shard = session_ ? session_->shard : shard_;
  ground().story(who_, "searches", {{"offers", search.sdps.size()}, {"avoids", search.avoid.size()}});
  rendezvous_.offer(now(), std::move(search));
}

void ModelClient::carry_out(ClientRendezvous::Output& output) {
  std::visit(Overloaded{
                 [&](ClientRendezvous::Post& post) {
                   network_.broker_of(who_).post(*this, post.id, std::move(post.body), network_.requester(who_));
                 },
                 [&](ClientRendezvous::Abandon& abandon) { network_.broker_of(who_).abandon(*this, abandon.id); },
                 [&](ClientRendezvous::Matches& found) {
                   const auto asked = std::exchange(asked_for_, {});
                   std::set<std::uint32_t> answered;
                   for (const auto& match : found.matches) {
                     if (!answered.insert(match.sdp_index).second || !matches_.insert(match.match).second)
                       ground().broken(Property::SoldOnce, who_, "an offer is answered twice");
                     if (match.sdp_index >= asked.size()) continue;
                     auto* attempt = find(asked[match.sdp_index]);
                     if (attempt != nullptr && !attempt->over && !attempt->left && !attempt->match)
                       use(*attempt, match);
                   }
                   plan_.on_search_over(now());
                 },
                 [&](ClientRendezvous::Waiting& waits) {
                   ground().story(who_, "finds-nobody", {{"why", static_cast<std::uint64_t>(waits.why)}});
                   plan_.on_nobody_found(now());
                 },
             },
             output);
}

}  // namespace footbridge::sim::model
