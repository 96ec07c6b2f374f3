#include "core/netstate/netstate.hpp"

#include <algorithm>
#include <utility>

#include "base/assert.hpp"

namespace footbridge::core {
namespace {

// Of whoever could not sign.
constexpr std::string_view kUnsignedTag = "unsigned";
constexpr Seconds kTooOftenPause{5};

BatchAnswer answer_of(ReportRefusal why) {
  switch (why) {
    case ReportRefusal::Malformed: return {BatchVerdict::Malformed, {}};
    case ReportRefusal::Stale: return {BatchVerdict::Taken, {}};
    case ReportRefusal::Foreign:
    case ReportRefusal::Over:
    case ReportRefusal::Superseded:
    case ReportRefusal::Forged:
    case ReportRefusal::WrongRole:
    case ReportRefusal::OutOfTime:
    case ReportRefusal::Taken: return {BatchVerdict::Refused, {}};
    case ReportRefusal::TooOften: return {BatchVerdict::Later, kTooOftenPause};
    case ReportRefusal::Full: return {BatchVerdict::Later, kNodeTtl};
  }
  FB_ASSERT(false);
}

}  // namespace

Netstate::Netstate(const wire::RootKey& root, const ViewRules& rules, Rng& rng, TimePoint now, UnixMillis wall)
    : gate_(root), viewpoint_(rules, rng, now), feed_(now, wall, rules.tags) {}

BatchAnswer Netstate::on_batch(TimePoint now, UnixMillis wall, std::optional<std::uint64_t> source, Country country,
                               ByteView body) {
  if (body.size() > wire::kMaxReportBatchBytes) return {BatchVerdict::TooLarge, {}};
  const auto batch = wire::parse_report_batch(body);
  if (!batch) return refuse(gate_.is_too_often(now, source) ? ReportRefusal::TooOften : ReportRefusal::Malformed);
  BatchAnswer worst;
  for (const auto one : *batch) {
    const auto answer = take(now, country, gate_.admit(now, wall, source, one));
    if (answer.verdict >= worst.verdict) worst = answer;
  }
  viewpoint_.add(now, graph_.take_changes());
  return worst;
}

BatchAnswer Netstate::on_unsigned(TimePoint now, std::optional<std::uint64_t> source, Country country,
                                  wire::StateReport report) {
  if (source) return refuse(ReportRefusal::Foreign);
  if (!wire::carries(report.role)) return refuse(ReportRefusal::WrongRole);
  report.tag = kUnsignedTag;
  if (!wire::is_sound(report)) return refuse(ReportRefusal::Malformed);
  if (!wire::is_public(report.role)) report.role = wire::NodeRole::Page;
  for (auto& leg : report.legs) leg.egress = {};
  const auto answer = take(now, country, gate_.admit_unsigned(now, report));
  viewpoint_.add(now, graph_.take_changes());
  return answer;
}

BatchAnswer Netstate::take(TimePoint now, Country country, const Result<AdmittedReport, ReportRefusal>& admitted) {
  if (!admitted) return refuse(admitted.error());
  if (!graph_.apply(now, country, admitted->report)) return refuse(ReportRefusal::Full);
  gate_.keep(now, *admitted);
  ++taken_;
  return {};
}

BatchAnswer Netstate::refuse(ReportRefusal why) {
  ++refused_[static_cast<std::size_t>(why)];
  return answer_of(why);
}

void Netstate::on_time(TimePoint now, UnixMillis wall) {
  graph_.on_time(now);
  viewpoint_.add(now, graph_.take_changes());
  viewpoint_.on_time(now, wall);
  feed_.on_time(now, wall, viewpoint_);
}

std::optional<TimePoint> Netstate::deadline() const {
  return earlier(earlier(graph_.deadline(), viewpoint_.deadline()), feed_.deadline(viewpoint_));
}

}  // namespace footbridge::core
