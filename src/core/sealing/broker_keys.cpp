#include "core/sealing/broker_keys.hpp"

namespace footbridge::core {
namespace {

bool is_older(UnixSeconds made, UnixSeconds now, Seconds than) {
  return count(now) > count(made) && count(now) - count(made) >= static_cast<std::uint64_t>(than.count());
}

}  // namespace

void BrokerKeys::add(const crypto::X25519KeyPair& key, UnixSeconds made) {
  keys_.insert(keys_.begin(), key);
  made_.insert(made_.begin(), made);
  if (keys_.size() <= kMostKeys) return;
  keys_.pop_back();
  made_.pop_back();
}

void BrokerKeys::forget_old(UnixSeconds now) {
  while (!made_.empty() && is_older(made_.back(), now, kCurrentFor + kOverlap)) {
    keys_.pop_back();
    made_.pop_back();
  }
}

}  // namespace footbridge::core
