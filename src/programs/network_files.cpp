#include "programs/network_files.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <sys/stat.h>

#include "core/network/directory_chain.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"

namespace footbridge {
namespace {

namespace fs = std::filesystem;

// Absolute, so that credentials of systemd of the same name are not meant.
ops::FilePath file(const ops::FilePath& folder, std::string_view name) {
  return {fs::absolute(fs::path(folder.path) / name).string()};
}

[[noreturn]] void refuse(std::string_view option, const ops::FilePath& at, std::string_view why) {
  throw ops::UsageError(std::string(option) + ": " + at.path + " " + std::string(why));
}

Bytes read_directory(std::string_view option, const ops::FilePath& at) {
  std::ifstream in(at.path, std::ios::binary);
  std::string text(wire::kMaxSignedDirectoryBytes + 1, '\0');
  in.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(in.gcount()));
  if (text.empty()) refuse(option, at, "cannot be read; make it with: footbridge network directory");
  return to_bytes(text);
}

std::optional<wire::Directory> unproven_directory(ByteView bytes) {
  const auto opened = wire::parse_signed_directory(bytes);
  return opened ? wire::parse_directory(opened->directory) : std::nullopt;
}

wire::Directory open(std::string_view option, const ops::FilePath& folder, const ops::FilePath& at, ByteView bytes) {
  const auto root = file(folder, "root.pub");
  std::error_code error;
  if (!fs::exists(root.path, error)) {
    if (auto directory = unproven_directory(bytes)) return std::move(*directory);
    refuse(option, at, "is not a signed directory; copy it again");
  }
  auto opened = core::open_directory({ops::read_key32(option, root).reveal_to_socket()}, bytes);
  if (!opened)
    refuse(option, at,
           "is not one of the network whose root.pub is beside it: " + std::string(core::name(opened.error())));
  return std::move(opened->directory);
}

}  // namespace

NetworkFiles read_network_files(std::string_view option, const ops::FilePath& folder) {
  const auto secret = ops::read_key32(option, file(folder, "obfuscation.key"));
  const auto at = file(folder, "directory.signed");
  auto bytes = read_directory(option, at);
  auto directory = open(option, folder, at, bytes);
  return {crypto::SecretKey::from(secret.reveal_to_socket()).value(), std::move(bytes), std::move(directory)};
}

std::string broker_name(std::string_view option, const wire::Directory& directory,
                        const std::optional<std::string>& name) {
  std::string all;
  for (const auto& broker : directory.brokers) {
    if (name ? broker.name == *name : directory.brokers.size() == 1) return broker.name;
    all += (all.empty() ? "" : ", ") + broker.name;
  }
  if (name) throw ops::UsageError("--name: the directory has no broker of that name; it has " + all);
  throw ops::UsageError(std::string(option) +
                        ": the directory has several brokers; say with --name which this is: " + all);
}

std::vector<BrokerSecret> read_broker_keys(std::string_view option, const ops::FilePath& folder,
                                           const std::string& broker) {
  const auto at = file(folder, "broker-" + broker + ".keys");
  return parse_broker_keys(ops::read_key_file(option, at).reveal_to_socket(), at.path);
}

std::string network_files_state(const ops::FilePath& folder) {
  std::vector<std::string> states;
  std::error_code error;
  for (fs::directory_iterator each(folder.path, error), end; !error && each != end; each.increment(error)) {
    struct ::stat about {};
    if (::stat(each->path().c_str(), &about) != 0) continue;
    states.push_back(each->path().filename().string() + " " + std::to_string(about.st_ino) + " " +
                     std::to_string(about.st_size) + " " + std::to_string(about.st_mtim.tv_sec) + "." +
                     std::to_string(about.st_mtim.tv_nsec) + "\n");
  }
  std::sort(states.begin(), states.end());
  std::string out;
  for (const auto& state : states) out += state;
  return out;
}

}  // namespace footbridge
