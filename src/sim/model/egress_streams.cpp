#include "sim/model/egress_streams.hpp"

#include <algorithm>
#include <string>

#include "base/byte_reader.hpp"
#include "base/overloaded.hpp"
#include "wire/session_open.hpp"

namespace footbridge::sim::model {
namespace {

constexpr std::size_t kRequestBytes = 24;

}  // namespace

void EgressStreams::on_event(const core::SessionEvent& event) {
  std::visit(Overloaded{
                 [&](const core::event::Opened& e) {
                   if (!streams_.emplace(e.stream, Stream{}).second) wrong(e.stream, "a stream is opened twice");
                 },
                 [&](const core::event::Readable& e) { read(e.stream); },
                 [&](const core::event::Writable& e) {
                   const auto at = streams_.find(e.stream);
                   if (at == streams_.end() || !at->second.serving) return;
                   at->second.down.write(now(), session_->session(), e.stream);
                   if (at->second.heard_all && at->second.down.done) end(e.stream);
                 },
                 [&](const core::event::Finished& e) {
                   const auto at = streams_.find(e.stream);
                   if (at == streams_.end()) return;
                   if (!at->second.serving || at->second.up.read != at->second.up.total)
                     return wrong(e.stream, "an upload ends before its last byte");
                   at->second.heard_all = true;
                   if (at->second.down.done) end(e.stream);
                 },
                 [&](const core::event::Reset& e) { end(e.stream); },
                 [&](const core::event::Stopped& e) { end(e.stream); },
                 [&](const auto&) {},
             },
             event);
}

void EgressStreams::read(core::StreamId id) {
  const auto at = streams_.find(id);
  if (at == streams_.end()) return;
  auto& stream = at->second;
  if (!stream.serving && !read_request(id, stream)) return;
  auto& session = session_->session();
  for (auto bytes = session.peek(id); !bytes.empty(); bytes = session.peek(id)) {
    if (!stream.up.take(bytes)) return wrong(id, "bytes arrive that were not sent like this");
    session.consume(now(), id, bytes.size());
  }
}

// True: the request is whole, and what follows is the upload.
bool EgressStreams::read_request(core::StreamId id, Stream& stream) {
  auto& session = session_->session();
  for (auto bytes = session.peek(id); !bytes.empty(); bytes = session.peek(id)) {
    const auto had = stream.head.size();
    append(stream.head, bytes.first(std::min(bytes.size(), wire::kMaxOpenBytes + kRequestBytes - had)));
    const auto open = wire::parse_open(stream.head);
    const bool whole = open && stream.head.size() >= open->bytes + kRequestBytes;
    if (!whole && !open && open.error() != wire::OpenErrc::Truncated) return wrong(id, "no OPEN comes first"), false;
    const auto end = whole ? open->bytes + kRequestBytes : stream.head.size();
    session.consume(now(), id, end - had);
    if (!whole) continue;
    ByteReader request(ByteView(stream.head).subspan(open->bytes, kRequestBytes));
    const auto key = *request.u64();
    const auto up = *request.u64();
    const auto down = *request.u64();
    stream.head = {};
    serve(id, stream, key, up, down);  // which may end it
    return streams_.contains(id);
  }
  return false;
}

void EgressStreams::serve(core::StreamId id, Stream& stream, std::uint64_t key, std::uint64_t up, std::uint64_t down) {
  auto& session = session_->session();
  if (!keys_.insert(key).second) return wrong(id, "the same request comes twice");
  stream.serving = true;
  stream.up = {key, up, 0};
  const bool allowed = limits_.on_open(now()) == core::StreamVerdict::Allowed;
  if (allowed) limits_.on_connected();
  stream.refused = !allowed;
  const auto opened = wire::encode_opened(allowed ? wire::OpenStatus::Connected : wire::OpenStatus::Limit);
  if (session.write(now(), id, opened) != opened.size()) return wrong(id, "a fresh stream does not take OPENED");
  if (allowed && dice_.chance(resets_)) {
    session.reset(now(), id, core::ResetCode::ConnectionReset);
    return end(id);
  }
  stream.down = {reply_key(key), allowed ? down : 0, 0, false};
  stream.down.write(now(), session, id);
}

void EgressStreams::end(core::StreamId id) {
  const auto at = streams_.find(id);
  if (at == streams_.end()) return;
  if (at->second.serving && !at->second.refused) limits_.on_closed();
  streams_.erase(at);
}

void EgressStreams::wrong(core::StreamId id, const char* what) {
  ground().broken(Property::ExactBytes, who_, std::string(what) + " (stream " + std::to_string(id) + ")");
}

}  // namespace footbridge::sim::model
