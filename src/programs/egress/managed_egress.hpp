// `footbridge egress` started by tor (or another parent) as a managed pluggable transport: the door of its bridge.
//
//   pt_state/footbridge/egress.pem      the key that bridge lines pin    made at the first start, kept
//   pt_state/footbridge/leg.key         shared with the broker           the same
//   pt_state/footbridge/egress.toml     descriptor, for the broker       written anew at each start
//   pt_state/footbridge_bridgeline.txt  what people put into their torrc the same
//
// It is a door and no exit: nothing else leaves here unless --policy says so. Everything else is run_egress.hpp.
// Errors: ops::UsageError and ops::RunError, whose text the parent is told. Threads: the caller's.
#pragma once

#include <string>

#include "programs/egress/egress_options.hpp"
#include "programs/managed_command.hpp"
#include "quic/identity.hpp"
#include "wire/pt_request.hpp"

namespace footbridge::egress {

// MPT-T4: a tor that has none of our connections for hours should not fill its log with one sentence.
inline constexpr Seconds kComplainAgain{600};

// The part of ManagedProgram that an egress has.
ManagedProgram<EgressOptions, wire::PtServerRequest> managed_egress();

// What a bridge operator gives to people, with what he has to put in himself.
std::string bridge_line_file(const quic::SpkiPin& pin);

}  // namespace footbridge::egress
