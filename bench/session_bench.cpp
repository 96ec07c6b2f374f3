// What the session layer costs: one download through two sessions in one process, without QUIC, links or sockets.
// Prints CPU seconds per GB (10^9 bytes of payload) for both ends together. Usage: session_bench [megabytes]
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <vector>

#include "core/session/session.hpp"

namespace {

using namespace footbridge;
using namespace footbridge::core;

constexpr std::size_t kUnderWay = 512;  // datagrams between two fates: a path of some delay

struct Datagram {
  DatagramId id;
  std::size_t bytes;
};

// Lets `from` send until it has nothing or the window is full; `to` takes it, then the fates are told.
bool carry(TimePoint now, Session& from, PathId from_path, Session& to, PathId to_path, std::vector<std::byte>& space,
           std::size_t packet) {
  std::vector<Datagram> sent;
  while (sent.size() < kUnderWay) {
    const auto pulled = from.pull(now, from_path, ByteSpan(space).subspan(sent.size() * packet, packet));
    if (!pulled) break;
    sent.push_back({pulled->id, pulled->bytes});
  }
  for (std::size_t i = 0; i < sent.size(); ++i)
    if (!to.on_datagram(now, to_path, ByteView(space).subspan(i * packet, sent[i].bytes)).ok()) std::abort();
  for (const auto& datagram : sent) from.on_fate(now, from_path, datagram.id, DatagramFate::Acked);
  return !sent.empty();
}

double run(std::uint64_t total, std::size_t packet) {
  SeededRng rng(1);
  BoundedMemory memory(64U << 20);
  SessionConfig config;
  config.peer_limits = config.limits;
  TimePoint now{};
  Session client(Session::Role::Client, config, rng, memory, now);
  Session egress(Session::Role::Egress, config, rng, memory, now);
  const auto client_path = client.add_path(now);
  const auto egress_path = egress.add_path(now);
  std::vector<std::byte> space(kUnderWay * packet);
  const auto chunk = rng.bytes(64U << 10);
  const auto stream = client.open(now, as_bytes("header")).value();

  const auto start = std::clock();
  std::uint64_t read = 0;
  while (read < total) {
    now += Millis{1};
    while (egress.poll()) {
    }
    while (egress.write(now, stream, chunk) == chunk.size()) {
    }
    carry(now, client, client_path, egress, egress_path, space, packet);
    carry(now, egress, egress_path, client, client_path, space, packet);
    while (client.poll()) {
    }
    for (auto bytes = client.peek(stream); !bytes.empty(); bytes = client.peek(stream)) {
      read += bytes.size();
      client.consume(now, stream, bytes.size());
    }
    for (auto* session : {&client, &egress})
      if (const auto due = session->deadline(); due && *due <= now) session->on_deadline(now);
  }
  const auto seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
  return seconds / (static_cast<double>(read) / 1e9);
}

}  // namespace

int main(int argc, char** argv) {
  const auto megabytes = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 500;
  for (const std::size_t packet : {1084U, 4480U, 9008U})
    std::printf("packet %5zu  session layer, both ends: %.3f CPU s/GB\n", packet, run(megabytes * 1'000'000, packet));
}
