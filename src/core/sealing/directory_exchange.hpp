// Asking for the directory: by who may not know the broker's key yet. Nothing is sealed but by the envelope, because
// what comes back is public and signed; whoever has the obfuscation secret reads both. Pure; any thread.
#pragma once

#include <optional>

#include "base/bytes.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "core/sealing/sealing.hpp"
#include "crypto/envelope.hpp"

namespace footbridge::core {

struct DirectoryQuestion {
  Bytes bytes;              // what to post
  crypto::AeadNonce nonce;  // its answer opens with this
};

// `body` is at most kMaxSealedBodyBytes; `clock` the asker's, corrected as it knows how.
DirectoryQuestion seal_directory_question(const crypto::Envelope& envelope, UnixSeconds clock, ByteView body, Rng& rng);
// nullopt: not the answer to this question. What comes out proves nothing by itself.
std::optional<Bytes> open_directory_answer(const crypto::Envelope& envelope, const crypto::AeadNonce& nonce,
                                           ByteView answer);

}  // namespace footbridge::core
