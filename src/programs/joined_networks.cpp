#include "programs/joined_networks.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <sys/stat.h>

#include "base/encoding.hpp"
#include "core/network/signed_invite.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "programs/state_directory.hpp"
#include "wire/invite_text.hpp"

namespace footbridge {
namespace {

namespace fs = std::filesystem;
using ops::UsageError;

constexpr std::string_view kOption = "--state-dir";
constexpr std::size_t kFolderBytes = 8;  // of the root's key: two networks never share so many by chance

[[noreturn]] void refuse_unreadable(const fs::path& path, const std::error_code& error) {
  throw UsageError(std::string(kOption) + ": " + path.string() + " cannot be read: " + error.message() +
                   "; run this as the user who joined, or name a directory of your own");
}

bool is_there(const fs::path& path) {
  std::error_code error;
  const auto found = fs::status(path, error);
  if (error && found.type() != fs::file_type::not_found) refuse_unreadable(path, error);
  return found.type() != fs::file_type::not_found;
}

struct Found {
  std::vector<fs::path> folders;
  std::optional<std::string> unreadable;  // why, of one of those that cannot be looked into
};

Found look_through(const fs::path& at) {
  Found out;
  std::error_code error;
  for (fs::directory_iterator entry(at, error), end; !error && entry != end; entry.increment(error)) {
    try {
      if (is_there(entry->path() / "invite")) out.folders.push_back(entry->path());
    } catch (const UsageError& why) {
      out.unreadable = why.what();
    }
  }
  if (error && error != std::errc::no_such_file_or_directory) refuse_unreadable(at, error);
  return out;
}

// With everything above it; what is there already stays as it is.
void make_private(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder.parent_path(), error);
  if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
    throw UsageError(std::string(kOption) + ": " + folder.string() + " cannot be made: " + std::strerror(errno));
}

}  // namespace

fs::path JoinedNetworks::folder_of(const wire::RootKey& root) const {
  return at_ / encode_hex(root.view().first(kFolderBytes));
}

JoinedNetwork JoinedNetworks::read(const fs::path& folder) const {
  const auto file = fs::absolute(folder / "invite").string();
  auto invite = wire::parse_invite_text(ops::read_key_file(kOption, {file}).reveal_to_socket());
  if (!invite || folder_of(invite->root) != folder || core::check_signatures(*invite))
    throw UsageError(std::string(kOption) + ": " + file +
                     " is no longer the invite that was kept there; remove its folder and join again");
  const auto root = invite->root;
  JoinedNetwork out{std::move(*invite), core::DirectoryKeeper(root), folder};
  const auto kept = fs::absolute(folder / "directory").string();
  if (is_there(kept)) {
    const auto bytes = ops::read_key_file(kOption, {kept});
    if (!out.keeper.restore(as_bytes(bytes.reveal_to_socket())))
      throw UsageError(std::string(kOption) + ": " + kept +
                       " is no longer the directory that was kept there; remove it");
  }
  return out;
}

std::vector<JoinedNetwork> JoinedNetworks::all() const {
  auto [folders, unreadable] = look_through(at_);
  // What is another user's keeps nobody from his own.
  if (unreadable && folders.empty()) throw UsageError(*unreadable);
  if (folders.size() > kMaxJoinedNetworks)
    throw UsageError(std::string(kOption) + ": " + at_.string() + " has more than 32 networks; remove some folders");
  std::sort(folders.begin(), folders.end());
  std::vector<JoinedNetwork> out;
  out.reserve(folders.size());
  for (const auto& folder : folders) out.push_back(read(folder));
  return out;
}

std::optional<JoinedNetwork> JoinedNetworks::find(const wire::RootKey& root) const {
  const auto folder = folder_of(root);
  if (!is_there(folder / "invite")) return std::nullopt;
  return read(folder);
}

std::vector<JoinedNetwork> JoinedNetworks::named(std::string_view text) const {
  auto out = all();
  std::erase_if(out, [&](const JoinedNetwork& network) {
    const bool by_root = text.size() >= kLeastDigits && encode_hex(network.invite.root.view()).starts_with(text);
    return network.invite.network != text && !by_root;
  });
  return out;
}

void JoinedNetworks::forget(const JoinedNetwork& network) const {
  std::error_code error;
  fs::remove_all(network.folder, error);
  if (error)
    throw UsageError(std::string(kOption) + ": " + network.folder.string() + " cannot be removed: " + error.message());
  // Which of its lines are of this network nobody can tell; the others' are learned again.
  const auto ways = at_.parent_path() / kWayOrderFile;
  fs::remove(ways, error);
  if (error) throw UsageError(std::string(kOption) + ": " + ways.string() + " cannot be removed: " + error.message());
}

JoinedNetwork JoinedNetworks::join(const wire::Invite& invite) const {
  const auto folder = folder_of(invite.root);
  if (!is_there(folder / "invite") && look_through(at_).folders.size() >= kMaxJoinedNetworks)
    throw UsageError(std::string(kOption) + ": " + at_.string() + " has 32 networks already; remove a folder first");
  make_private(at_);
  make_private(folder);
  ops::replace_key_file(kOption, {(folder / "invite").string()}, wire::invite_text(invite).reveal_to_socket() + "\n");
  return read(folder);
}

void JoinedNetworks::keep_directory(const JoinedNetwork& network) const {
  ops::replace_key_file(kOption, {(network.folder / "directory").string()}, as_text(network.keeper.kept()));
}

}  // namespace footbridge
