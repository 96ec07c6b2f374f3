#include "core/netstate/reporter_chain.hpp"

#include <algorithm>

#include "base/byte_writer.hpp"
#include "core/network/directory_chain.hpp"

namespace footbridge::core {
namespace {

Bytes certificate_statement(ByteView certificate) {
  auto out = to_bytes(kReporterContext);
  append(out, certificate);
  return out;
}

Bytes report_statement(UnixMillis time, ByteView report) {
  auto out = to_bytes(kStateReportContext);
  ByteWriter(out).u64(count(time)).bytes(report);
  return out;
}

}  // namespace

Result<ReporterIdentity, ReportRefusal> open_reporter_chain(const wire::RootKey& root, ByteView chain) {
  const auto parts = wire::parse_reporter_chain(chain);
  if (!parts) return ReportRefusal::Malformed;
  const auto directory_key = open_certificate(root, parts->directory_key);
  if (!directory_key) return ReportRefusal::Foreign;
  const auto statement = certificate_statement(parts->certificate);
  if (!crypto::ed25519_verify({directory_key->directory_key.raw}, statement, {parts->signature.raw}))
    return ReportRefusal::Foreign;
  const auto reporter = wire::parse_reporter_certificate(parts->certificate);
  if (!reporter) return ReportRefusal::Malformed;
  const auto until = std::min(reporter->until, directory_key->valid.until);
  return ReporterIdentity{reporter->key, reporter->role, directory_key->serial, {directory_key->valid.from, until}};
}

bool is_signed_by(const wire::ReporterKey& key, const wire::SignedStateReport& report) {
  const auto statement = report_statement(report.time, report.report);
  return crypto::ed25519_verify({key.raw}, statement, {report.signature.raw});
}

Bytes make_reporter_chain(const crypto::Ed25519KeyPair& directory_key, const wire::SignedCertificate& certificate,
                          const wire::ReporterCertificate& reporter) {
  auto shortened = reporter;
  if (const auto directory = wire::parse_certificate(certificate.certificate))
    shortened.until = std::min(shortened.until, directory->valid.until);
  auto body = wire::encode_reporter_certificate(shortened);
  const auto signature = directory_key.sign(certificate_statement(body));
  return wire::encode_reporter_chain({certificate, std::move(body), {signature.raw}});
}

Bytes sign_state_report(const crypto::Ed25519KeyPair& reporter, ByteView chain, const wire::StateReport& report,
                        UnixMillis time) {
  auto body = wire::encode_state_report(report);
  const auto signature = reporter.sign(report_statement(time, body));
  return wire::encode_signed_report({std::move(body), time, {signature.raw}, to_bytes(chain)});
}

}  // namespace footbridge::core
