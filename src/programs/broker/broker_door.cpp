#include "programs/broker/broker_door.hpp"

#include <cstring>
#include <optional>
#include <utility>

#include "base/encoding.hpp"
#include "crypto/primitives.hpp"
#include "io/clock.hpp"
#include "io/connection_permit.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "ops/values.hpp"

namespace footbridge::broker {

// A request that waits in handle(). Its destructor tells the broker when the wait was cut.
struct BrokerDoor::Parked {
  Parked(BrokerDoor& owner, core::RequestKey its_key) : door(owner), key(its_key), answered(owner.executor_) {
    door.parked_.emplace(key, this);
  }
  Parked(const Parked&) = delete;
  Parked& operator=(const Parked&) = delete;
  ~Parked() {
    door.parked_.erase(key);
    if (body) return;
    door.broker_.on_gone(io::now(), io::unix_now(), key);
    door.settle();
  }
  BrokerDoor& door;
  core::RequestKey key;
  io::Wakeup answered;
  std::optional<Bytes> body;
};

namespace {

// As long as slices stay the same, networks must, or a restart would show each of them somebody new.
void tell_egress(const core::EgressBook::Change& change) {
  const auto name = encode_hex(change.egress.view());  // outlives `id`, which only looks at it
  const auto id = observe::kv("egress", name);
  switch (change.state) {
    case core::EgressState::Untold: return;
    case core::EgressState::Heard: return observe::log(observe::Level::Notice, "egress-heard", id);
    case core::EgressState::Leaving: return observe::log(observe::Level::Notice, "egress-leaves", id);
    case core::EgressState::Silent:
      return observe::log(observe::Level::Warn, "egress-silent", id,
                          observe::kv("advice",
                                      "no heartbeat for a minute: it gets no clients until one comes; see whether it "
                                      "runs, and reaches this broker"));
  }
}

// A volunteer in a web page, of whatever origin, reads what it asked for. Nothing that everybody sees says so: only who
// spoke as we do gets this.
http::Response for_pages_too() {
  http::Response out;
  out.headers.emplace_back("Access-Control-Allow-Origin", "*");
  return out;
}

void tell_tester(core::TestedProxies::State state) {
  using State = core::TestedProxies::State;
  switch (state) {
    case State::None: return;
    case State::Active: return observe::log(observe::Level::Notice, "tester-heard");
    case State::Silent:
      return observe::log(observe::Level::Warn, "tester-silent",
                          observe::kv("advice", "people meet new volunteers untested; see whether it runs"));
    case State::Mistrusted:
      return observe::log(observe::Level::Warn, "tester-not-believed",
                          observe::kv("advice",
                                      "whomever it meets fails, so it keeps nobody from people until somebody passes; "
                                      "see whether its own network lets UDP through"));
  }
}

std::array<std::byte, 32> prefix_key(const core::BrokerConfig& config, Rng& rng) {
  if (!config.slice_key) return rng.array<32>();
  return crypto::blake2b<32>(as_bytes("networks of requesters"), config.slice_key->reveal_to_primitive());
}

}  // namespace

BrokerDoor::BrokerDoor(asio::any_io_executor executor, core::BrokerConfig config, Rng& rng, NetworkSeal* seal)
    : executor_(executor),
      seal_(seal),
      prefix_key_(prefix_key(config, rng)),
      broker_(std::move(config), rng),
      timer_(executor, [this](TimePoint at) {
        broker_.on_deadline(at, io::unix_now());
        settle();
      }) {}

asio::awaitable<http::Response> BrokerDoor::handle(http::Request request) {
  if (request.method != "POST" || request.body.empty()) {
    // What is no POST costs what a POST would: whoever keeps this loop busy with many bodies sees no kind that is
    // cheaper.
    if (seal_ != nullptr && !request.body.empty()) static_cast<void>(seal_->open(request.body));
    co_return http::decoy();
  }
  std::optional<http::Response> at_once;
  auto heard = hear(request, at_once);
  if (!heard) co_return at_once ? std::move(*at_once) : http::decoy();
  const auto key = last_key_;
  if (heard->tag && !co_await first_heard(*heard->tag)) co_return http::decoy();
  if (look_first_) look_first_(io::now());
  Parked parked(*this, key);
  const auto unread_before = broker_.stats().malformed;
  broker_.on_request(io::now(), io::unix_now(), parked.key, heard->body, heard->who, heard->proof);
  settle();
  // Somebody who does not speak as we do sees the web site that everybody sees, and not that a broker is here. Whose
  // seal opened knows that, and is told what we do not understand.
  if (!heard->seal && broker_.stats().malformed != unread_before) co_return http::decoy();
  Bytes().swap(heard->body);  // parsed and copied where it is needed; the wait may be long
  while (!parked.body)
    if (!co_await parked.answered.wait()) co_return http::decoy();  // cancelled: nobody will read it
  auto response = for_pages_too();
  response.body = heard->seal ? seal_->seal(std::move(*heard->seal), *parked.body) : std::move(*parked.body);
  co_return response;
}

// nullopt: it gets `at_once`, or the decoy.
std::optional<BrokerDoor::Heard> BrokerDoor::hear(http::Request& request, std::optional<http::Response>& at_once) {
  ++last_key_;  // before: who is hidden is known by it
  auto who = describe(request.peer.reveal_to_socket());
  if (seal_ == nullptr) return Heard{std::move(request.body), who, std::nullopt, std::nullopt, std::nullopt};
  auto opened = seal_->open(request.body);
  Bytes().swap(request.body);
  if (!opened) return std::nullopt;
  if (opened->kind == crypto::RequestKind::Directory) {
    at_once = for_pages_too();
    at_once->body = seal_->seal(std::move(opened->reply), seal_->signed_directory());
    return std::nullopt;
  }
  const auto tag = store_ != nullptr ? std::optional(seal_->shared_tag(*opened)) : std::nullopt;
  return Heard{std::move(opened->body), who, core::SealProof{opened->proxy}, std::move(opened->reply), tag};
}

// Our own seal has let it pass already, so without the store it is heard: losing the store stops nobody.
asio::awaitable<bool> BrokerDoor::first_heard(store::RequestTag tag) {
  const auto claim = co_await store_->claim(tag);
  const bool lost = claim == store::Claim::Lost;
  if (std::exchange(store_lost_, lost) != lost && lost)
    observe::log(observe::Level::Warn, "store-lost",
                 observe::kv("advice",
                             "what the instances of this broker share cannot be asked: each goes on by itself, and "
                             "what one of them has heard another one would hear again"));
  co_return claim == store::Claim::First || lost;
}

void BrokerDoor::drain() {
  broker_.drain(io::now());
  settle();
}

core::EgressBook::Replaced BrokerDoor::set_egresses(std::vector<core::EgressEntry> egresses) {
  const auto replaced = broker_.set_egresses(io::now(), io::unix_now(), std::move(egresses));
  settle();
  return replaced;
}

// The one place where an address becomes what may be known of it.
core::RequesterInfo BrokerDoor::describe(const Endpoint& peer) {
  core::RequesterInfo out;
  out.family = peer.address.family();
  out.country = countries_.lookup(peer.address);
  ++(out.country.known() ? located_.known : located_.unknown);
  if (ops::is_loopback(peer.address)) {
    // Behind a front proxy, and in the demo, everyone comes from here: one budget for all would be none for most.
    out.prefix_hash = last_key_;
    out.origin = core::Origin::Hidden;
    return out;
  }
  const auto hash = crypto::blake2b<8>(io::charged_prefix(peer.address).view(), prefix_key_);
  std::memcpy(&out.prefix_hash, hash.data(), hash.size());
  return out;
}

void BrokerDoor::set_invites(core::InviteRules rules) {
  broker_.set_invites(io::now(), io::unix_now(), std::move(rules));
  settle();  // first: who may not stay goes, whatever the disk does
  if (!guests_) return;
  try {
    guests_->replace(broker_.guests());
  } catch (const ops::UsageError&) {
    // What was written before stands there still, and says more than it has to.
    tell_kept(false);
  }
}

void BrokerDoor::keep_guests(GuestBook book) {
  book.replace(broker_.guests());
  guests_ = std::move(book);
}

// Before any answer: an installation that was let in is not let in once more after a restart.
void BrokerDoor::write_down_guests() {
  while (const auto guest = broker_.next_new_guest()) {
    if (!guests_) continue;
    tell_kept(guests_->add(*guest));
  }
}

void BrokerDoor::tell_kept(bool kept) {
  if (std::exchange(guests_kept_, kept) && !kept)
    observe::log(observe::Level::Warn, "guests-not-kept",
                 observe::kv("advice",
                             "who used which invite cannot be written down: after a restart as many devices "
                             "may use each invite again; look at the disk and at --state-dir"));
}

void BrokerDoor::settle() {
  write_down_guests();
  while (auto reply = broker_.poll()) {
    if (reply->match_wait && match_waits_ != nullptr) match_waits_->observe(*reply->match_wait);
    const auto found = parked_.find(reply->request);
    if (found == parked_.end()) continue;
    found->second->body = std::move(reply->body);
    found->second->answered.notify();
  }
  while (const auto change = broker_.poll_egress_change()) tell_egress(*change);
  if (const auto change = broker_.poll_tester_change()) tell_tester(*change);
  timer_.arm(broker_.deadline());
}

}  // namespace footbridge::broker
