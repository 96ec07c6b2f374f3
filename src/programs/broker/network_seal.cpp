#include "programs/broker/network_seal.hpp"

#include <algorithm>
#include <utility>

#include "io/clock.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"

namespace footbridge::broker {

using core::SealRefusal;

namespace {

constexpr std::string_view kOption = "--network";
constexpr std::size_t kMostHolding = 2;
static_assert(kMostHolding + 1 == core::BrokerKeys::kMostKeys);

}  // namespace

std::vector<BrokerSecret> usable_keys(std::vector<BrokerSecret> keys, UnixSeconds now) {
  std::ranges::sort(keys, {}, [](const BrokerSecret& key) { return key.valid.from; });
  std::erase_if(keys, [&](const BrokerSecret& key) { return key.valid.until <= now; });
  const auto begun = [&](UnixSeconds at) {
    return std::ranges::find_if(keys, [at](const BrokerSecret& key) { return key.valid.from > at; });
  };
  // The next one alone: what begins after it is nobody's yet.
  const auto next = begun(now);
  const auto early = begun(UnixSeconds{count(now) + static_cast<std::uint64_t>(kKeyEarly.count())});
  keys.erase(next == early ? next : std::next(next), keys.end());
  const auto most = next == early ? kMostHolding : kMostHolding + 1;
  if (keys.size() > most) keys.erase(keys.begin(), keys.end() - static_cast<std::ptrdiff_t>(most));
  return keys;
}

NetworkSeal::NetworkSeal(asio::any_io_executor executor, ops::FilePath folder, const std::optional<std::string>& name,
                         UnixSeconds started, Rng& rng, observe::Registry& registry)
    : folder_(std::move(folder)),
      seen_(network_files_state(folder_)),
      files_(read_network_files(kOption, folder_)),
      broker_(broker_name(kOption, files_.directory, name)),
      keys_(read_broker_keys(kOption, folder_, broker_)),
      sealed_(files_.obfuscation, started, rng),
      timer_(std::move(executor), [this](TimePoint now) { look_again(now); }) {
  if (usable_keys(keys_, io::unix_now()).empty())
    throw ops::UsageError(std::string(kOption) + ": the keys of broker " + broker_ +
                          " are all over, or this clock is wrong; make new ones with: footbridge network directory");
  use_keys();
  add_metrics(registry);
  timer_.arm(io::now() + look_again_);
}

Result<core::OpenedRequest, core::SealErrc> NetworkSeal::open(ByteView body) {
  const auto now = io::unix_now();
  const auto full = sealed_.refused(SealRefusal::Full);
  auto opened = sealed_.open(now, body);
  if (opened) return opened;
  if (sealed_.refused(SealRefusal::Full) != full)
    observe::log(observe::Level::Err, "replay-memory-full",
                 observe::kv("advice", "more requests than can be remembered come in; nobody is served meanwhile"));
  if (sealed_.blocked(now))
    observe::log(observe::Level::Err, "clock-set-back",
                 observe::kv("advice",
                             "requests are refused until this clock has caught up; if it was ahead before, make new "
                             "broker keys and restart the broker"));
  return opened;
}

Bytes NetworkSeal::seal(core::ReplySeal reply, ByteView body) {
  return sealed_.seal(io::unix_now(), std::move(reply), body);
}

store::RequestTag NetworkSeal::shared_tag(const core::OpenedRequest& request) const {
  const auto key = crypto::blake2b<32>(as_bytes("requests that any instance has heard"),
                                       files_.obfuscation.reveal_to_primitive());
  return {crypto::blake2b<store::RequestTag::kBytes>(request.name, key)};
}

void NetworkSeal::use_keys() {
  core::BrokerKeys keys;
  for (const auto& key : usable_keys(keys_, io::unix_now()))
    keys.add(crypto::X25519KeyPair::from(key.secret), key.valid.from);
  const bool none = keys.usable().empty();
  sealed_.keys() = std::move(keys);
  if (none && !told_no_key_)
    observe::log(observe::Level::Err, "broker-keys-over",
                 observe::kv("advice",
                             "all keys in the folder of the network are over, and nobody can be served: run footbridge "
                             "network directory, copy what it writes, and look at this clock"));
  told_no_key_ = none;
}

void NetworkSeal::tell_directory() {
  if (!directory_used_ && on_directory_) directory_used_ = on_directory_(files_.directory);
}

NetworkSeal::Next NetworkSeal::read() const {
  auto state = network_files_state(folder_);  // first: what is written meanwhile is read the next time
  auto files = read_network_files(kOption, folder_);
  if (std::ranges::none_of(files.directory.brokers, [this](const auto& each) { return each.name == broker_; }))
    throw ops::UsageError(std::string(kOption) + ": the directory does not have broker " + broker_ + " any more");
  auto keys = read_broker_keys(kOption, folder_, broker_);
  if (!std::ranges::equal(files.obfuscation.reveal_to_primitive(), files_.obfuscation.reveal_to_primitive()))
    throw ops::UsageError(std::string(kOption) + ": the network's secret is another one; restart the broker for that");
  return {std::move(state), std::move(files), std::move(keys)};
}

void NetworkSeal::use(Next next) {
  seen_ = std::move(next.state);
  const bool changed = next.files.signed_directory != files_.signed_directory;
  files_ = std::move(next.files);
  keys_ = std::move(next.keys);
  use_keys();
  if (!changed) return;
  observe::log(observe::Level::Notice, "directory-in-use", observe::kv("version", files_.directory.version));
  directory_used_ = false;
  tell_directory();
}

void NetworkSeal::set_look_again_for_test(Duration pause) {
  look_again_ = pause;
  timer_.arm(io::now() + pause);
}

void NetworkSeal::look_again(TimePoint now) {
  timer_.arm(now + look_again_);
  use_keys();  // time goes on, files or not
  tell_directory();
  auto state = network_files_state(folder_);
  if (state == seen_) return;
  seen_ = std::move(state);  // what is wrong is said once
  try {
    reload();
  } catch (const ops::UsageError& error) {
    observe::log(observe::Level::Warn, "network-files-refused", observe::kv("why", error.what()));
  }
}

void NetworkSeal::add_metrics(observe::Registry& registry) {
  registry.counter_from("footbridge_broker_sealed_opened_total", "Sealed requests that opened.",
                        [this] { return sealed_.opened(); });
  const auto refused = [&](observe::MetricName metric, std::string_view help, SealRefusal why) {
    registry.counter_from(metric, help, [this, why] { return sealed_.refused(why); });
  };
  refused("footbridge_broker_sealed_foreign_total", "Requests that are not sealed for this network: decoyed.",
          SealRefusal::Envelope);
  refused("footbridge_broker_sealed_stale_total", "Sealed requests stamped with another time: decoyed.",
          SealRefusal::Stale);
  refused("footbridge_broker_sealed_replayed_total", "Sealed requests that were said before: decoyed.",
          SealRefusal::Replayed);
  refused("footbridge_broker_sealed_unopened_total", "Sealed requests for another key, or with a lost ticket: decoyed.",
          SealRefusal::Inside);
  refused("footbridge_broker_sealed_full_total", "Sealed requests that could not be remembered: decoyed.",
          SealRefusal::Full);
  refused("footbridge_broker_directory_full_total", "Requests for the directory that could not be remembered: decoyed.",
          SealRefusal::DirectoryFull);
  registry.gauge_from("footbridge_broker_replay_bytes", "Memory for what was said already.",
                      [this] { return static_cast<double>(sealed_.replay_bytes()); });
  registry.gauge_from("footbridge_broker_blocked", "1 while the clock is behind what is remembered: nobody is served.",
                      [this] { return sealed_.blocked(io::unix_now()) ? 1.0 : 0.0; });
  registry.gauge_from("footbridge_broker_directory_ends_seconds", "When the directory ends, in seconds since 1970.",
                      [this] { return static_cast<double>(count(files_.directory.valid.until)); });
}

}  // namespace footbridge::broker
