#include "sim/stack/hostile_proxy.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace footbridge::sim {

std::string_view name(Mischief what) {
  switch (what) {
    case Mischief::Flip: return "flip";
    case Mischief::Drop: return "drop";
    case Mischief::Duplicate: return "duplicate";
    case Mischief::Reorder: return "reorder";
    case Mischief::Truncate: return "truncate";
    case Mischief::Inject: return "inject";
  }
  FB_ASSERT(false);
}

bool HostileProxy::strikes(Mischief what) {
  const auto rate = rates_[static_cast<std::size_t>(what)];
  if (rate == 0 || rng_.between(1, 1'000) > rate) return false;
  ++counts_[static_cast<std::size_t>(what)];
  return true;
}

void HostileProxy::flip(Bytes& message) {
  if (message.empty()) return;
  for (auto bits = rng_.between(1, 8); bits > 0; --bits)
    message[rng_.between(0, message.size() - 1)] ^= std::byte{1} << rng_.between(0, 7);
}

HostileProxy::Delivery HostileProxy::invent(std::size_t from, ByteView message) {
  const auto kind = rng_.between(0, 2);
  if (kind == 0 || memory_.empty()) return {rng_.between(0, 1), rng_.bytes(rng_.between(0, kMaxNoiseBytes)), {}};
  const auto& old = memory_[rng_.between(0, memory_.size() - 1)];
  if (kind == 1) return {rng_.between(0, 1), old.message, {}};  // again, or back to who sent it
  auto spliced = to_bytes(message.first(rng_.between(0, message.size())));
  append(spliced, ByteView(old.message).subspan(std::min(spliced.size(), old.message.size())));
  return {1 - from, std::move(spliced), {}};
}

std::vector<HostileProxy::Delivery> HostileProxy::carry(std::size_t from, ByteView message) {
  ++carried_;
  std::vector<Delivery> out;
  const auto before = counts_;
  Delivery delivery{1 - from, to_bytes(message), {}};
  if (strikes(Mischief::Inject)) out.push_back(invent(from, message));
  if (strikes(Mischief::Flip)) flip(delivery.message);
  if (strikes(Mischief::Truncate)) delivery.message.resize(rng_.between(0, delivery.message.size()));
  if (strikes(Mischief::Reorder)) delivery.later = Duration(rng_.between(0, Duration(kMaxHoldBack).count()));
  if (strikes(Mischief::Duplicate))
    for (auto copies = rng_.between(1, 2); copies > 0; --copies) out.push_back(delivery);
  if (!strikes(Mischief::Drop)) out.push_back(std::move(delivery));
  if (counts_ != before) ++harmed_;
  memory_.push_back({1 - from, to_bytes(message)});
  if (memory_.size() > kRemembered) memory_.pop_front();
  return out;
}

}  // namespace footbridge::sim
