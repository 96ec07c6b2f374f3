#include "core/session/control_channel.hpp"

#include <algorithm>

namespace footbridge::core {

std::optional<std::uint64_t> ControlChannel::say(const wire::Record& record) {
  // Every other channel begins with something to be skipped, so that no implementation forgets how.
  if (written_ == 0 && rng_.between(0, 1) == 1) {
    const auto type = rng_.between(wire::kFirstIgnorableType, wire::kLastIgnorableType);
    if (!write(wire::IgnorableRecord{static_cast<std::uint8_t>(type)})) return std::nullopt;
  }
  if (!write(record)) return std::nullopt;
  return written_;
}

bool ControlChannel::write(const wire::Record& record) {
  const auto bytes = wire::encode_record(record);
  if (stream_.send.buffered() + bytes.size() > kControlBuffer) return false;
  const auto taken = stream_.send.write(bytes, bytes.size());
  written_ += taken;
  return taken == bytes.size();
}

Result<std::optional<wire::Record>, wire::RecordErrc> ControlChannel::next() {
  using Next = std::optional<wire::Record>;
  for (;;) {
    if (!partial_.empty()) {
      auto parsed = wire::parse_record(partial_);
      if (parsed) {
        partial_.erase(partial_.begin(), partial_.begin() + static_cast<std::ptrdiff_t>(parsed->bytes));
        return Next{std::move(parsed->record)};
      }
      if (parsed.error() != wire::RecordErrc::Truncated) return parsed.error();
    }
    // A record's longest beginning is its head and body: adding no more than one body at a time keeps this bounded.
    const auto more = stream_.receive.peek();
    if (more.empty()) return Next{};
    const auto taken = more.first(std::min(more.size(), wire::kMaxRecordBody));
    append(partial_, taken);
    stream_.receive.consume(taken.size());
  }
}

}  // namespace footbridge::core
