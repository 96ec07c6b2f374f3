// A network's keys and its directory, as values. proto/network.proto is the format, docs/spec/11-network.md its
// meaning. parse_* checks every bound before it copies; what it returns keeps all of them. encode_* asserts them.
// Nothing here checks a signature or a time: core/network does. What is signed stays the bytes that came, never a
// second encoding.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/country.hpp"
#include "base/id.hpp"
#include "base/private.hpp"
#include "base/time.hpp"

namespace footbridge::wire {

// NET-B1 to NET-B10, spec 11 §6.
// Fits into a rendezvous response (RDV-B1) with a quarter to spare for what seals and pads it.
inline constexpr std::size_t kMaxSignedDirectoryBytes = 48 * 1024;
inline constexpr std::size_t kMaxCertificateBytes = 256;      // ours have 52 at most
inline constexpr std::size_t kMaxDirectoryEgresses = 256;     // about 120 bytes each
inline constexpr std::size_t kMaxDirectoryBrokers = 16;       // more than a client would ever try
inline constexpr std::size_t kMaxBrokerAddresses = 8;         // ways to one broker: direct and through fronts
inline constexpr std::size_t kMaxBrokerKeys = 2;              // two overlap while one takes the other's place
inline constexpr std::size_t kMaxStunServers = 32;            // a client asks two of them
inline constexpr std::size_t kMaxTacticCountries = 250;       // there are 249
inline constexpr std::size_t kMaxNetworkUrlBytes = 512;       // RDV-B13
inline constexpr std::size_t kMaxEntryNameBytes = 32;         // of an egress or a broker
inline constexpr std::size_t kMaxHostBytes = 253 + 6;         // RFC 1035 §2.3.4, and a port
inline constexpr std::uint32_t kMaxTacticPaths = 16;          // of one client; more help nobody
inline constexpr std::uint64_t kMaxUnixSeconds = 1ULL << 40;  // sums of times stay far from the end of 64 bits

using RootKey = Id<struct RootKeyTag, 32>;                // Ed25519: what an invite pins
using DirectoryKey = Id<struct DirectoryKeyTag, 32>;      // Ed25519: signs directories
using BrokerKeyBytes = Id<struct BrokerKeyBytesTag, 32>;  // X25519: what rendezvous messages are sealed to
using SpkiSha256 = Id<struct SpkiSha256Tag, 32>;          // SHA-256 of a public key
using NetworkSignature = Id<struct NetworkSignatureTag, 64>;

// From the first second to before the last.
struct Validity {
  UnixSeconds from{};
  UnixSeconds until{};

  bool holds(UnixSeconds now) const { return from <= now && now < until; }
  // Seconds; 0 if it ends before it begins.
  std::uint64_t length() const { return from < until ? count(until) - count(from) : 0; }
  friend bool operator==(const Validity&, const Validity&) = default;
};

struct Certificate {
  DirectoryKey directory_key;
  std::uint64_t serial = 0;  // from 1
  Validity valid;
};

struct SignedCertificate {
  Bytes certificate;
  NetworkSignature signature;
};

struct SignedDirectory {
  SignedCertificate certificate;
  Bytes directory;
  NetworkSignature signature;
};

struct EgressEntry {
  std::string name;  // is_entry_name()
  Private<std::string> relay_url;
  std::uint16_t relay_udp_port = 0;  // 0: no legs over UDP
  SpkiSha256 pin;
  std::optional<SpkiSha256> tls_pin{};  // of relay_url's server; none: its certificate is checked as any web site's
};

struct BrokerAddress {
  Private<std::string> url;
  Private<std::string> front;           // empty: the URL's own host
  std::optional<SpkiSha256> tls_pin{};  // none: the certificate is checked as any web site's
};

struct BrokerKey {
  BrokerKeyBytes x25519;
  Validity valid;
};

struct BrokerEntry {
  std::string name;
  std::vector<BrokerAddress> addresses;  // 1..kMaxBrokerAddresses
  std::vector<BrokerKey> keys;           // 1..kMaxBrokerKeys
};

struct Tactics {
  std::vector<Country> dtls_sensitive;    // none of them unknown
  std::vector<Country> native_links_off;  // none of them unknown
  std::uint32_t most_paths = 0;           // 0: no limit
  bool udp_legs_off = false;
  std::vector<Country> risky_to_help{};  // none of them unknown
};

struct Directory {
  std::uint64_t version = 0;  // from 1
  Validity valid;
  std::vector<EgressEntry> egresses;
  std::vector<BrokerEntry> brokers;
  std::vector<Private<std::string>> stun_servers;  // host:port
  Tactics tactics;
};

// nullopt: not protobuf, or a bound is broken. Texts are printable ASCII without blanks; what a URL or a host means is
// checked by whoever goes there, so that a scheme of a later time spoils nothing else.
std::optional<SignedCertificate> parse_signed_certificate(ByteView in);
std::optional<Certificate> parse_certificate(ByteView in);
std::optional<SignedDirectory> parse_signed_directory(ByteView in);
std::optional<Directory> parse_directory(ByteView in);

Bytes encode_signed_certificate(const SignedCertificate& certificate);
Bytes encode_certificate(const Certificate& certificate);
Bytes encode_signed_directory(const SignedDirectory& directory);
Bytes encode_directory(const Directory& directory);

// 1 to kMaxEntryNameBytes of a-z, 0-9 and -: a name that fits into metrics, file names and conversations.
bool is_entry_name(std::string_view text);
// Printable ASCII without blanks: what all other texts of a directory are.
bool is_plain_text(std::string_view text);

}  // namespace footbridge::wire
