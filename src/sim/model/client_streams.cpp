#include "sim/model/client_streams.hpp"

#include <algorithm>
#include <string>

#include "base/byte_writer.hpp"
#include "base/overloaded.hpp"
#include "wire/session_open.hpp"

namespace footbridge::sim::model {
namespace {

constexpr Duration kFirstBurstWithin = Seconds{20};
constexpr Duration kStallLeast = Millis{200};
constexpr Duration kStallMost = Seconds{20};

}  // namespace

ClientStreams::ClientStreams(Ground& ground, std::uint64_t client, const StreamTerms& terms, Seed seed)
    : Timed(ground), client_(client), terms_(terms), dice_(seed) {
  next_burst_ = now() + dice_.duration({}, kFirstBurstWithin);
  set_alarm(next_burst_);
}

void ClientStreams::use(SessionEnd& session) {
  session_ = &session;
  later({}, [this] {
    open_wanted();
    if (session_ != nullptr) session_->settle();
  });
}

void ClientStreams::forget_session() {
  session_ = nullptr;
  count_.lost_with_session += streams_.size();
  wants_ = std::min(terms_.most_streams, wants_ + streams_.size());  // applications try again
  streams_.clear();
}

void ClientStreams::calm_down() {
  terms_.stalls = terms_.gives_up = 0;
  for (auto& [id, stream] : streams_) {
    stream.gives_up_at.reset();
    if (stream.stalled_until) stream.stalled_until = now();
  }
  set_alarm(now());
}

void ClientStreams::on_alarm() {
  if (now() >= next_burst_ && !closing_) {
    wants_ = std::min(terms_.most_streams, wants_ + 1 + dice_.index(5));
    next_burst_ = now() + dice_.duration(terms_.silence_least, terms_.silence_most);
  }
  open_wanted();
  for (auto at = streams_.begin(); at != streams_.end();) {
    const auto id = (at++)->first;  // reading may end it
    auto& stalled = streams_.at(id).stalled_until;
    if (!stalled || *stalled > now()) continue;
    stalled.reset();
    if (session_ != nullptr) read(id);
  }
  if (session_ != nullptr) session_->settle();
  std::optional<TimePoint> next = closing_ ? std::nullopt : std::optional(next_burst_);
  for (const auto& [id, stream] : streams_) next = earlier(next, stream.stalled_until);
  set_alarm(next);
}

void ClientStreams::open_wanted() {
  if (closing_) wants_ = 0;
  while (session_ != nullptr && wants_ > 0 && streams_.size() < terms_.most_streams) {
    const auto before = streams_.size();
    open_one();
    if (streams_.size() == before) return;  // the session takes none now
    --wants_;
  }
}

void ClientStreams::open_one() {
  const auto size = [&](double large) {
    const auto most = dice_.chance(large) ? terms_.most_bytes : std::min<std::uint64_t>(terms_.most_bytes, 30'000);
    return 1 + dice_.below(most);
  };
  const auto header = wire::encode_open({.destination = Private(wire::Destination{"site.example", 443})});
  const auto id = session_->session().open(now(), *header);
  if (!id) return;
  const auto key = mixed(client_ << 32 | ++last_key_);
  Stream stream;
  stream.up = {key, dice_.chance(0.2) ? size(0.3) : 0, 0, false};
  stream.down = {reply_key(key), size(0.15), 0};
  stream.since = now();
  if (dice_.chance(terms_.stalls)) stream.stalled_until = now() + dice_.duration(kStallLeast, kStallMost);
  if (dice_.chance(terms_.gives_up)) stream.gives_up_at = dice_.below(stream.down.total);
  Bytes request;
  ByteWriter(request).u64(key).u64(stream.up.total).u64(stream.down.total);
  if (session_->session().write(now(), *id, request) != request.size())
    wrong(*id, "a fresh stream takes not even a request");
  stream.up.write(now(), session_->session(), *id);
  if (stream.stalled_until) set_alarm(stream.stalled_until);
  ++count_.opened;
  ground().story({"client", client_}, "stream-open",
                 {{"stream", *id}, {"up", stream.up.total}, {"down", stream.down.total}});
  streams_.emplace(*id, std::move(stream));
}

void ClientStreams::on_event(const core::SessionEvent& event) {
  const auto over = [&](core::StreamId id, std::uint64_t& counter, std::string_view what) {
    if (streams_.erase(id) == 0) return;
    ++counter;
    ground().story({"client", client_}, what, {{"stream", id}});
  };
  std::visit(Overloaded{
                 [&](const core::event::Readable& e) { read(e.stream); },
                 [&](const core::event::Writable& e) {
                   const auto at = streams_.find(e.stream);
                   if (at == streams_.end()) return;
                   at->second.up.write(now(), session_->session(), e.stream);
                   if (at->second.heard_all && at->second.up.done) over(e.stream, count_.completed, "stream-complete");
                 },
                 [&](const core::event::Finished& e) {
                   const auto at = streams_.find(e.stream);
                   if (at == streams_.end()) return;
                   if (!at->second.opened || at->second.down.read != at->second.down.total)
                     return wrong(e.stream, "a stream ends before its last byte");
                   at->second.heard_all = true;
                   if (at->second.up.done) over(e.stream, count_.completed, "stream-complete");
                 },
                 [&](const core::event::Reset& e) {
                   if (e.code != core::ResetCode::ConnectionReset && e.code != core::ResetCode::Limit)
                     wrong(e.stream, "a stream is reset, though its website did not");
                   over(e.stream, count_.given_up, "stream-reset");
                 },
                 [&](const core::event::Stopped&) {},  // the website reads no more; its reply or reset follows
                 [&](const auto&) {},
             },
             event);
  if (wants_ > 0) open_wanted();
}

void ClientStreams::read(core::StreamId id) {
  const auto at = streams_.find(id);
  if (at == streams_.end() || session_ == nullptr) return;
  auto& stream = at->second;
  if (stream.stalled_until) return;
  auto& session = session_->session();
  while (!stream.opened) {
    const auto before = stream.head.size();
    read_head(id, stream);
    if (!stream.opened && stream.head.size() == before) return;
  }
  for (auto bytes = session.peek(id); !bytes.empty(); bytes = session.peek(id)) {
    if (!stream.down.take(bytes)) return wrong(id, "bytes arrive that were not sent like this");
    count_.bytes_down += bytes.size();
    session.consume(now(), id, bytes.size());
    if (stream.gives_up_at && stream.down.read >= *stream.gives_up_at) {
      session.reset(now(), id, core::ResetCode::Cancelled);
      ++count_.given_up;
      ground().story({"client", client_}, "stream-cancelled", {{"stream", id}});
      streams_.erase(id);
      return;
    }
  }
}

void ClientStreams::read_head(core::StreamId id, Stream& stream) {
  auto& session = session_->session();
  const auto arrived = session.peek(id);
  if (arrived.empty()) return;
  const auto had = stream.head.size();
  append(stream.head, arrived.first(std::min(arrived.size(), wire::kMaxOpenedBytes - had)));
  const auto parsed = wire::parse_opened(stream.head);
  if (parsed) {
    session.consume(now(), id, parsed->bytes - had);
    stream.opened = true;
    if (parsed->header != wire::OpenStatus::Connected) {  // refused: nothing follows
      ++count_.refused;
      stream.down.total = 0;
    }
    return;
  }
  if (parsed.error() != wire::OpenErrc::Truncated) return wrong(id, "a reply does not begin with OPENED");
  session.consume(now(), id, stream.head.size() - had);
}

void ClientStreams::wrong(core::StreamId id, const char* what) {
  ground().broken(Property::ExactBytes, {"client", client_},
                  std::string(what) + " (stream " + std::to_string(id) + ")");
}

std::string ClientStreams::oldest() const {
  const auto oldest = std::min_element(streams_.begin(), streams_.end(),
                                       [](const auto& a, const auto& b) { return a.second.since < b.second.since; });
  if (oldest == streams_.end()) return "no stream waits";
  const auto& s = oldest->second;
  return "stream " + std::to_string(oldest->first) + " has read " + std::to_string(s.down.read) + " of " +
         std::to_string(s.down.total) + " and written " + std::to_string(s.up.written) + " of " +
         std::to_string(s.up.total) + " bytes";
}

}  // namespace footbridge::sim::model
