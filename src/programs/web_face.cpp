#include "programs/web_face.hpp"

#include "io/clock.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "programs/site_folder.hpp"

namespace footbridge {
namespace {

namespace fs = std::filesystem;

io::TlsPair read_pair(const WebFaceOptions& options) {
  auto key = ops::read_key_file("--tls-key", *options.tls_key);
  auto certificates = read_whole(options.tls_cert->path, ops::kMaxKeyFileBytes);
  if (!certificates)
    throw ops::UsageError("--tls-cert: " + options.tls_cert->path + ": cannot be read, or is no certificate");
  return {std::move(*certificates), std::move(key)};
}

[[noreturn]] void refuse_pair(const WebFaceOptions& options, const io::TlsCertificateError& error) {
  throw ops::UsageError("--tls-cert: " + options.tls_cert->path + ": " + error.what());
}

http::Site decoy_site(const ops::FilePath& folder) {
  auto pages = read_site_folder("--decoy", folder);
  if (!pages.contains("/index.html"))
    throw ops::UsageError("--decoy: " + folder.path +
                          ": there is no index.html in it, which is the first page of a site");
  return http::Site(std::move(pages));
}

}  // namespace

WebFace::WebFace(asio::any_io_executor executor, WebFaceOptions options, observe::Registry& registry)
    : options_(std::move(options)),
      site_(options_.decoy ? decoy_site(*options_.decoy) : http::Site()),
      timer_(std::move(executor), [this](TimePoint now) { look_again(now); }) {
  if (!options_.tls_cert) return;
  seen_ = times();
  const auto pair = read_pair(options_);
  try {
    tls_.emplace(pair, io::unix_now());
  } catch (const io::TlsCertificateError& error) {
    refuse_pair(options_, error);
  }
  registry.gauge_from("footbridge_tls_certificate_ends_seconds", "When the certificate ends, in seconds since 1970.",
                      [this] { return static_cast<double>(count(tls_->valid_until())); });
  timer_.arm(io::now() + look_again_);
}

void WebFace::reload() {
  if (!tls_) return;
  seen_ = times();
  try {
    tls_->replace(read_pair(options_), io::unix_now());
  } catch (const io::TlsCertificateError& error) {
    refuse_pair(options_, error);
  }
  observe::log(observe::Level::Notice, "certificate-in-use", observe::kv("ends", count(tls_->valid_until())));
}

WebFace::Times WebFace::times() const {
  std::error_code ignored;  // a file that is gone says so when it is read
  return {fs::last_write_time(options_.tls_cert->path, ignored), fs::last_write_time(options_.tls_key->path, ignored)};
}

void WebFace::set_look_again_for_test(Duration pause) {
  look_again_ = pause;
  timer_.arm(io::now() + pause);
}

void WebFace::look_again(TimePoint now) {
  timer_.arm(now + look_again_);
  if (times() == seen_) return;
  try {
    reload();
  } catch (const ops::UsageError& error) {
    observe::log(observe::Level::Warn, "certificate-refused", observe::kv("why", error.what()));
  }
}

}  // namespace footbridge
