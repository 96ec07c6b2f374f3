// The folder in which an operator keeps his network, mode 0700:
//
//   network.toml      what he writes down (network_config.hpp)
//   root.key          the root's seed, 64 hexadecimal digits; needed by `rotate` only, and to be kept elsewhere
//   root.pub          its public key, 64 hexadecimal digits
//   directory.key     the directory key's seed, and behind it the root's certificate in base64url: one file, so that
//                     they change together
//   obfuscation.key   the secret of all invites, 64 hexadecimal digits
//   broker-NAME.keys  the keys of a broker (broker_keys.hpp)
//   invites.toml      the ledger (invite_ledger.hpp)
//   broker-invites.toml  what brokers know of it (programs/invite_rules.hpp)
//   compartment-NAME.key  the seed of a personal compartment's key, 64 hexadecimal digits
//   report-names.key  the secret that reports to netstate name egresses under, 64 hexadecimal digits
//   directory.signed  what everybody is given
//
// All files but the last are readable by their owner only. Each is replaced at once or stays as it was. Whoever opens
// the folder holds its lock until he dies: two commands at once would lose each other's invites. Every method throws
// ops::UsageError, one line that names the file and what to do.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "core/netstate/egress_name.hpp"
#include "core/network/directory_chain.hpp"
#include "crypto/ed25519.hpp"
#include "ops/key_file.hpp"
#include "ops/values.hpp"
#include "programs/broker_keys.hpp"
#include "programs/network/invite_ledger.hpp"
#include "programs/network/network_config.hpp"

namespace footbridge::network {

// What signs directories, and the proof that it may.
struct DirectorySigner {
  crypto::Ed25519Seed seed;
  wire::SignedCertificate certificate;
};

class NetworkFolder {
 public:
  // Makes an empty folder, or takes one that is empty but for a lock.
  static NetworkFolder create(const ops::FilePath& at);
  // Of a network that exists.
  static NetworkFolder open(const ops::FilePath& at);
  ~NetworkFolder();
  NetworkFolder(NetworkFolder&& other) noexcept;
  NetworkFolder(const NetworkFolder&) = delete;
  NetworkFolder& operator=(const NetworkFolder&) = delete;

  std::string path(const std::string& name) const { return (at_ / name).string(); }

  void write_config(const std::string& text);
  NetworkConfig config() const;

  void write_root(const crypto::Ed25519Seed& seed);
  wire::RootKey root() const;
  // Of root.key, or of `elsewhere`; refused if it is not this network's.
  crypto::Ed25519KeyPair root_pair(const std::optional<ops::FilePath>& elsewhere) const;

  void write_signer(const DirectorySigner& signer);
  DirectorySigner signer() const;
  // Read back and checked against root().
  wire::Certificate certificate(const DirectorySigner& signer) const;

  void write_obfuscation(const wire::ObfuscationSecret& secret);
  wire::ObfuscationSecret obfuscation() const;

  void write_broker_keys(const std::string& broker, const std::vector<BrokerSecret>& keys);
  std::vector<BrokerSecret> broker_keys(const std::string& broker) const;  // empty if there is no file

  void write_ledger(const InviteLedger& ledger);
  InviteLedger ledger() const;

  // What brokers are to know of these invites.
  void write_rules(const InviteLedger& ledger, bool invites_needed);

  // Of this name (wire::is_entry_name()); made if there is none.
  crypto::Ed25519KeyPair compartment(const std::string& name, Rng& rng);

  // What egresses are named under in reports (spec 18); made when it is asked for first.
  core::NetstateSalt report_names(Rng& rng);

  void write_directory(ByteView signed_directory);
  // nullopt: none yet, or not one of this root's.
  std::optional<core::OpenedDirectory> directory() const;

 private:
  NetworkFolder(std::filesystem::path at, int lock) : at_(std::move(at)), lock_(lock) {}
  static int lock(const std::filesystem::path& at);
  ops::FilePath file(const std::string& name) const { return {path(name)}; }
  void write(const std::string& name, std::string_view contents) const;
  std::string read(const std::string& name, std::size_t most = ops::kMaxKeyFileBytes) const;
  bool has(const std::string& name) const;

  std::filesystem::path at_;
  int lock_;  // -1 if moved from
};

}  // namespace footbridge::network
