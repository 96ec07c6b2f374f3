// Session descriptions of a link: the subset of SDP that opens one data channel (RFC 8866, 8839, 8841, 8842).
// Non-trickle: all candidates are inside. Anything the subset does not know is skipped if it cannot matter, and the
// description is rejected if it could. Bounds are checked before anything is parsed; parsing is linear in the input.
// Descriptions hold addresses and credentials: never print one, hold the text as Private<std::string>.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/private.hpp"
#include "base/result.hpp"
#include "wire/ice_candidate.hpp"

namespace footbridge::wire {

inline constexpr std::size_t kMaxSdpBytes = 16'384;          // a browser's offer is 0.5–2 KiB
inline constexpr std::size_t kMaxSdpLines = 256;             // a browser's offer has 15–40
inline constexpr std::size_t kMaxParsedCandidates = 20;      // later ones are skipped unread
inline constexpr std::size_t kMaxMidChars = 16;              // RFC 9143 writers use 1–3
inline constexpr std::uint64_t kDefaultMaxMessage = 65'536;  // RFC 8841 §6: what absence of the attribute means

// Who sends the DTLS ClientHello (RFC 8842 §5).
enum class DtlsSetup : std::uint8_t { ActPass, Active, Passive };

using Sha256Fingerprint = std::array<std::byte, 32>;  // of the certificate in DER

struct SessionDescription {
  Private<std::string> ice_ufrag;  // 4..256 ice-chars
  Private<std::string> ice_pwd;    // 22..256 ice-chars
  Sha256Fingerprint fingerprint{};
  DtlsSetup setup = DtlsSetup::ActPass;
  std::uint16_t sctp_port = 5000;                        // inside SCTP, not a UDP port
  std::uint64_t max_message_bytes = kDefaultMaxMessage;  // 0: no limit
  std::string mid = "0";                                 // an answer repeats the offer's
  std::vector<IceCandidate> candidates;                  // ≤ kMaxParsedCandidates
  std::size_t candidates_skipped = 0;                    // TCP, names, beyond the bound
  friend bool operator==(const SessionDescription&, const SessionDescription&) = default;
};

// All of them mean: reject the description and the link it was for; the other side is broken or hostile.
enum class SdpError : std::uint8_t {
  TooLarge = 1,  // more than kMaxSdpBytes or kMaxSdpLines
  NotSdp,        // not "v=0" first, a line that is not "x=…", or a byte that is not printable ASCII
  Media,         // not exactly one m=application for SCTP over DTLS over UDP, or the section is switched off
  Attribute,     // an attribute we must read is malformed or contradicts an earlier one
  Missing,       // no ufrag, password, fingerprint or setup
  Fingerprint,   // a hash other than SHA-256
};
std::string_view name(SdpError error);

Result<SessionDescription, SdpError> parse_sdp(std::string_view text);

// `session_id` is the random number of the o= line (below 2^63, as browsers do).
std::string encode_sdp(const SessionDescription& description, std::uint64_t session_id);

}  // namespace footbridge::wire
