// The stable names of the session protocol's codes, for logs and metrics (docs/spec/03-session.md §8).
#include "base/assert.hpp"
#include "wire/session_control.hpp"

namespace footbridge::wire {

std::string_view name(RefusalCode code) {
  switch (code) {
    case RefusalCode::Internal: return "internal";
    case RefusalCode::UnsupportedVersion: return "unsupported-version";
    case RefusalCode::UnknownSession: return "unknown-session";
    case RefusalCode::WrongMatch: return "wrong-match";
    case RefusalCode::Admission: return "admission";
    case RefusalCode::Busy: return "busy";
    case RefusalCode::Malformed: return "malformed";
    case RefusalCode::Draining: return "draining";
    case RefusalCode::StaleTicket: return "stale-ticket";
    case RefusalCode::EgressRestarted: return "egress-restarted";
  }
  FB_ASSERT(false);
}

std::string_view name(ByeCode code) {
  switch (code) {
    case ByeCode::Unspecified: return "unspecified";
    case ByeCode::PathOver: return "path-over";
    case ByeCode::SessionOver: return "session-over";
    case ByeCode::Draining: return "draining";
    case ByeCode::ProtocolError: return "protocol-error";
  }
  FB_ASSERT(false);
}

std::string_view name(ControlErrc error) {
  switch (error) {
    case ControlErrc::Truncated: return "truncated";
    case ControlErrc::UnknownType: return "unknown-type";
    case ControlErrc::TooLarge: return "too-large";
    case ControlErrc::Malformed: return "malformed";
    case ControlErrc::UnsupportedVersion: return "unsupported-version";
  }
  FB_ASSERT(false);
}

}  // namespace footbridge::wire
