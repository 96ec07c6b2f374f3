#include "programs/proxy_key.hpp"

#include <filesystem>

#include "base/encoding.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "programs/self_tag.hpp"

namespace footbridge {

crypto::X25519Secret load_proxy_secret(const LinkOptions& options, Rng& rng) {
  namespace fs = std::filesystem;
  const auto fresh = crypto::X25519Secret::random(rng);
  const auto directory = state_directory(options);
  const auto file = ops::FilePath{directory ? (*directory / "proxy-key").string() : std::string()};
  std::error_code error;
  try {
    if (directory && !fs::exists(file.path, error))
      ops::create_key_file("--state-dir", file, encode_hex(fresh.reveal_to_primitive()) + "\n");
  } catch (const ops::UsageError&) {
    if (!fs::exists(file.path, error)) {  // else another volunteer was quicker
      observe::log(observe::Level::Warn, "state-not-kept", observe::kv("why", "cannot be read or written"));
      return fresh;
    }
  }
  if (!directory) return fresh;
  const auto kept = ops::read_key32("--state-dir", file);
  return crypto::X25519Secret::from(kept.reveal_to_socket()).value();
}

}  // namespace footbridge
