// Who may report: the root certifies a directory key, the directory key a reporter's key and the role that it may
// report as, and the reporter's key signs reports. Signing for operators and reporters, checking for netstate. The time
// of a report is in what is signed; whether it is the right time is for report_gate.hpp. Pure; any thread.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "core/netstate/report_refusal.hpp"
#include "crypto/ed25519.hpp"
#include "wire/netstate_report.hpp"

namespace footbridge::core {

inline constexpr std::string_view kReporterContext{"footbridge reporter 1\0", 22};
inline constexpr std::string_view kStateReportContext{"footbridge state report 1\0", 26};

// What a chain says, once its signatures are right.
struct ReporterIdentity {
  wire::ReporterKey key;
  wire::NodeRole role = wire::NodeRole::Volunteer;
  std::uint64_t serial = 0;  // of the directory key's certificate
  wire::Validity valid;      // of both certificates together
};

// Malformed or Foreign.
Result<ReporterIdentity, ReportRefusal> open_reporter_chain(const wire::RootKey& root, ByteView chain);
// Whether the chain's key signed this report at this time.
bool is_signed_by(const wire::ReporterKey& key, const wire::SignedStateReport& report);

// The chain of a new reporter, as its file has it: encoded. `until` is shortened to the directory key's own end.
Bytes make_reporter_chain(const crypto::Ed25519KeyPair& directory_key, const wire::SignedCertificate& certificate,
                          const wire::ReporterCertificate& reporter);
// An encoded SignedStateReport.
Bytes sign_state_report(const crypto::Ed25519KeyPair& reporter, ByteView chain, const wire::StateReport& report,
                        UnixMillis time);

}  // namespace footbridge::core
