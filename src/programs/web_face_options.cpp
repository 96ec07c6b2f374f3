#include "programs/web_face_options.hpp"

#include "ops/errors.hpp"

namespace footbridge {

void add_tls_options(ops::OptionTable& table, std::string_view section, WebFaceOptions& face) {
  table
      .add(
          section, "tls_cert", face.tls_cert,
          "speak TLS at --listen with this certificate, PEM, followed by those above it; read again on SIGHUP and when "
          "it changes")
      .like("fullchain.pem");
  table.add(section, "tls_key", face.tls_key, "the certificate's private key, PEM, mode 0600").like("privkey.pem");
}

void add_web_face_options(ops::OptionTable& table, std::string_view section, WebFaceOptions& face) {
  add_tls_options(table, section, face);
  table
      .add(section, "decoy", face.decoy,
           "show the files of this folder to everybody who is no user of ours, as a web site; without it every page is "
           "404")
      .like("site");
}

void check_web_face(const WebFaceOptions& face) {
  if (face.tls_cert && !face.tls_key) throw ops::UsageError("--tls-key: --tls-cert needs the key that belongs to it");
  if (!face.tls_cert && face.tls_key)
    throw ops::UsageError("--tls-cert: --tls-key needs the certificate it belongs to");
}

}  // namespace footbridge
