// The DTLS seam of a link: datagrams of the network on one side, records of application data on the other. What
// implements it today is OpenSSL's DTLS 1.2 (dtls_openssl.hpp); a DTLS 1.3 with a browser's looks can take its place.
//
// Threads: the WebRTC thread only. No sockets and no timers inside: the owner carries datagrams and calls on_tick().
// Events may come from inside every call except the destructor; none may destroy the Dtls.
// Errors: a malformed or forged datagram is dropped without a word, as RFC 6347 §4.1.2.7 wants.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "wire/sdp.hpp"

namespace footbridge::webrtc {

// Largest UDP payload of the handshake and of SCTP: what every network carries (IPv6's 1280 minus headers and some
// tunnels).
inline constexpr std::size_t kMaxDatagramBytes = 1200;
// Largest record that may be sent: of a link without SCTP, which asks the network first (native_records.hpp).
inline constexpr std::size_t kMaxSentRecordBytes = 1344;

enum class DtlsRole : std::uint8_t { Client, Server };

enum class DtlsEnd : std::uint8_t {
  Orderly,  // close_notify
  Failed,   // handshake refused, wrong fingerprint, fatal alert
};

class DtlsEvents {
 public:
  virtual ~DtlsEvents() = default;
  // One datagram for the network; the view is valid during the call only.
  virtual void on_dtls_datagram(ByteView datagram) = 0;
  // The handshake is done and the other side's certificate has the fingerprint that its description promised.
  virtual void on_dtls_up() = 0;
  virtual void on_dtls_record(ByteView record) = 0;
  // Once; nothing follows.
  virtual void on_dtls_end(DtlsEnd end) = 0;
};

class Dtls {
 public:
  virtual ~Dtls() = default;
  virtual void start(DtlsRole role, const wire::Sha256Fingerprint& expected) = 0;
  virtual void on_datagram(ByteView datagram) = 0;
  // Retransmits a lost flight when its time has come. At least every 50 ms during the handshake.
  virtual void on_tick() = 0;
  // One record; false: not up, or larger than kMaxSentRecordBytes.
  virtual bool send(ByteView record) = 0;
  // Sends close_notify if the handshake was done. Nothing follows, also no on_dtls_end.
  virtual void close() = 0;
  // RFC 5705; false before the handshake is done.
  virtual bool export_secret(std::string_view label, ByteSpan out) = 0;
};

}  // namespace footbridge::webrtc
