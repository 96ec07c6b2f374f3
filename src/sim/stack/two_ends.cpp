#include "sim/stack/two_ends.hpp"

#include <utility>

namespace footbridge::sim {

PipeWeather straight(Duration round_trip, std::uint64_t bits_per_second) {
  PipeWeather weather;
  weather.forth.delay = round_trip / 2;
  weather.forth.bytes_per_second = bits_per_second / 8;
  weather.back = weather.forth;
  return weather;
}

TwoEnds::TwoEnds(std::uint64_t seed, const quic::PathOptions& options)
    : network(Seed(seed), trace), egress(network), client(network, 1), dice_(Seed(seed).child("two ends")) {
  egress.options = client.options = options;
}

std::uint64_t TwoEnds::add_path(const PipeWeather& weather, Pipe::Carrier carrier) {
  auto& pipe = network.open_pipe(weather);
  pipe.carrier = std::move(carrier);
  const auto match = MatchId::random(dice_);
  egress.accept(pipe.side(1), match);
  client.begin_path(pipe.side(0), match, weather.forth.delay + weather.back.delay);
  return pipe.number();
}

SessionAtEnd* TwoEnds::egress_session() {
  SessionAtEnd* found = nullptr;
  egress.for_each_session([&](SessionAtEnd& session) { found = &session; });
  return found;
}

}  // namespace footbridge::sim
