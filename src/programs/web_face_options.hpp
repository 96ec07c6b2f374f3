// Options of programs that listen to the whole internet: a certificate of their own and the site for everybody else.
#pragma once

#include <optional>
#include <string_view>

#include "ops/option_table.hpp"
#include "ops/values.hpp"

namespace footbridge {

struct WebFaceOptions {
  std::optional<ops::FilePath> tls_cert;  // PEM: ours, then those above it
  std::optional<ops::FilePath> tls_key;   // PEM, readable by its owner only
  std::optional<ops::FilePath> decoy;     // a folder; nullopt: every page is 404
};

// The certificate alone: of a program that shows everybody what it is.
void add_tls_options(ops::OptionTable& table, std::string_view section, WebFaceOptions& face);
void add_web_face_options(ops::OptionTable& table, std::string_view section, WebFaceOptions& face);
// UsageError when one half of a pair is missing.
void check_web_face(const WebFaceOptions& face);

}  // namespace footbridge
