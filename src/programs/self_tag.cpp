#include "programs/self_tag.hpp"

#include <string>

#include "base/encoding.hpp"
#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "programs/state_directory.hpp"

namespace footbridge {
namespace {

namespace fs = std::filesystem;

SelfTag read(const fs::path& file) {
  auto text = ops::read_key_file("--state-dir", {file.string()}).reveal_to_socket();
  while (text.ends_with('\n')) text.pop_back();
  const auto bytes = parse_hex(text);
  const auto tag = bytes ? SelfTag::from(*bytes) : std::nullopt;
  if (!tag) throw ops::UsageError("--state-dir: " + file.string() + " is not a self-tag; remove it");
  return *tag;
}

// Two programs may start at once: each writes a file of its own, and the first link to the common name wins.
SelfTag read_or_make(const fs::path& directory, Rng& rng) {
  const auto file = directory / "self-tag";
  if (fs::exists(file)) return read(file);
  fs::create_directories(directory);
  fs::permissions(directory, fs::perms::owner_all);
  const auto mine = directory / ("self-tag." + encode_hex(rng.bytes(8)));
  ops::create_key_file("--state-dir", {mine.string()}, encode_hex(SelfTag::random(rng).view()) + "\n");
  std::error_code taken;
  fs::create_hard_link(mine, file, taken);
  fs::remove(mine);
  return read(file);
}

}  // namespace

std::optional<fs::path> state_directory(const LinkOptions& options) {
  return state_directory(options.state_dir, options.parent_state_dir);
}

SelfTag load_self_tag(const LinkOptions& options, Rng& rng) {
  std::string why = "no home directory";
  try {
    if (const auto directory = state_directory(options)) return read_or_make(*directory, rng);
  } catch (const fs::filesystem_error& error) {
    if (options.state_dir)
      throw ops::UsageError("--state-dir: " + options.state_dir->path + ": " + error.code().message());
    why = error.code().message();
  } catch (const ops::UsageError&) {
    if (options.state_dir) throw;
    why = "cannot be read or written";
  }
  observe::log(observe::Level::Warn, "state-not-kept", observe::kv("why", why));
  return SelfTag::random(rng);
}

}  // namespace footbridge
