// WebFace: what a listening program shows to the whole internet: a certificate, if it speaks TLS itself, and an
// ordinary web site for everybody who is not its user.
//
// The certificate's files are read again on reload() and when they have changed (looked at every kLookAgain); until the
// new pair is of use the old one serves. Bounds: those of a site (site_folder.hpp). Errors: ops::UsageError names the
// option and the file. Ownership: outlives the servers that use it. Threads: made and reloaded on the executor's; what
// face() names is used by any.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <utility>

#include "crypto/system_rng.hpp"
#include "io/deadline_timer.hpp"
#include "io/tls_server.hpp"
#include "observe/metrics.hpp"
#include "ops/option_table.hpp"
#include "programs/web_face_options.hpp"
#include "transport/http/server.hpp"
#include "transport/http/site.hpp"

namespace footbridge {

// Who renews certificates does it weeks before they end.
inline constexpr Seconds kLookAgain{60};

class WebFace {
 public:
  // The options are copied.
  WebFace(asio::any_io_executor executor, WebFaceOptions options, observe::Registry& registry);

  // Without TLS of our own a web server is in front of us, whose own pages are not held: a hold would show which are
  // ours.
  http::Server::Face face() {
    return {.tls = tls_ ? &*tls_ : nullptr, .site = &site_, .hold_rng = tls_ ? &rng_ : nullptr};
  }
  // Shows another site from now on. Where one thread serves only.
  void show(http::Site site) { site_ = std::move(site); }
  // Reads the certificate again, changed or not. Throws, and the old one stays.
  void reload();
  // Tests only: from now on it looks so often.
  void set_look_again_for_test(Duration pause);

 private:
  using Times = std::pair<std::filesystem::file_time_type, std::filesystem::file_time_type>;
  Times times() const;
  void look_again(TimePoint now);

  WebFaceOptions options_;
  crypto::SystemRng rng_;
  std::optional<io::TlsServer> tls_;
  Times seen_{};
  http::Site site_;
  Duration look_again_ = kLookAgain;
  io::DeadlineTimer timer_;
};

}  // namespace footbridge
