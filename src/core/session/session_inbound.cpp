// What the peer's datagrams do to a session.
#include <algorithm>
#include <vector>

#include "base/overloaded.hpp"
#include "core/session/session_parts.hpp"

namespace footbridge::core {

using Meaning = StreamTable::Meaning;

Status<SessionErrc> Session::on_datagram(TimePoint now, PathId path, ByteView datagram) {
  auto& p = *parts_;
  if (p.ended) return SessionErrc::Ended;
  p.now = now;
  ++p.stats.datagrams_received;
  if (auto* heard = p.paths.find(path)) {
    heard->detector.on_heard(now);
    p.mind_silence(*heard);
  }
  wire::FrameReader reader(datagram);
  for (;;) {
    const auto frame = reader.next();
    if (!frame) return SessionErrc::Malformed;
    if (!*frame) return {};
    if (auto status = p.on_frame(now, **frame); !status) return status;
  }
}

Status<SessionErrc> Session::Parts::on_frame(TimePoint at, const wire::Frame& frame) {
  return std::visit(Overloaded{[](const wire::PadFrame&) { return Status<SessionErrc>{}; },
                               [](const wire::IgnorableFrame&) { return Status<SessionErrc>{}; },
                               [&](const wire::FlowFrame& flow) { return flows.on_frame(flow); },
                               [&](const wire::SessionLimitFrame& limit) {
                                 const bool was_scarce = shares.scarce(sender.credit());
                                 sender.raise_session_limit(at, limit.limit);
                                 if (was_scarce) wake_writers();
                                 return Status<SessionErrc>{};
                               },
                               [&](const wire::DataFrame& data) { return on_data(at, data); },
                               [&](const wire::WindowFrame& window) { return on_window(at, window); }},
                    frame);
}

Status<SessionErrc> Session::Parts::fatal(SessionErrc error) {
  end(error == SessionErrc::OutOfMemory ? EndReason::OutOfMemory : EndReason::Violation);
  return error;
}

Result<Stream*, SessionErrc> Session::Parts::stream_of(TimePoint at, StreamId id) {
  if (id == 0) return &control.stream();
  switch (streams.meaning(id)) {
    case Meaning::Live: return streams.find(id);
    case Meaning::Over: return static_cast<Stream*>(nullptr);
    case Meaning::Impossible: return SessionErrc::Violation;
    case Meaning::New: break;
  }
  if (!streams.accept(id, at, static_cast<std::size_t>(2 * config.limits.max_streams))) return SessionErrc::Violation;
  return streams.find(id);
}

Status<SessionErrc> Session::Parts::on_data(TimePoint at, const wire::DataFrame& frame) {
  const auto found = stream_of(at, frame.stream);
  if (!found) return fatal(found.error());
  if (*found == nullptr) {
    stats.bytes_duplicate += frame.payload.size();
    return {};
  }
  auto& stream = **found;
  const auto consumed = stream.receive.consumed();
  const auto arrival = stream.receive.on_data(frame.offset, frame.payload, frame.fin);
  if (!arrival) return fatal(arrival.error());
  stats.bytes_received += arrival->fresh_bytes;
  stats.bytes_duplicate += frame.payload.size() - arrival->fresh_bytes;
  if (stream.id == 0) return on_control(at);
  if (!windows.on_received(arrival->highest_growth)) return fatal(SessionErrc::Violation);
  if (arrival->readable) {
    show(stream);
    if (stream.receive.unread() > 0 && !stream.receive.discarding() && !stream.readable_queued) {
      stream.readable_queued = true;
      events.push_back(event::Readable{stream.id});
    }
  }
  after_receiving(at, stream, consumed);
  return {};
}

void Session::Parts::show(Stream& stream) {
  if (stream.shown) return;
  stream.shown = true;
  if (streams.working() > config.limits.max_streams) {
    ++stats.streams_refused;
    give_up_sending(stream, ResetCode::Limit);
    stream.receive.discard();
    if (!stream.receive.over()) say(nullptr, wire::StopRecord{stream.id, ResetCode::Limit});
    return;
  }
  ++stats.streams_opened;
  events.push_back(event::Opened{stream.id});
}

void Session::Parts::after_receiving(TimePoint at, Stream& stream, std::uint64_t consumed_before) {
  auto& receive = stream.receive;
  windows.on_consumed(receive.consumed() - consumed_before);
  if (receive.state() != ReceiveStream::State::Reset) {
    // Also when all has arrived: from the limit the peer learns that its bytes no longer wait for their reader.
    windows.advance(stream.window, receive.consumed(), receive.unread());
    receive.raise_limit(stream.window.limit);
  }
  if (receive.over()) windows.end_stream(stream.window);
  announcer.update(at, session_announcement, 0, windows.session_limit(), windows.session_window());
  if (receive.state() == ReceiveStream::State::Reset) {
    announcer.forget(stream.announcement);
  } else {
    announcer.update(at, stream.announcement, receive.contiguous(), receive.limit(), windows.measure_of(stream.window));
  }
  if (receive.state() == ReceiveStream::State::Drained && !receive.discarding() && !stream.finish_told) {
    stream.finish_told = true;
    events.push_back(event::Finished{stream.id});
  }
  retire_if_over(stream);
}

Status<SessionErrc> Session::Parts::on_window(TimePoint at, const wire::WindowFrame& frame) {
  const auto found = stream_of(at, frame.stream);
  if (!found) return fatal(found.error());
  if (*found == nullptr) return {};
  auto& stream = **found;
  const auto buffered = stream.send.buffered();
  if (!stream.send.on_window(frame.contiguous, frame.limit)) return fatal(SessionErrc::Violation);
  if (stream.id == 0) {
    retire_confirmed();
    return {};
  }
  const auto freed = buffered - stream.send.buffered();
  const bool was_full = send_buffered + kWritableRoom > kSessionWindow || shares.scarce(sender.credit());
  send_buffered -= freed;
  stats.bytes_confirmed += freed;
  note_written(stream);
  sender.wake(at, stream);
  // While the session's buffer was full, or its first windows, everybody waited for this.
  if (was_full) wake_writers();
  wake_writer(stream);
  retire_if_over(stream);
  return {};
}

Status<SessionErrc> Session::Parts::on_control(TimePoint at) {
  auto& stream = control.stream();
  for (;;) {
    const auto record = control.next();
    if (!record) return fatal(SessionErrc::Violation);
    if (!*record) break;
    if (auto status = on_record(at, **record); !status) return status;
  }
  stream.receive.raise_limit(std::max(stream.receive.limit(), stream.receive.consumed() + kControlWindow));
  announcer.update(at, stream.announcement, stream.receive.contiguous(), stream.receive.limit(), kControlWindow);
  return {};
}

Status<SessionErrc> Session::Parts::on_record(TimePoint at, const wire::Record& record) {
  return std::visit(Overloaded{[](const wire::IgnorableRecord&) { return Status<SessionErrc>{}; },
                               [&](const wire::ResetRecord& reset) { return on_reset(at, reset); },
                               [&](const wire::StopRecord& stop) { return on_stop(at, stop); },
                               [&](const wire::GoAwayRecord& go_away) {
                                 if (role != Role::Client) return fatal(SessionErrc::Violation);
                                 const Seconds after{static_cast<Seconds::rep>(
                                     std::min<std::uint64_t>(go_away.seconds, kMaxGoAway.count()))};
                                 if (!going_away) events.push_back(event::GoAway{after});
                                 going_away = true;
                                 return Status<SessionErrc>{};
                               }},
                    record);
}

Status<SessionErrc> Session::Parts::on_reset(TimePoint at, const wire::ResetRecord& record) {
  const auto found = stream_of(at, record.stream);
  if (!found) return fatal(found.error());
  if (*found == nullptr) return {};
  auto& stream = **found;
  const auto consumed = stream.receive.consumed();
  const bool silent = stream.receive.discarding() || !stream.shown;
  const auto growth = stream.receive.on_reset(record.final_size);
  if (!growth) return fatal(growth.error());
  if (!windows.on_received(*growth)) return fatal(SessionErrc::Violation);
  const bool reset = stream.receive.state() == ReceiveStream::State::Reset;
  if (reset && !silent) events.push_back(event::Reset{stream.id, record.code});
  // Nobody was told of the stream, so nobody here will end its other direction.
  if (reset && !stream.shown) give_up_sending(stream, record.code);
  after_receiving(at, stream, consumed);
  return {};
}

Status<SessionErrc> Session::Parts::on_stop(TimePoint at, const wire::StopRecord& record) {
  const auto found = stream_of(at, record.stream);
  if (!found) return fatal(found.error());
  if (*found == nullptr || (*found)->send.over()) return {};
  auto& stream = **found;
  give_up_sending(stream, record.code);
  if (stream.shown) events.push_back(event::Stopped{stream.id, record.code});
  retire_if_over(stream);
  return {};
}

void Session::Parts::retire_if_over(Stream& stream) {
  const auto& send = stream.send;
  const bool sent = send.state() == SendStream::State::Confirmed ||
                    (send.state() == SendStream::State::Reset && control.confirmed(stream.reset_record_end));
  const bool received = stream.receive.state() == ReceiveStream::State::Reset ||
                        (stream.receive.state() == ReceiveStream::State::Drained && stream.announcement.confirmed());
  if (!sent || !received) return;
  windows.end_stream(stream.window);
  shares.release(stream.share);
  announcer.forget(stream.announcement);
  sender.forget(stream);
  streams.erase(stream.id);
}

void Session::Parts::retire_confirmed() {
  std::vector<Stream*> reset;
  streams.for_each([&](Stream& stream) {
    if (stream.send.state() == SendStream::State::Reset) reset.push_back(&stream);
  });
  for (auto* stream : reset) retire_if_over(*stream);
}

}  // namespace footbridge::core
