// Any bytes as control messages, records and stream headers: what is read is written and read again the same, and both
// ends of a path's handshake stay within their backlog whatever arrives, in whatever pieces.
#include <cstdlib>

#include "core/session/path_handshake.hpp"
#include "wire/session_open.hpp"
#include "wire/session_records.hpp"

namespace {

using namespace footbridge;
using namespace footbridge::core;

class Everybody final : public SessionRegistry {
 public:
  Answer create(TimePoint, const wire::Hello&) override { return wire::Ok{}; }
  Answer join(TimePoint, const wire::Join&) override { return wire::Refused{}; }
};

void require(bool condition) {
  if (!condition) std::abort();
}

void round_trips(ByteView input) {
  if (const auto parsed = wire::parse_control(input)) {
    const auto once = wire::encode_control(parsed->message);
    const auto again = wire::parse_control(once);
    require(again.ok() && wire::encode_control(again->message) == once);
  }
  if (const auto parsed = wire::parse_record(input)) {
    const auto once = wire::encode_record(parsed->record);
    const auto again = wire::parse_record(once);
    require(again.ok() && wire::encode_record(again->record) == once);
  }
  if (const auto parsed = wire::parse_open(input)) {
    const auto once = wire::encode_open(parsed->header);
    require(once && once->size() <= wire::kMaxOpenBytes && wire::parse_open(*once).ok());
  }
  if (const auto parsed = wire::parse_opened(input))
    require(wire::parse_opened(wire::encode_opened(parsed->header)).ok());
}

template <class Handshake>
void in_pieces(Handshake& handshake, ByteView input) {
  for (std::size_t piece = 1; !input.empty(); piece = piece * 3 % 1'021) {
    const auto count = std::min(piece, input.size());
    handshake.on_bytes(TimePoint{}, input.first(count));
    input = input.subspan(count);
    (void)handshake.take_output();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = as_bytes(data, size);
  round_trips(input);
  SeededRng rng(1);
  Everybody registry;
  EgressPathHandshake egress(TimePoint{}, rng, registry);
  in_pieces(egress, input);
  ClientPathHandshake client(TimePoint{}, rng, MatchId{}, {});
  in_pieces(client, input);
  return 0;
}
