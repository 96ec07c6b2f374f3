#include "wire/sdp.hpp"

#include <algorithm>
#include <optional>

#include "base/assert.hpp"
#include "base/number_text.hpp"
#include "wire/sdp_text.hpp"

namespace footbridge::wire {
namespace {

constexpr std::size_t kMinUfragChars = 4;  // RFC 8839 §5.4
constexpr std::size_t kMinPwdChars = 22;
constexpr std::size_t kMaxCredentialChars = 256;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

// "AB:CD:…": 32 pairs.
std::optional<Sha256Fingerprint> parse_fingerprint(std::string_view text) {
  Sha256Fingerprint out{};
  if (text.size() != 3 * out.size() - 1) return std::nullopt;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int high = hex_digit(text[3 * i]);
    const int low = hex_digit(text[3 * i + 1]);
    if (high < 0 || low < 0 || (i + 1 < out.size() && text[3 * i + 2] != ':')) return std::nullopt;
    out[i] = static_cast<std::byte>(high << 4 | low);
  }
  return out;
}

std::string fingerprint_text(const Sha256Fingerprint& fingerprint) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  std::string out;
  for (const auto b : fingerprint) {
    if (!out.empty()) out += ':';
    out += kDigits[std::to_integer<std::size_t>(b) >> 4];
    out += kDigits[std::to_integer<std::size_t>(b) & 15];
  }
  return out;
}

std::optional<DtlsSetup> parse_setup(std::string_view text) {
  if (text == "actpass") return DtlsSetup::ActPass;
  if (text == "active") return DtlsSetup::Active;
  if (text == "passive") return DtlsSetup::Passive;
  return std::nullopt;
}

std::string_view setup_text(DtlsSetup setup) {
  switch (setup) {
    case DtlsSetup::ActPass: return "actpass";
    case DtlsSetup::Active: return "active";
    case DtlsSetup::Passive: return "passive";
  }
  FB_ASSERT(false);
}

bool is_printable(std::string_view line) {
  return std::all_of(line.begin(), line.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

// Reads line by line; attributes at session level and in the one media section mean the same to us.
class SdpReader {
 public:
  Result<SessionDescription, SdpError> read(std::string_view text);

 private:
  std::optional<SdpError> on_line(std::string_view line);
  std::optional<SdpError> on_media(std::string_view value);
  std::optional<SdpError> on_attribute(std::string_view attribute);
  std::optional<SdpError> on_candidate(std::string_view value);
  std::optional<SdpError> on_fingerprint(std::string_view value);

  // Keeps the first value; a second one must be equal.
  template <class T>
  std::optional<SdpError> keep(std::optional<T>& slot, std::optional<T> value) {
    if (!value || (slot && *slot != *value)) return SdpError::Attribute;
    slot = std::move(value);
    return std::nullopt;
  }
  static std::optional<std::string> credential(std::string_view text, std::size_t min_chars) {
    if (text.size() < min_chars || text.size() > kMaxCredentialChars || !is_ice_chars(text)) return std::nullopt;
    return std::string(text);
  }

  std::size_t lines_ = 0;
  bool media_ = false;
  std::optional<std::string> ufrag_, pwd_, mid_;
  std::optional<Sha256Fingerprint> fingerprint_;
  std::optional<DtlsSetup> setup_;
  std::optional<std::uint64_t> sctp_port_, max_message_;
  SessionDescription out_;
};

Result<SessionDescription, SdpError> SdpReader::read(std::string_view text) {
  if (text.size() > kMaxSdpBytes) return SdpError::TooLarge;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (++lines_ > kMaxSdpLines) return SdpError::TooLarge;
    if (const auto error = on_line(line)) return *error;
  }
  if (!media_) return SdpError::Media;
  if (!ufrag_ || !pwd_ || !fingerprint_ || !setup_) return SdpError::Missing;
  out_.ice_ufrag = Private(*std::move(ufrag_));
  out_.ice_pwd = Private(*std::move(pwd_));
  out_.fingerprint = *fingerprint_;
  out_.setup = *setup_;
  if (mid_) out_.mid = *std::move(mid_);
  if (sctp_port_) out_.sctp_port = static_cast<std::uint16_t>(*sctp_port_);
  if (max_message_) out_.max_message_bytes = *max_message_;
  return std::move(out_);
}

std::optional<SdpError> SdpReader::on_line(std::string_view line) {
  if (line.size() < 2 || line[1] != '=' || line[0] < 'a' || line[0] > 'z' || !is_printable(line))
    return SdpError::NotSdp;
  const auto value = line.substr(2);
  if ((lines_ == 1) != (line[0] == 'v')) return SdpError::NotSdp;
  switch (line[0]) {
    case 'v': return value == "0" ? std::nullopt : std::optional(SdpError::NotSdp);
    case 'm': return on_media(value);
    case 'a': return on_attribute(value);
    default: return std::nullopt;  // o= s= t= c= b=: nothing in them decides anything here
  }
}

std::optional<SdpError> SdpReader::on_media(std::string_view value) {
  if (media_) return SdpError::Media;
  media_ = true;
  const auto kind = take_word(value);
  const auto port = parse_number(take_word(value), 65'535);
  const auto protocol = take_word(value);
  if (kind != "application" || !port || *port == 0) return SdpError::Media;
  return protocol == "UDP/DTLS/SCTP" && value == "webrtc-datachannel" ? std::nullopt : std::optional(SdpError::Media);
}

std::optional<SdpError> SdpReader::on_attribute(std::string_view attribute) {
  const auto colon = attribute.find(':');
  const auto key = attribute.substr(0, colon);
  const auto value = colon == std::string_view::npos ? std::string_view() : attribute.substr(colon + 1);
  if (key == "candidate") return on_candidate(value);
  if (key == "fingerprint") return on_fingerprint(value);
  if (key == "ice-ufrag") return keep(ufrag_, credential(value, kMinUfragChars));
  if (key == "ice-pwd") return keep(pwd_, credential(value, kMinPwdChars));
  if (key == "setup") return keep(setup_, parse_setup(value));
  if (key == "mid")
    return keep(mid_,
                value.size() <= kMaxMidChars && is_token(value) ? std::optional(std::string(value)) : std::nullopt);
  if (key == "sctp-port") {
    const auto port = parse_number(value, 65'535);
    return keep(sctp_port_, port && *port != 0 ? port : std::nullopt);
  }
  if (key == "max-message-size") return keep(max_message_, parse_number(value, UINT64_MAX));
  if (key == "ice-lite") return SdpError::Attribute;  // a lite agent never checks, so it cannot hold a link open
  return std::nullopt;
}

std::optional<SdpError> SdpReader::on_candidate(std::string_view value) {
  if (out_.candidates.size() + out_.candidates_skipped >= kMaxParsedCandidates) {
    ++out_.candidates_skipped;
    return std::nullopt;
  }
  auto candidate = parse_candidate(value);
  if (candidate) {
    out_.candidates.push_back(*std::move(candidate));
    return std::nullopt;
  }
  if (candidate.error() == CandidateError::Malformed) return SdpError::Attribute;
  ++out_.candidates_skipped;
  return std::nullopt;
}

std::optional<SdpError> SdpReader::on_fingerprint(std::string_view value) {
  if (!equal_ignoring_case(take_word(value), "sha-256")) return SdpError::Fingerprint;
  return keep(fingerprint_, parse_fingerprint(value));
}

}  // namespace

std::string_view name(SdpError error) {
  switch (error) {
    case SdpError::TooLarge: return "too_large";
    case SdpError::NotSdp: return "not_sdp";
    case SdpError::Media: return "media";
    case SdpError::Attribute: return "attribute";
    case SdpError::Missing: return "missing";
    case SdpError::Fingerprint: return "fingerprint";
  }
  FB_ASSERT(false);
}

Result<SessionDescription, SdpError> parse_sdp(std::string_view text) { return SdpReader().read(text); }

std::string encode_sdp(const SessionDescription& description, std::uint64_t session_id) {
  std::string out = "v=0\r\no=- ";
  const auto line = [&out](std::string_view key, std::string_view value) {
    out += key;
    out += value;
    out += "\r\n";
  };
  line(number_text(session_id & INT64_MAX), " 2 IN IP4 127.0.0.1");
  line("s=-\r\nt=0 0\r\na=group:BUNDLE ", description.mid);
  line("a=msid-semantic: WMS\r\nm=application 9 UDP/DTLS/SCTP webrtc-datachannel\r\nc=IN IP4 0.0.0.0", "");
  for (const auto& candidate : description.candidates) line("a=candidate:", encode_candidate(candidate));
  line("a=ice-ufrag:", description.ice_ufrag.reveal_to_socket());
  line("a=ice-pwd:", description.ice_pwd.reveal_to_socket());
  line("a=fingerprint:sha-256 ", fingerprint_text(description.fingerprint));
  line("a=setup:", setup_text(description.setup));
  line("a=mid:", description.mid);
  line("a=sctp-port:", number_text(description.sctp_port));
  line("a=max-message-size:", number_text(description.max_message_bytes));
  return out;
}

}  // namespace footbridge::wire
