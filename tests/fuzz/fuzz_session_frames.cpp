// Any bytes as session datagrams, for both roles, on a session that has streams open and something to send. Finds
// crashes, hangs, memory above what was granted, and frames that do not survive being written again.
#include <cstdlib>

#include "core/session/session.hpp"
#include "wire/session_open.hpp"

namespace {

using namespace footbridge;
using namespace footbridge::core;

// Twice the session's window in each direction, and the control stream: no input may need more.
constexpr std::size_t kMostMemory = 4 * kSessionWindow;

void drain(Session& session, TimePoint now) {
  while (const auto happened = session.poll()) {
    if (const auto* opened = std::get_if<event::Opened>(&*happened)) {
      (void)wire::parse_open(session.peek(opened->stream));
      session.write(now, opened->stream, as_bytes("some answer"));
    }
    if (const auto* readable = std::get_if<event::Readable>(&*happened)) {
      const auto bytes = session.peek(readable->stream);
      session.consume(now, readable->stream, bytes.size() / 2);  // a slow reader
    }
    if (const auto* finished = std::get_if<event::Finished>(&*happened)) session.finish(now, finished->stream);
  }
}

// The input is cut into datagrams: one byte of length, so many times four bytes.
void feed(Session::Role role, ByteView input) {
  SeededRng rng(1);
  BoundedMemory memory(kMostMemory);
  SessionConfig config;
  config.peer_limits = config.limits;
  TimePoint now{};
  Session session(role, config, rng, memory, now);
  const auto path = session.add_path(now);
  if (role == Session::Role::Client)
    for (int i = 0; i < 3; ++i) session.write(now, session.open(now, as_bytes("header")).value(), Bytes(5'000));
  Bytes out(1'132);
  while (!input.empty()) {
    const auto bytes = std::min<std::size_t>(std::to_integer<std::size_t>(input[0]) * 4, input.size() - 1);
    (void)session.on_datagram(now, path, input.subspan(1, bytes));
    input = input.subspan(1 + bytes);
    drain(session, now);
    now += Millis{10};
    session.on_deadline(now);
    for (int i = 0; i < 8 && session.has_work(path); ++i) {
      const auto pulled = session.pull(now, path, out);
      if (!pulled) std::abort();  // has_work() promised
      session.on_fate(now, path, pulled->id, pulled->id % 3 == 0 ? DatagramFate::Lost : DatagramFate::Acked);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  feed(Session::Role::Egress, as_bytes(data, size));
  feed(Session::Role::Client, as_bytes(data, size));
  return 0;
}
