#include "programs/netstate/event_stream.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include "io/clock.hpp"
#include "io/unix_millis.hpp"
#include "io/wakeup.hpp"
#include "io/with_deadline.hpp"

namespace footbridge::netstate {
namespace {

// Its text has no line breaks.
void add_event(std::string& out, std::string_view kind, const core::FeedEvent& event) {
  out.append("event: ").append(kind).append("\nid: ").append(std::to_string(event.version)).append("\ndata: ");
  out.append(event.json).append("\n\n");
}

http::Feed::Piece piece_of(std::string_view text) { return http::Feed::piece(to_bytes(text)); }

http::Feed::Piece tick() {
  return piece_of("event: tick\ndata: {\"at\":" + std::to_string(count(io::unix_millis())) + "}\n\n");
}

std::optional<std::uint64_t> version_of(std::string_view text) {
  std::uint64_t out = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return out;
}

}  // namespace

class EventStream::Viewer final : public http::Feed {
 public:
  Viewer(EventStream& stream, std::optional<std::uint64_t> seen)
      : stream_(stream), seen_(seen), changed_(stream.executor_) {
    stream_.viewers_.insert(this);
  }
  ~Viewer() override { stream_.viewers_.erase(this); }
  Viewer(const Viewer&) = delete;
  Viewer& operator=(const Viewer&) = delete;

  asio::awaitable<Piece> next() override {
    const auto until = io::now() + core::kTick;
    while (!stream_.closed_) {
      if (auto news = take()) co_return news;
      if (io::now() >= until) co_return tick();
      static_cast<void>(co_await io::with_deadline(until, changed_.wait()));
    }
    co_return nullptr;
  }
  void wake() { changed_.notify(); }

 private:
  Piece take() {
    const auto news = seen_ ? stream_.news(*seen_) : std::nullopt;
    return news ? *news : stream_.snapshot(seen_.emplace());
  }

  EventStream& stream_;
  std::optional<std::uint64_t> seen_;  // nullopt: nothing that he could go on from
  io::Wakeup changed_;
};

std::unique_ptr<http::Feed> EventStream::watch(std::string_view last_event_id) {
  if (closed_ || viewers_.size() >= kMaxViewers) return nullptr;
  return std::make_unique<Viewer>(*this, version_of(last_event_id));
}

void EventStream::wake() {
  for (auto* const viewer : viewers_) viewer->wake();
}

void EventStream::close() {
  closed_ = true;
  wake();
}

http::Feed::Piece EventStream::snapshot(std::uint64_t& version) {
  const auto now = io::now();
  if (!snapshot_ || now >= snapshot_until_) {
    const auto event = state_.snapshot(io::unix_millis());
    std::string text;
    add_event(text, "snapshot", event);
    snapshot_ = piece_of(text);
    snapshot_version_ = event.version;
    snapshot_until_ = now + kSnapshotKept;
  }
  version = snapshot_version_;
  return snapshot_;
}

// Null: nothing is new. nullopt: what follows that version is not known any more.
std::optional<http::Feed::Piece> EventStream::news(std::uint64_t& version) {
  if (latest_ && version == latest_from_) return version = latest_to_, latest_;
  const auto events = state_.since(version);
  if (!events) return std::nullopt;
  if (events->empty()) return nullptr;
  std::string text;
  for (const auto& event : *events) add_event(text, "delta", event);
  latest_from_ = std::exchange(version, events->back().version);
  latest_to_ = version;
  return latest_ = piece_of(text);
}

}  // namespace footbridge::netstate
