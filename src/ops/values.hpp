// The types an option can have, each with its one text form: what flags, environment and file accept and what
// --print-config writes. parse(text) is strict: no blanks, no bare number where a unit exists.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/address.hpp"
#include "base/private.hpp"
#include "base/result.hpp"
#include "base/time.hpp"

namespace footbridge::ops {

// Why a text is not a value: completes the sentence `"TEXT" is …`, e.g. "not a whole number".
struct Complaint {
  std::string text;
};
template <class T>
using Parsed = Result<T, Complaint>;

struct ByteCount {
  std::uint64_t bytes = 0;
  friend auto operator<=>(const ByteCount&, const ByteCount&) = default;
};
// A host name or an address with a port, not resolved.
struct HostPort {
  std::string host;
  std::uint16_t port = 0;
  friend bool operator==(const HostPort&, const HostPort&) = default;
};
// A URL whose scheme fits its use. `text` is one that wire::parse_url() accepts.
struct Url {
  std::string host;        // lower case, without brackets
  std::uint16_t port = 0;  // the scheme's own when none is written
  std::string text;        // as given
  friend bool operator==(const Url&, const Url&) = default;
};
struct HttpUrl : Url {};  // http, https
struct WsUrl : Url {};    // ws, wss
// SHA-256 of a public key, 64 hex digits.
struct Pin {
  std::array<std::byte, 32> sha256{};
  friend auto operator<=>(const Pin&, const Pin&) = default;
};
// A path in the file system; not opened here. A key file is read with key_file.hpp.
struct FilePath {
  std::string path;
  friend bool operator==(const FilePath&, const FilePath&) = default;
};
// Where an admin listener waits: an absolute path (Unix socket) or an address and port.
struct AdminAddress {
  std::string unix_path;  // empty: endpoint is meant
  Endpoint endpoint;
  friend bool operator==(const AdminAddress&, const AdminAddress&) = default;
};

// Least and greatest value an option accepts, both included.
template <class T>
struct Bound {
  T at_least{};
  T at_most{};
};

// How a type is read, written and named in help. `kWhat` completes "needs …"; `kExample` is a good value.
template <class T>
struct ValueType;

template <>
struct ValueType<std::uint64_t> {
  static constexpr std::string_view kMeta = "N", kWhat = "a whole number", kExample = "2";
  static Parsed<std::uint64_t> parse(std::string_view text);
  static std::string text(std::uint64_t value);
};
template <>
struct ValueType<Millis> {
  static constexpr std::string_view kMeta = "DURATION", kWhat = "a duration with its unit (ms, s, m, h, d)",
                                    kExample = "10s";
  static Parsed<Millis> parse(std::string_view text);
  static std::string text(Millis value);
};
template <>
struct ValueType<ByteCount> {
  static constexpr std::string_view kMeta = "SIZE", kWhat = "a size with its unit (B, KB, MB, GB, KiB, MiB, GiB)",
                                    kExample = "64KiB";
  static Parsed<ByteCount> parse(std::string_view text);
  static std::string text(ByteCount value);
};
template <>
struct ValueType<bool> {
  static constexpr std::string_view kMeta = "", kWhat = "true or false", kExample = "true";
  static Parsed<bool> parse(std::string_view text);
  static std::string text(bool value);
};
template <>
struct ValueType<std::string> {
  static constexpr std::string_view kMeta = "TEXT", kWhat = "a text", kExample = "text";
  static Parsed<std::string> parse(std::string_view text);
  static std::string text(const std::string& value);
};
template <>
struct ValueType<FilePath> {
  static constexpr std::string_view kMeta = "FILE", kWhat = "the path of a file", kExample = "./file";
  static Parsed<FilePath> parse(std::string_view text);
  static std::string text(const FilePath& value);
};
template <>
struct ValueType<Endpoint> {
  static constexpr std::string_view kMeta = "ADDR:PORT", kWhat = "an IP address with a port",
                                    kExample = "127.0.0.1:8900";
  static Parsed<Endpoint> parse(std::string_view text);
  static std::string text(const Endpoint& value);
};
template <>
struct ValueType<IpAddress> {
  static constexpr std::string_view kMeta = "ADDR", kWhat = "an IP address", kExample = "192.0.2.5";
  static Parsed<IpAddress> parse(std::string_view text);
  static std::string text(const IpAddress& value);
};
template <>
struct ValueType<Prefix> {
  static constexpr std::string_view kMeta = "PREFIX", kWhat = "an address block with its length",
                                    kExample = "198.51.100.0/24";
  static Parsed<Prefix> parse(std::string_view text);
  static std::string text(const Prefix& value);
};
template <>
struct ValueType<HostPort> {
  static constexpr std::string_view kMeta = "HOST:PORT", kWhat = "a host name or address with a port",
                                    kExample = "stun.example:3478";
  static Parsed<HostPort> parse(std::string_view text);
  static std::string text(const HostPort& value);
};
template <>
struct ValueType<AdminAddress> {
  static constexpr std::string_view kMeta = "PATH|ADDR:PORT",
                                    kWhat = "the absolute path of a Unix socket or a loopback address with a port",
                                    kExample = "127.0.0.1:9100";
  static Parsed<AdminAddress> parse(std::string_view text);
  static std::string text(const AdminAddress& value);
};
template <>
struct ValueType<HttpUrl> {
  static constexpr std::string_view kMeta = "URL", kWhat = "an http:// or https:// URL",
                                    kExample = "http://127.0.0.1:8900";
  static Parsed<HttpUrl> parse(std::string_view text);
  static std::string text(const HttpUrl& value);
};
template <>
struct ValueType<WsUrl> {
  static constexpr std::string_view kMeta = "URL", kWhat = "a ws:// or wss:// URL", kExample = "ws://127.0.0.1:8901/";
  static Parsed<WsUrl> parse(std::string_view text);
  static std::string text(const WsUrl& value);
};
template <>
struct ValueType<Pin> {
  static constexpr std::string_view kMeta = "HEX", kWhat = "64 hexadecimal digits", kExample = "9f86d0…0f00a08";
  static Parsed<Pin> parse(std::string_view text);
  static std::string text(const Pin& value);
};
// A port or an inclusive range of ports: "443", "5222-5223".
struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  friend bool operator==(const PortRange&, const PortRange&) = default;
};
template <>
struct ValueType<PortRange> {
  static constexpr std::string_view kMeta = "PORT[-PORT]", kWhat = "a port or a range of ports", kExample = "5222-5223";
  static Parsed<PortRange> parse(std::string_view text);
  static std::string text(const PortRange& value);
};

// Private values are written only where the person who set them reads them: --print-config.
template <class T>
struct ValueType<Private<T>> {
  static constexpr std::string_view kMeta = ValueType<T>::kMeta, kWhat = ValueType<T>::kWhat,
                                    kExample = ValueType<T>::kExample;
  static Parsed<Private<T>> parse(std::string_view text) {
    auto value = ValueType<T>::parse(text);
    if (!value) return value.error();
    return Private<T>(std::move(value).value());
  }
  static std::string text(const Private<T>& value) { return ValueType<T>::text(value.reveal_to_socket()); }
};

Endpoint loopback(std::uint16_t port);  // 127.0.0.1
// True for 127.0.0.0/8 and ::1.
bool is_loopback(const IpAddress& address);
// True for a loopback address and for the name localhost.
bool names_loopback(std::string_view host);

}  // namespace footbridge::ops
