#include "programs/web_face.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <map>
#include <sys/stat.h>

#include "io/clock.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"

namespace footbridge {
namespace {

namespace fs = std::filesystem;

// nullopt: it cannot be read, or is longer than that.
std::optional<std::string> read_whole(const fs::path& file, std::size_t most_bytes) {
  std::ifstream in(file, std::ios::binary);
  std::string out;
  std::array<char, 16 * 1024> chunk{};
  while (in.read(chunk.data(), chunk.size()), in.gcount() > 0) {
    out.append(chunk.data(), static_cast<std::size_t>(in.gcount()));
    if (out.size() > most_bytes) return std::nullopt;
  }
  return in.eof() ? std::optional(std::move(out)) : std::nullopt;
}

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

std::string content_type(const fs::path& file) {
  static const std::map<std::string, std::string> kTypes{
      {".html", "text/html"},        {".htm", "text/html"},
      {".css", "text/css"},          {".js", "application/javascript"},
      {".png", "image/png"},         {".jpg", "image/jpeg"},
      {".jpeg", "image/jpeg"},       {".gif", "image/gif"},
      {".ico", "image/x-icon"},      {".txt", "text/plain"},
      {".svg", "image/svg+xml"},     {".xml", "text/xml"},
      {".json", "application/json"}, {".pdf", "application/pdf"},
      {".webp", "image/webp"}};
  const auto found = kTypes.find(file.extension().string());
  return found == kTypes.end() ? "application/octet-stream" : found->second;
}

UnixSeconds modified_at(const fs::path& file) {
  struct ::stat about {};
  if (::stat(file.c_str(), &about) != 0) return {};
  return UnixSeconds{static_cast<std::uint64_t>(std::max<::time_t>(about.st_mtime, 0))};
}

http::Site read_site(const std::optional<ops::FilePath>& folder) {
  if (!folder) return {};
  const auto refuse = [&](const std::string& why) { throw ops::UsageError("--decoy: " + folder->path + ": " + why); };
  std::map<std::string, http::Site::Page> pages;
  std::size_t bytes = 0;
  std::error_code error;
  // By hand: in a range-for what cannot be read further down is thrown, and nobody says which option it was.
  fs::recursive_directory_iterator at(folder->path, error);
  for (; !error && at != fs::recursive_directory_iterator(); at.increment(error)) {
    const auto& entry = *at;
    std::error_code unknown;
    if (!entry.is_regular_file(unknown)) continue;
    auto body = read_whole(entry.path(), kMaxPageBytes);
    if (!body) refuse("a file in it cannot be read, or is larger than 1 MiB");
    bytes += body->size();
    if (pages.size() == kMaxSitePages || bytes > kMaxSiteBytes) refuse("more than 256 files or 8 MiB; show less");
    pages["/" + fs::relative(entry.path(), folder->path).generic_string()] = {
        content_type(entry.path()), to_bytes(*body), modified_at(entry.path())};
  }
  if (error) refuse("cannot be read: " + error.message());
  if (!pages.contains("/index.html")) refuse("there is no index.html in it, which is the first page of a site");
  return http::Site(std::move(pages));
}

}  // namespace

WebFace::WebFace(asio::any_io_executor executor, WebFaceOptions options, observe::Registry& registry)
    : options_(std::move(options)),
      site_(read_site(options_.decoy)),
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
