#include "sim/model/broker_site.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace footbridge::sim::model {
namespace {

constexpr std::uint64_t kWorldBegan = 1'800'000'000;  // UnixSeconds
// A held request is answered after 30 s at most, and an offer half a second later where a sibling is awaited.
constexpr Duration kLongestHold = core::Broker::kMaxOfferHold + Seconds{1};
constexpr std::string_view kPrivateNetwork = "192.168.";  // all private addresses of the model are in it
// A connection that cannot be made fails at once, or only when somebody loses patience.
constexpr Duration kConnectFails = Seconds{3};

}  // namespace

UnixSeconds wall_clock(TimePoint now, Seconds skew) {
  const auto since = std::chrono::duration_cast<Seconds>(now.time_since_epoch()) + skew;
  return UnixSeconds{kWorldBegan + static_cast<std::uint64_t>(since.count() + 1'000) - 1'000};
}

BrokerSite::BrokerSite(Ground& ground, std::uint64_t number, core::BrokerConfig config, Seed seed)
    : Timed(ground), number_(number), config_(std::move(config)), dice_(seed) {
  restart();
}

UnixSeconds BrokerSite::unix_now() const { return wall_clock(now(), skew_); }

void BrokerSite::restart() {
  broker_.emplace(config_, dice_);
  ground().story({"broker", number_}, "starts");
}

void BrokerSite::crash() {
  ground().story({"broker", number_}, "crashes", {{"held", open_.size()}});
  broker_.reset();
  for (const auto& [key, open] : std::exchange(open_, {})) fail(open.asker, open.id, way());
  key_of_.clear();
}

void BrokerSite::post(RendezvousAsker& asker, std::uint64_t id, Bytes body, const core::RequesterInfo& who) {
  if (asker.offline || dice_.chance(weather_.loss)) {
    if (dice_.chance(0.5)) fail(asker.standing(), id, dice_.duration(Millis{1}, kConnectFails));
    return;  // else nobody ever answers
  }
  later(way(), [this, from = asker.standing(), id, who, bytes = std::move(body)] { arrive(from, id, bytes, who); });
}

void BrokerSite::arrive(Standing asker, std::uint64_t id, const Bytes& body, const core::RequesterInfo& who) {
  if (!broker_) return fail(asker, id, way());
  const auto* from = static_cast<const RendezvousAsker*>(ground().find(asker));
  if (from == nullptr) return;
  note_secrets(from->who(), body);
  const auto key = ++last_key_;
  open_[key] = {asker, from->who(), id, now()};
  key_of_[{asker, id}] = key;
  broker_->on_request(now(), unix_now(), key, body, who);
  settle();
}

void BrokerSite::note_secrets(Actor who, const Bytes& body) {
  const auto request = wire::parse_request(body);
  if (!request) return;
  if (const auto* poll = std::get_if<wire::Poll>(&request->body)) {
    secrets_.keep(who, poll->proxy.view());
    secrets_.keep(who, poll->self_tag.view());
  } else if (const auto* offer = std::get_if<wire::Offer>(&request->body)) {
    secrets_.keep(who, offer->self_tag.view());
  }
}

void BrokerSite::abandon(RendezvousAsker& asker, std::uint64_t id) {
  if (asker.offline) return;
  later(way(), [this, from = asker.standing(), id] {
    if (const auto at = key_of_.find({from, id}); at != key_of_.end()) gone(at->second);
  });
}

void BrokerSite::forget(const RendezvousAsker& asker) {
  later(way(), [this, from = asker.standing()] {
    std::vector<core::RequestKey> keys;
    for (const auto& [key, open] : open_)
      if (open.asker == from) keys.push_back(key);
    for (const auto key : keys) gone(key);
  });
}

void BrokerSite::gone(core::RequestKey key) {
  const auto at = open_.find(key);
  if (at == open_.end()) return;
  key_of_.erase({at->second.asker, at->second.id});
  open_.erase(at);
  broker_->on_gone(now(), unix_now(), key);
  settle();
}

void BrokerSite::on_alarm() {
  if (!broker_) return;
  if (const auto due = broker_->deadline(); due && *due <= now()) broker_->on_deadline(now(), unix_now());
  settle();
}

void BrokerSite::settle() {
  while (auto reply = broker_->poll()) {
    const auto at = open_.find(reply->request);
    if (at == open_.end()) {
      ground().broken(Property::SoldOnce, {"broker", number_}, "a request is answered twice, or after its end");
      return;
    }
    const auto open = at->second;
    key_of_.erase({open.asker, open.id});
    open_.erase(at);
    answer(open, std::move(reply->body));
  }
  if (!open_.empty() && now() - open_.begin()->second.since > kLongestHold)
    ground().broken(Property::TerminalInTime, {"broker", number_}, "a request is held beyond its deadline");
  set_alarm(broker_->deadline());
}

void BrokerSite::answer(const Open& open, Bytes body) {
  if (as_text(body).find(kPrivateNetwork) != std::string_view::npos)
    ground().broken(Property::NothingPrivate, {"broker", number_}, "an answer tells a private address");
  if (const auto whose = secrets_.told_to(open.who, body))
    ground().broken(Property::NothingPrivate, {"broker", number_},
                    "an answer tells what makes " + std::string(whose->kind) + " " + std::to_string(whose->number) +
                        " known again");
  if (dice_.chance(weather_.loss)) return fail(open.asker, open.id, way());
  ground().queue().after(way(), [ground = &ground(), open, bytes = std::move(body)] {
    auto* asker = static_cast<RendezvousAsker*>(ground->find(open.asker));
    if (asker == nullptr) return;
    if (asker->offline)
      asker->on_failed(open.id);
    else
      asker->on_response(open.id, bytes);
  });
}

void BrokerSite::fail(Standing asker, std::uint64_t id, Duration after) {
  ground().queue().after(after, [ground = &ground(), asker, id] {
    if (auto* found = static_cast<RendezvousAsker*>(ground->find(asker))) found->on_failed(id);
  });
}

}  // namespace footbridge::sim::model
