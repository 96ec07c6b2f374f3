// An SCTP association and its data channel after the handshake, with a peer that knows all keys: chunks of its making
// under the right tag, and genuine packets changed or repeated. Messages stay within their bound, the association ends
// once, and its library survives.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>

#include "base/assert.hpp"
#include "base/byte_writer.hpp"
#include "deeds.hpp"
#include "io/clock.hpp"
#include "transport/webrtc/data_channel.hpp"
#include "transport/webrtc/sctp_association.hpp"

namespace {

using namespace footbridge;
using namespace footbridge::webrtc;

constexpr std::size_t kMaxDeeds = 64;
constexpr std::size_t kMaxQueued = 256;
constexpr std::size_t kTagAt = 4, kChunksAt = 12;
constexpr std::uint16_t kPort = 5000;

struct End final : SctpEvents {
  End(bool opener) : channel(LinkConfig{}, opener, opener ? DtlsRole::Client : DtlsRole::Server) {}
  void on_sctp_packet(ByteView packet) override {
    FB_ASSERT(packet.size() <= kMaxDatagramBytes);
    if (line.size() < kMaxQueued) line.push_back(to_bytes(packet));
  }
  void on_sctp_sack_held() override {}
  void on_sctp_up() override { FB_ASSERT(!ended && !std::exchange(up, true)); }
  bool on_sctp_message(StreamId stream, PayloadProtocol protocol, ByteView message) override {
    FB_ASSERT(!ended && message.size() <= kMaxMessageBytes);
    ByteView view;
    misused =
        misused || channel.on_message(*association, stream, protocol, message, view) == DataChannel::Input::Misused;
    FB_ASSERT(view.size() <= message.size());
    return !pause;
  }
  void on_sctp_stream_reset(StreamId stream) override { static_cast<void>(channel.on_stream_reset(stream)); }
  void on_sctp_end(SctpEnd) override { FB_ASSERT(!std::exchange(ended, true)); }

  DataChannel channel;
  std::unique_ptr<SctpAssociation> association;
  std::deque<Bytes> line;
  Bytes last;  // to this end, genuine
  bool up = false, ended = false, misused = false, pause = false;
};

void deliver(End& from, End& to) {
  from.association->flush();
  for (; !from.line.empty(); from.line.pop_front()) {
    to.last = from.line.front();
    to.association->on_packet(to.last);
  }
  to.association->read();
}

// One to four chunks with right lengths, mostly, behind a header that the association takes for its peer's.
Bytes forged(const End& to, fuzz::Deeds& deeds) {
  Bytes out;
  ByteWriter writer(out);
  writer.u16(kPort);
  writer.u16(kPort);
  append(out, to.last.size() >= kChunksAt ? ByteView(to.last).subspan(kTagAt, 4) : ByteView());
  out.resize(kChunksAt);
  for (auto chunks = 1 + deeds.below(4); chunks > 0; --chunks) {
    const auto type = static_cast<std::uint8_t>(deeds.byte());
    const auto flags = static_cast<std::uint8_t>(deeds.byte());
    const auto body = deeds.bytes(deeds.byte());
    writer.u8(type);
    writer.u8(flags);
    writer.u16(static_cast<std::uint16_t>(deeds.one_in(8) ? deeds.byte() << 8 | deeds.byte() : body.size() + 4));
    append(out, body);
    out.resize((out.size() + 3) / 4 * 4);
  }
  return out;
}

void deed(SctpStack& stack, TimePoint& now, End& from, End& to, fuzz::Deeds& deeds) {
  switch (deeds.below(8)) {
    case 0:
    case 1: to.association->on_packet(forged(to, deeds)); break;
    case 2: to.association->on_packet(deeds.run()); break;
    case 3: {
      auto changed = to.last;
      for (auto times = deeds.below(6); times > 0 && changed.size() > kChunksAt; --times)
        changed[kChunksAt + deeds.byte() % (changed.size() - kChunksAt)] = static_cast<std::byte>(deeds.byte());
      to.association->on_packet(changed);
      break;
    }
    case 4: {
      const auto protocol = deeds.one_in(2) ? PayloadProtocol::Dcep : static_cast<PayloadProtocol>(deeds.below(60));
      static_cast<void>(from.association->send(static_cast<StreamId>(deeds.below(20)), protocol, {}, deeds.run()));
      break;
    }
    case 5: deliver(from, to); break;
    case 6:
      now += Millis{deeds.byte() * 10};
      stack.advance(now);
      from.association->read();
      to.association->read();
      break;
    default:
      to.pause = deeds.one_in(2);
      if (!to.pause) to.association->resume();
      break;
  }
  if (deeds.one_in(2)) to.association->read();  // once per batch
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static SctpStack stack;
  static TimePoint now = io::now();
  fuzz::Deeds deeds(as_bytes(data, size));
  End a(true), b(false);
  a.association = std::make_unique<SctpAssociation>(stack, a, kPort);
  b.association = std::make_unique<SctpAssociation>(stack, b, kPort);
  const bool whole = !deeds.one_in(4);  // else the handshake is attacked, too
  for (int i = 0; whole && i < 8; ++i) deliver(a, b), deliver(b, a);
  FB_ASSERT(!whole || (a.up && b.up));
  if (whole) FB_ASSERT(a.channel.on_association_up(*a.association));
  for (std::size_t i = 0; i < kMaxDeeds && !deeds.empty(); ++i)
    deeds.one_in(2) ? deed(stack, now, a, b, deeds) : deed(stack, now, b, a, deeds);
  a.association.reset();
  b.association.reset();
  stack.advance(now += Seconds{1});
  return 0;
}
