#include "sim/stack/application.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/overloaded.hpp"

namespace footbridge::sim {

namespace {

constexpr std::size_t kChunkBytes = 16 * 1024;  // what a socket gives at once

// The byte of stream `id` at `offset`; differs by direction.
std::byte pattern(core::StreamId id, bool from_client, std::uint64_t offset) {
  const auto mixed = (offset + 1) * 0x9e3779b97f4a7c15ULL + (2 * id + (from_client ? 1 : 0)) * 0xbf58476d1ce4e5b9ULL;
  return static_cast<std::byte>(mixed >> 56);
}

}  // namespace

std::optional<core::StreamId> Application::ask(TimePoint now, std::uint64_t up, std::uint64_t down) {
  std::array<std::byte, kRequestBytes> request{};
  for (std::size_t i = 0; i < request.size(); ++i) request[i] = static_cast<std::byte>(down >> 8 * i);
  const auto id = session_.open(now, request);
  if (!id) return std::nullopt;
  auto& stream = streams_[*id];
  stream.to_write = kRequestBytes + up;
  stream.written = kRequestBytes;
  stream.wanted = down;
  stream.finishing = true;
  stream.asked_at = now;
  push(now, *id);
  return id;
}

void Application::on_event(TimePoint now, const core::SessionEvent& event) {
  std::visit(Overloaded{[&](const core::event::Opened& e) { streams_[e.stream].asked_at = now; },
                        [&](const core::event::Readable& e) { read(now, e.stream); },
                        [&](const core::event::Finished& e) { on_finished(now, e.stream); },
                        [&](const core::event::Reset& e) { on_broken(e.stream); },
                        [&](const core::event::Stopped& e) { on_broken(e.stream); },
                        [&](const core::event::Writable& e) { push(now, e.stream); }, [](const core::event::GoAway&) {},
                        [](const core::event::PathSilence&) {},
                        [&](const core::event::Ended&) {
                          failed_ += streams_.size();
                          streams_.clear();
                        }},
             event);
}

void Application::push(TimePoint now, core::StreamId id) {
  const auto found = streams_.find(id);
  if (found == streams_.end() || !found->second.finishing || found->second.out_over) return;
  auto& stream = found->second;
  std::array<std::byte, kChunkBytes> chunk;
  while (stream.written < stream.to_write) {
    const auto room = std::min<std::uint64_t>(session_.room(id), stream.to_write - stream.written);
    const auto bytes = static_cast<std::size_t>(std::min<std::uint64_t>(room, chunk.size()));
    if (bytes == 0) return;
    for (std::size_t i = 0; i < bytes; ++i) chunk[i] = pattern(id, client_, stream.written + i);
    const auto taken = session_.write(now, id, ByteView(chunk).first(bytes));
    stream.written += taken;
    bytes_written_ += taken;
    if (taken < bytes) return;
  }
  stream.out_over = true;
  session_.finish(now, id);
  close_if_over(now, id);
}

void Application::read(TimePoint now, core::StreamId id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  while (!stalled_.contains(id)) {
    const auto bytes = session_.peek(id);
    if (bytes.empty()) return;
    const auto count = bytes.size();
    take(now, id, found->second, bytes);
    session_.consume(now, id, count);
  }
}

void Application::take(TimePoint now, core::StreamId id, Stream& stream, ByteView bytes) {
  const auto begin = stream.read;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    if (!client_ && begin + i < kRequestBytes)
      stream.request.push_back(bytes[i]);
    else if (bytes[i] != pattern(id, !client_, begin + i))
      ++wrong_bytes_;
  }
  stream.read += bytes.size();
  bytes_read_ += bytes.size();
  if (when_read) when_read(now, id, bytes.size());
  if (client_ || stream.answered || stream.read < kRequestBytes) return;
  stream.answered = stream.finishing = true;
  for (std::size_t i = 0; i < kRequestBytes; ++i)
    stream.to_write |= std::to_integer<std::uint64_t>(stream.request[i]) << 8 * i;
  push(now, id);
}

void Application::on_finished(TimePoint now, core::StreamId id) {
  const auto found = streams_.find(id);
  if (found == streams_.end()) return;
  found->second.in_finished = true;
  if (client_ && found->second.read != found->second.wanted) ++wrong_bytes_;
  close_if_over(now, id);
}

void Application::on_broken(core::StreamId id) {
  failed_ += streams_.erase(id);
  stalled_.erase(id);
}

void Application::close_if_over(TimePoint now, core::StreamId id) {
  const auto found = streams_.find(id);
  if (found == streams_.end() || !found->second.in_finished || !found->second.out_over) return;
  if (when_done) when_done(now, id, found->second);
  ++done_;
  streams_.erase(id);
}

void Application::give_up(TimePoint now, core::StreamId id) {
  session_.reset(now, id, core::ResetCode::Cancelled);
  on_broken(id);
}

void Application::stall(TimePoint now, core::StreamId id, bool stalled) {
  if (stalled) {
    stalled_.insert(id);
  } else if (stalled_.erase(id) > 0) {
    read(now, id);
  }
}

void Application::stall_none(TimePoint now) {
  for (const auto id : std::exchange(stalled_, {})) read(now, id);
}

}  // namespace footbridge::sim
