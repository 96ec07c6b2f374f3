#include "sim/stack/bulk.hpp"

#include "core/path/packet_sizes.hpp"

namespace footbridge::sim {

PipeWeather chunked(Duration round_trip, std::uint64_t bits, double loss) {
  auto weather = straight(round_trip, bits);
  for (auto* link : {&weather.forth, &weather.back}) {
    link->loss = loss;
    link->overhead_bytes = kHeaderBytes;
    link->fragment_bytes = core::kFragmentBytes;
  }
  return weather;
}

double percentile(std::vector<double> values, double share) {
  if (values.empty()) return 0;
  std::sort(values.begin(), values.end());
  return values[std::min(values.size() - 1, static_cast<std::size_t>(share * static_cast<double>(values.size())))];
}

Bulk::Bulk(const Plan& plan)
    : plan_(plan), world_(plan.seed, plan.options), dice_(Seed(plan.seed).child("bulk")), started_(world_.now()) {
  for (const auto round_trip : plan.round_trips) add_path(Millis{round_trip}, kPipeBits);
  world_.client.when_session = [this](SessionAtEnd& session) { begin(session); };
  world_.egress.when_session = [this](SessionAtEnd& session) {
    if (plan_.up) measure(session.app());
  };
  count_from(started_ + kWarmUp);
}

void Bulk::add_path(Duration round_trip, std::uint64_t bits_per_second) {
  pipes_.push_back(world_.add_path(chunked(round_trip, bits_per_second, plan_.loss)));
}

void Bulk::count_from(TimePoint at) {
  meter_ = {};
  meter_.counted_from = at;
}

void Bulk::begin(SessionAtEnd& session) {
  bulk_ = session.app().ask(world_.now(), plan_.up ? kEndless : 0, plan_.up ? 0 : kEndless).value();
  if (!plan_.up) measure(session.app());
  session.app().when_done = [this](TimePoint now, core::StreamId, const Application::Stream& stream) {
    request_ms_.push_back(to_ms(now - stream.asked_at));
  };
  if (plan_.requests) world_.network.queue.after(Seconds{2}, [this] { request(); });
  session.touch();
}

void Bulk::measure(Application& app) {
  app.when_read = [this](TimePoint now, core::StreamId id, std::size_t bytes) {
    if (id == bulk_) meter_.add(now, bytes);
  };
}

void Bulk::request() {
  if (auto* const session = world_.client.session()) {
    session->app().ask(world_.now(), 0, kRequestedBytes);
    session->touch();
  }
  world_.network.queue.after(dice_.duration(Millis{100}, Millis{150}), [this] { request(); });
}

std::uint64_t Bulk::wrong() {
  auto* const egress = world_.egress_session();
  auto* const client = world_.client.session();
  if (egress == nullptr || client == nullptr) return 1;
  return egress->app().wrong_bytes() + client->app().wrong_bytes();
}

std::uint64_t Bulk::unanswered() {
  auto* const session = world_.client.session();
  if (session == nullptr) return 0;
  return static_cast<std::uint64_t>(std::ranges::count_if(session->app().streams(), [this](const auto& entry) {
    return entry.first != bulk_ && world_.now() - entry.second.asked_at > Seconds{1};
  }));
}

}  // namespace footbridge::sim
