// What a finished handshake leaves (Noise revision 34 §5): sealed messages both ways, each with a number that is not
// part of it. On a transport that keeps order both ends count; where messages may be lost or come in any order the
// caller sends the number beside the message and reads with read_at. A message may then come twice, and read_at opens
// it twice: remembering numbers is the caller's task, before it acts on anything.
//
// Sealed messages are kAeadTagBytes longer than their payload and at most kMaxMessageBytes. One that is refused changes
// nothing. What was moved from has no keys, and aborts. Not safe to use from two threads at once.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/noise/cipher_state.hpp"
#include "crypto/noise/message.hpp"

namespace footbridge::crypto::noise {

class Transport {
 public:
  Transport(CipherState sending, CipherState receiving);

  // The number that the next message written will have, and the next read() expects.
  std::uint64_t send_nonce() const { return sending_.nonce(); }
  std::uint64_t receive_nonce() const { return receiving_.nonce(); }

  // At most kMaxTransportPayloadBytes.
  Bytes write(ByteView payload);
  // In order: the one after the last that read() took.
  Result<Bytes, NoiseErrc> read(ByteView message);
  // In any order; receive_nonce() plays no part and stays.
  Result<Bytes, NoiseErrc> read_at(std::uint64_t nonce, ByteView message) const;

  // Both ends do it at the same message of a direction, or nothing opens any more. Numbers go on.
  void rekey_sending() { sending_.rekey(); }
  void rekey_receiving() { receiving_.rekey(); }

  // A key per direction for what both ends do beside this transport, under a label of that use: BLAKE2b-256 of the
  // label keyed with the direction's present key. Not part of Noise, whose own keys do not follow from these; numbers
  // and keys of the transport stay as they are. The peer's sending key is our receiving one, until one of them is
  // rekeyed.
  struct DirectionKeys {
    SecretKey sending;
    SecretKey receiving;
  };
  DirectionKeys derive(std::string_view label) const;

 private:
  CipherState sending_;
  CipherState receiving_;
};

}  // namespace footbridge::crypto::noise
