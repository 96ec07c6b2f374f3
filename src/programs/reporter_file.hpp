// A reporter file: what a daemon needs to tell netstate about itself (spec 18). `footbridge network reporter` makes it,
// for one role; mode 0600, because who has it may report in that role until its certificate ends.
//
//   url = "https://netstate.example/report"     where reports go
//   tls_spki_sha256 = "…"                       of that server's key, if nobody else vouches for it
//   key = "…"                                   seed of the reporter's Ed25519 key, 64 hexadecimal digits
//   chain = "…"                                 what says that the network believes it, base64url
//   names = "…"                                 the network's secret that egresses are named under, 64 digits
//
// Unknown keys are errors. Errors: ops::UsageError names the option, the file and the key. Threads: any.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/private.hpp"
#include "core/netstate/egress_name.hpp"
#include "crypto/ed25519.hpp"
#include "ops/values.hpp"

namespace footbridge {

struct ReporterFile {
  Private<ops::HttpUrl> url;
  std::optional<ops::Pin> tls_pin;
  crypto::Ed25519Seed key;
  Bytes chain;
  core::NetstateSalt names;
};

// In TLS, or without leaving this machine: whoever carries reports would read them.
bool is_unread_on_its_way(const ops::HttpUrl& url);

ReporterFile read_reporter_file(std::string_view option, const ops::FilePath& file);
Private<std::string> reporter_text(const ReporterFile& reporter);

}  // namespace footbridge
