#include "programs/network/network_folder.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include "base/encoding.hpp"
#include "ops/errors.hpp"
#include "ops/toml_file.hpp"
#include "programs/invite_rules.hpp"

namespace footbridge::network {
namespace {

namespace fs = std::filesystem;
using ops::UsageError;

constexpr std::string_view kOption = "--dir";
constexpr const char* kConfig = "network.toml";
constexpr const char* kRootKey = "root.key";
constexpr const char* kRootPublic = "root.pub";
constexpr const char* kSigner = "directory.key";
constexpr const char* kObfuscation = "obfuscation.key";
constexpr const char* kLedger = "invites.toml";
constexpr const char* kReportNames = "report-names.key";
constexpr const char* kDirectory = "directory.signed";
constexpr const char* kLock = ".lock";

std::string broker_file(const std::string& broker) { return "broker-" + broker + ".keys"; }

crypto::Ed25519Seed seed_of(std::string_view option, const ops::FilePath& file) {
  return crypto::Ed25519Seed::from(ops::read_key32(option, file).reveal_to_socket()).value();
}

[[noreturn]] void refuse(const fs::path& at, const std::string& why) {
  throw UsageError(std::string(kOption) + ": " + at.string() + " " + why);
}

// But for our lock.
void require_empty(const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator each(folder, error), end; !error && each != end; each.increment(error))
    if (each->path().filename() != kLock)
      refuse(folder, "is there already and not empty; name another folder, a network is never written over");
  if (error) refuse(folder, "cannot be read: " + error.message());
}

}  // namespace

int NetworkFolder::lock(const fs::path& at) {
  const auto name = (at / kLock).string();
  const int descriptor = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (descriptor < 0) refuse(at, std::string("cannot be used: ") + std::strerror(errno));
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return descriptor;
  ::close(descriptor);
  refuse(at, "is in use by another footbridge network command; try again when it is done");
}

NetworkFolder NetworkFolder::create(const ops::FilePath& at) {
  std::error_code error;
  const fs::path folder(at.path);
  fs::create_directories(folder.parent_path().empty() ? "." : folder.parent_path(), error);
  if (::mkdir(at.path.c_str(), 0700) != 0) {
    if (errno != EEXIST) refuse(folder, std::string("cannot be made: ") + std::strerror(errno));
    require_empty(folder);  // before anything of it is changed
    fs::permissions(folder, fs::perms::owner_all, error);
    if (error) refuse(folder, "cannot be kept from others: " + error.message());
  }
  NetworkFolder out(folder, lock(folder));
  require_empty(folder);  // another command may have made its network since, and be done
  return out;
}

NetworkFolder NetworkFolder::open(const ops::FilePath& at) {
  std::error_code error;
  const fs::path folder(at.path);
  if (!fs::exists(folder / kRootPublic, error))
    refuse(folder, "is not a network's folder; make one with: footbridge network new --name NAME --broker-url URL");
  return {folder, lock(folder)};
}

NetworkFolder::NetworkFolder(NetworkFolder&& other) noexcept
    : at_(std::move(other.at_)), lock_(std::exchange(other.lock_, -1)) {}

NetworkFolder::~NetworkFolder() {
  if (lock_ >= 0) ::close(lock_);
}

void NetworkFolder::write(const std::string& name, std::string_view contents) const {
  ops::replace_key_file(kOption, file(name), contents);
}

std::string NetworkFolder::read(const std::string& name, std::size_t most) const {
  // Absolute, so that credentials of systemd of the same name are not meant.
  return ops::read_key_file(kOption, {fs::absolute(path(name)).string()}, most).reveal_to_socket();
}

bool NetworkFolder::has(const std::string& name) const {
  std::error_code error;
  return fs::exists(path(name), error);
}

void NetworkFolder::write_config(const std::string& text) { write(kConfig, text); }
NetworkConfig NetworkFolder::config() const {
  return parse_network_config(read(kConfig, ops::kMaxTomlBytes), path(kConfig));
}

void NetworkFolder::write_root(const crypto::Ed25519Seed& seed) {
  write(kRootKey, encode_hex(seed.reveal_to_primitive()) + "\n");
  write(kRootPublic, encode_hex(crypto::Ed25519KeyPair::from(seed).public_key().view()) + "\n");
}

wire::RootKey NetworkFolder::root() const {
  return {ops::read_key32(kOption, {fs::absolute(path(kRootPublic)).string()}).reveal_to_socket()};
}

crypto::Ed25519KeyPair NetworkFolder::root_pair(const std::optional<ops::FilePath>& elsewhere) const {
  if (!elsewhere && !has(kRootKey))
    throw UsageError("--root-key: the root key is not in " + at_.string() + "; say where it is kept");
  const auto named = elsewhere ? *elsewhere : file(kRootKey);
  auto pair =
      crypto::Ed25519KeyPair::from(seed_of(elsewhere ? "--root-key" : kOption, {fs::absolute(named.path).string()}));
  if (core::root_key(pair) != root()) throw UsageError("--root-key: " + named.path + " is the root of another network");
  return pair;
}

void NetworkFolder::write_signer(const DirectorySigner& signer) {
  write(kSigner, encode_hex(signer.seed.reveal_to_primitive()) + "\n" +
                     encode_base64url(wire::encode_signed_certificate(signer.certificate)) + "\n");
}

DirectorySigner NetworkFolder::signer() const {
  const Private<std::string> contents(read(kSigner));
  std::string_view text = contents.reveal_to_socket();
  const auto line = text.find('\n');
  if (text.ends_with('\n')) text.remove_suffix(1);
  const auto seed = crypto::Ed25519Seed::from(parse_hex(text.substr(0, line)).value_or(Bytes{}));
  const auto proof = line == std::string_view::npos || line >= text.size()
                         ? std::nullopt
                         : wire::parse_signed_certificate(parse_base64url(text.substr(line + 1)).value_or(Bytes{}));
  if (!seed || !proof)
    refuse(path(kSigner), "is not a directory key with its certificate; make one with: footbridge network rotate");
  return {*seed, *proof};
}

wire::Certificate NetworkFolder::certificate(const DirectorySigner& signer) const {
  const auto opened = core::open_certificate(root(), signer.certificate);
  const auto key = crypto::Ed25519KeyPair::from(signer.seed).public_key();
  if (!opened || opened->directory_key.raw != key.raw)
    refuse(path(kSigner), "is not certified by this network's root; make one with: footbridge network rotate");
  return *opened;
}

void NetworkFolder::write_obfuscation(const wire::ObfuscationSecret& secret) {
  write(kObfuscation, encode_hex(secret.reveal_to_socket()) + "\n");
}

wire::ObfuscationSecret NetworkFolder::obfuscation() const {
  return wire::ObfuscationSecret(
      ops::read_key32(kOption, {fs::absolute(path(kObfuscation)).string()}).reveal_to_socket());
}

void NetworkFolder::write_broker_keys(const std::string& broker, const std::vector<BrokerSecret>& keys) {
  write(broker_file(broker), broker_keys_text(keys).reveal_to_socket());
}

std::vector<BrokerSecret> NetworkFolder::broker_keys(const std::string& broker) const {
  const auto name = broker_file(broker);
  return has(name) ? parse_broker_keys(read(name), path(name)) : std::vector<BrokerSecret>{};
}

void NetworkFolder::write_ledger(const InviteLedger& ledger) { write(kLedger, ledger.text().reveal_to_socket()); }
InviteLedger NetworkFolder::ledger() const {
  return has(kLedger) ? InviteLedger::parse(read(kLedger, ops::kMaxTomlBytes), path(kLedger)) : InviteLedger{};
}

// The ledger never has more than a broker takes.
static_assert(kMaxLedgerEntries <= core::InviteDesk::kMaxInvites);

void NetworkFolder::write_rules(const InviteLedger& ledger, bool invites_needed) {
  NetworkRules rules{.network = encode_hex(root().view().first(8)), .rules = {invites_needed, {}}};
  for (const auto& entry : ledger.entries())
    rules.rules.invites.push_back(
        {core::mark_of(entry.id), entry.until, entry.uses, entry.revoked.has_value(), entry.tester});
  write(std::string(kInviteRulesFile), invite_rules_text(rules).reveal_to_socket());
}

crypto::Ed25519KeyPair NetworkFolder::compartment(const std::string& name, Rng& rng) {
  const auto key = "compartment-" + name + ".key";
  if (!has(key)) write(key, encode_hex(crypto::Ed25519Seed::random(rng).reveal_to_primitive()) + "\n");
  return crypto::Ed25519KeyPair::from(seed_of(kOption, {fs::absolute(path(key)).string()}));
}

core::NetstateSalt NetworkFolder::report_names(Rng& rng) {
  if (!has(kReportNames)) write(kReportNames, encode_hex(core::NetstateSalt::random(rng).reveal_to_primitive()) + "\n");
  return core::NetstateSalt::from(
             ops::read_key32(kOption, {fs::absolute(path(kReportNames)).string()}).reveal_to_socket())
      .value();
}

void NetworkFolder::write_directory(ByteView signed_directory) {
  ops::write_public_file(kOption, file(kDirectory), as_text(signed_directory));
}

std::optional<core::OpenedDirectory> NetworkFolder::directory() const {
  std::ifstream in(path(kDirectory), std::ios::binary);
  const std::string text(std::istreambuf_iterator<char>(in), {});
  auto opened = core::open_directory(root(), as_bytes(text));
  if (!opened) return std::nullopt;
  return std::move(*opened);
}

}  // namespace footbridge::network
