// The lines a managed pluggable transport tells its parent on standard output (torspec pt-spec; LOG also as version 3.0
// writes it). Each function answers one whole line with its end. Pure; any thread.
// What cannot get out, whatever a text holds: line ends, control characters, bytes beyond ASCII (each becomes '?', a
// line end a blank), more than kMaxPtTextBytes of free text. Whether an address stands in a text is its writer's
// business: observe::scrub.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/address.hpp"
#include "wire/pt_request.hpp"

namespace footbridge::wire {

// tor shows a message in one line of its log; a longer one ends in "...".
inline constexpr std::size_t kMaxPtTextBytes = 512;

// A field of STATUS. Names are our own words.
struct PtField {
  std::string_view name;
  std::string_view value;
};

std::string pt_version_line(PtVersion version);           // VERSION 1
std::string pt_refusal_line(const PtRefusal& refusal);    // VERSION-ERROR no-version; ENV-ERROR why
std::string pt_proxy_done_line();                         // PROXY DONE
std::string pt_proxy_error_line(std::string_view why);    // PROXY-ERROR why
std::string pt_cmethod_line(const Endpoint& socks5);      // CMETHOD footbridge socks5 127.0.0.1:4711
std::string pt_cmethod_error_line(std::string_view why);  // CMETHOD-ERROR footbridge why
std::string pt_cmethods_done_line();                      // CMETHODS DONE
// SMETHOD footbridge 192.0.2.1:443 ARGS:k=v,pin=…; without ARGS when there are none. Values are our own, in ASCII and
// without blanks.
std::string pt_smethod_line(const Endpoint& at, const PtArguments& arguments);
std::string pt_smethod_error_line(std::string_view why);  // SMETHOD-ERROR footbridge why
std::string pt_smethods_done_line();                      // SMETHODS DONE
// LOG SEVERITY=notice MESSAGE="…"; in version 3.0 LOG INFO …
std::string pt_log_line(PtVersion version, PtSeverity severity, std::string_view message);
std::string pt_status_line(std::span<const PtField> fields);  // STATUS TRANSPORT=footbridge CONNECT=Success
// STATUS TYPE=version IMPLEMENTATION=footbridge VERSION=…: tor keeps it for the operator.
std::string pt_status_version_line(std::string_view version);

}  // namespace footbridge::wire
