#include "programs/netstate/known_network.hpp"

#include <filesystem>

#include "core/network/directory_chain.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "programs/site_folder.hpp"

namespace footbridge::netstate {

KnownNetwork read_known_network(const ops::FilePath& folder) {
  const auto at = std::filesystem::absolute(folder.path);
  KnownNetwork out{{ops::read_key32("--network", {(at / "root.pub").string()}).reveal_to_socket()}};
  const auto file = (at / "directory.signed").string();
  std::error_code error;
  if (!std::filesystem::exists(file, error)) return out;
  const auto bytes = read_whole(file, wire::kMaxSignedDirectoryBytes);
  const auto opened = core::open_directory(out.root, as_bytes(bytes.value_or("")));
  if (!opened)
    throw ops::UsageError("--network: " + file + " is not one of the network whose root.pub is beside it: " +
                          std::string(core::name(opened.error())));
  out.serial = opened->certificate.serial;
  return out;
}

}  // namespace footbridge::netstate
