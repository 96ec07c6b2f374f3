// DTLS between two ends and whatever a network does to its datagrams: lost, changed, repeated, invented, late. No
// record arrives that the other end did not send, each end comes up once and ends once, and nothing follows the end.
#include <cstddef>
#include <cstdint>
#include <deque>
#include <set>

#include "base/assert.hpp"
#include "deeds.hpp"
#include "transport/webrtc/dtls_openssl.hpp"

namespace {

using namespace footbridge;
using namespace footbridge::webrtc;

constexpr std::size_t kMaxDeeds = 64;
constexpr std::size_t kMaxQueued = 64;

struct End final : DtlsEvents {
  void on_dtls_datagram(ByteView datagram) override {
    FB_ASSERT(datagram.size() <= kMaxDatagramBytes);
    if (line.size() < kMaxQueued) line.push_back(to_bytes(datagram));
  }
  void on_dtls_up() override { FB_ASSERT(!ended && !std::exchange(up, true)); }
  void on_dtls_record(ByteView record) override { FB_ASSERT(up && !ended && other->said.contains(to_bytes(record))); }
  void on_dtls_end(DtlsEnd) override { FB_ASSERT(!std::exchange(ended, true)); }

  End* other = nullptr;
  std::unique_ptr<Dtls> dtls;
  std::deque<Bytes> line;  // what it sent and nobody has had yet
  std::set<Bytes> said;
  bool up = false, ended = false;
};

void change(Bytes& datagram, fuzz::Deeds& deeds) {
  for (auto times = deeds.below(4); times > 0 && !datagram.empty(); --times)
    datagram[(deeds.byte() << 8 | deeds.byte()) % datagram.size()] ^= static_cast<std::byte>(deeds.byte());
  if (deeds.one_in(8)) datagram.resize(deeds.byte() % (datagram.size() + 1));
}

void deed(End& from, End& to, fuzz::Deeds& deeds) {
  switch (deeds.below(8)) {
    case 0:
    case 1:
    case 2:
      for (; !from.line.empty(); from.line.pop_front()) to.dtls->on_datagram(from.line.front());
      break;
    case 3:
      if (from.line.empty()) break;
      change(from.line.front(), deeds);
      to.dtls->on_datagram(from.line.front());
      if (deeds.one_in(2)) from.line.pop_front();
      break;
    case 4:
      if (!from.line.empty()) from.line.pop_front();
      break;
    case 5: to.dtls->on_datagram(deeds.run()); break;
    case 6: from.dtls->on_tick(); break;
    default:
      const auto record = to_bytes(deeds.bytes(deeds.byte()));
      from.said.insert(record);
      static_cast<void>(from.dtls->send(record));
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static DtlsContext context;
  static const auto certificates = std::pair(Certificate::make(), Certificate::make());
  fuzz::Deeds deeds(as_bytes(data, size));
  End client, server;
  client.other = &server;
  server.other = &client;
  client.dtls = context.make(certificates.first, client);
  server.dtls = context.make(certificates.second, server);
  client.dtls->start(DtlsRole::Client, certificates.second.fingerprint());
  server.dtls->start(DtlsRole::Server, certificates.first.fingerprint());
  for (std::size_t i = 0; i < kMaxDeeds && !deeds.empty(); ++i)
    deeds.one_in(2) ? deed(client, server, deeds) : deed(server, client, deeds);
  client.dtls->close();
  server.dtls->close();
  return 0;
}
