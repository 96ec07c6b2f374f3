#include "core/session/session_types.hpp"

#include "base/assert.hpp"

namespace footbridge::core {

std::string_view name(SessionErrc error) {
  switch (error) {
    case SessionErrc::Malformed: return "malformed";
    case SessionErrc::Violation: return "violation";
    case SessionErrc::OutOfMemory: return "out-of-memory";
    case SessionErrc::Ended: return "ended";
  }
  FB_ASSERT(false);
}

std::string_view name(EndReason reason) {
  switch (reason) {
    case EndReason::Local: return "local";
    case EndReason::NoPath: return "no-path";
    case EndReason::Violation: return "violation";
    case EndReason::OutOfMemory: return "out-of-memory";
    case EndReason::Forgotten: return "egress-restarted";
  }
  FB_ASSERT(false);
}

}  // namespace footbridge::core
