#include "core/netstate/report_refusal.hpp"

#include "base/assert.hpp"

namespace footbridge::core {

std::string_view name(ReportRefusal refusal) {
  switch (refusal) {
    case ReportRefusal::Malformed: return "malformed";
    case ReportRefusal::Foreign: return "foreign";
    case ReportRefusal::Over: return "over";
    case ReportRefusal::Superseded: return "superseded";
    case ReportRefusal::Forged: return "forged";
    case ReportRefusal::WrongRole: return "wrong-role";
    case ReportRefusal::OutOfTime: return "out-of-time";
    case ReportRefusal::Stale: return "stale";
    case ReportRefusal::Taken: return "taken";
    case ReportRefusal::TooOften: return "too-often";
    case ReportRefusal::Full: return "full";
  }
  FB_ASSERT(false);
}

}  // namespace footbridge::core
