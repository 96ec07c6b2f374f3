#include "programs/network/network_actions.hpp"

#include <algorithm>
#include <cstdio>
#include <utility>

#include "core/network/directory_keeper.hpp"
#include "core/network/fingerprint.hpp"
#include "core/network/personal_compartment.hpp"
#include "core/network/signed_invite.hpp"
#include "ops/errors.hpp"
#include "ops/nearest.hpp"
#include "programs/date_text.hpp"
#include "programs/invite_rules.hpp"
#include "programs/network/known_certificate.hpp"
#include "programs/network/network_folder.hpp"
#include "programs/network/qr_text.hpp"
#include "wire/invite_text.hpp"

namespace footbridge::network {
namespace {

using ops::UsageError;

// A new certificate begins an hour early, for clocks that are behind.
constexpr std::uint64_t kBackdateSeconds = 3'600;
// Time to notice, and to fetch the root key from where it is kept.
constexpr std::uint64_t kRotateSoonSeconds = 7 * 86'400;

UnixSeconds later(UnixSeconds at, std::uint64_t seconds) { return UnixSeconds{count(at) + seconds}; }
UnixSeconds later(UnixSeconds at, Millis by) { return later(at, static_cast<std::uint64_t>(by.count()) / 1000); }

void say(const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); }

void print(const std::string& text) {
  if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0)
    throw ops::RunError("standard output cannot be written");
}

const std::string& required_name(const NetworkOptions& options, const std::string& what, const std::string& example) {
  if (!options.name) throw UsageError("--name: " + what + ", for example --name " + example);
  if (!wire::is_network_name(*options.name))
    throw UsageError("--name: needs 1 to 48 bytes that a screen can show, without line breaks or invisible characters");
  return *options.name;
}

std::optional<wire::SpkiSha256> broker_pin(const NetworkOptions& options) {
  if (!options.broker_cert) return std::nullopt;
  return key_of_certificate("--broker-cert", *options.broker_cert);
}

DirectorySigner certified_key(const crypto::Ed25519KeyPair& root, std::uint64_t serial, UnixSeconds now, Rng& rng) {
  const auto seed = crypto::Ed25519Seed::random(rng);
  const auto from = UnixSeconds{count(now) - kBackdateSeconds};
  const wire::Certificate certificate{.directory_key = {crypto::Ed25519KeyPair::from(seed).public_key().raw},
                                      .serial = serial,
                                      .valid = {from, later(from, core::kMostCertificateSeconds)}};
  return {seed, core::sign_certificate(root, certificate)};
}

void warn_of_its_end(const wire::Certificate& certificate, UnixSeconds now) {
  if (later(now, kRotateSoonSeconds) >= certificate.valid.until)
    say("The directory key ends on " + date_text(certificate.valid.until) +
        ". Before that run, with the root key: footbridge network rotate");
}

std::vector<wire::BrokerEntry> brokers_with_keys(NetworkFolder& folder, const NetworkConfig& config, UnixSeconds now,
                                                 Rng& rng) {
  std::vector<wire::BrokerEntry> out;
  for (const auto& broker : config.brokers) {
    const auto keys = renewed(folder.broker_keys(broker.name), now, rng);
    folder.write_broker_keys(broker.name, keys);
    out.push_back({broker.name, broker.addresses, announced(keys, now)});
  }
  return out;
}

std::string standing(const LedgerEntry& entry, UnixSeconds now) {
  if (entry.revoked) return "revoked " + date_text(*entry.revoked);
  return (entry.holds(now) ? "until " : "ended ") + date_text(entry.until) + (entry.tester ? "\ttester" : "");
}

void list_invites(const InviteLedger& ledger, UnixSeconds now) {
  std::string out;
  for (const auto& entry : ledger.entries())
    out += entry.name + "\t" + std::to_string(entry.uses) + (entry.uses == 1 ? " use" : " uses") + "\t" +
           standing(entry, now) + "\n";
  print(out.empty() ? "nobody was invited yet\n" : out);
}

// The group that an invite is for, and whether who gets it may announce there.
struct Group {
  std::optional<wire::CompartmentId> id{};
  std::optional<wire::Announcing> announcing{};
};

Group group_of(NetworkFolder& folder, const NetworkOptions& options, const wire::InviteId& invite, Rng& rng) {
  if (!options.compartment) {
    if (options.volunteer)
      throw UsageError("--volunteer: belongs to --compartment; without one every invite is good for volunteers");
    return {};
  }
  if (!wire::is_entry_name(*options.compartment))
    throw UsageError("--compartment: needs 1 to 32 characters out of a-z, 0-9 and -");
  const auto key = folder.compartment(*options.compartment, rng);
  Group out{.id = core::compartment_of(key.public_key())};
  if (options.volunteer) out.announcing = core::sign_announcing(key, invite);
  return out;
}

wire::Invite drawn_up(const NetworkFolder& folder, const NetworkConfig& config, const LedgerEntry& entry,
                      const Group& group) {
  const auto signer = folder.signer();
  wire::Invite invite{.network = config.name,
                      .root = folder.root(),
                      .brokers = {},
                      .obfuscation = folder.obfuscation(),
                      .id = entry.id,
                      .compartment = group.id,
                      .until = entry.until,
                      .uses = entry.uses,
                      .certificate = signer.certificate,
                      .made = entry.made,
                      .announcing = group.announcing,
                      .content = {},
                      .signature = {}};
  for (const auto& broker : config.brokers)
    for (const auto& address : broker.addresses)
      if (invite.brokers.size() < wire::kMaxInviteBrokers) invite.brokers.push_back(address);
  if (invite.brokers.empty())
    throw UsageError(folder.path("network.toml") + ": an invite needs a broker; add a [[broker]] with its address");
  invite = core::sign_invite(crypto::Ed25519KeyPair::from(signer.seed), std::move(invite));
  if (wire::encode_invite(invite).size() > wire::kMaxInviteBytes)
    throw UsageError(folder.path("network.toml") + ": the first four addresses of brokers are too long for an invite");
  if (const auto wrong = core::judge_invite(invite, entry.made, 0))
    throw UsageError(folder.path("directory.key") + ": nobody could join with this invite (" +
                     std::string(core::name(*wrong)) + "); run: footbridge network rotate");
  return invite;
}

}  // namespace

void make_network(const NetworkOptions& options, UnixSeconds now, Rng& rng) {
  const auto& name = required_name(options, "say what the network is to be called", "\"Friends of Sara\"");
  if (options.broker_url.empty())
    throw UsageError("--broker-url: say where the broker is to be reached, for example https://broker.example/");
  const auto config = new_network_config(name, options.broker_url, broker_pin(options));
  static_cast<void>(parse_network_config(config, "network.toml"));
  auto folder = NetworkFolder::create(options.dir);
  const auto seed = crypto::Ed25519Seed::random(rng);
  const auto root = crypto::Ed25519KeyPair::from(seed);
  folder.write_config(config);
  folder.write_obfuscation(wire::ObfuscationSecret(rng.array<wire::kObfuscationSecretBytes>()));
  folder.write_signer(certified_key(root, 1, now, rng));
  folder.write_root(seed);  // last: without it this is no network's folder
  print("network:      " + name + "\nfingerprint:  " + core::fingerprint_of(core::root_key(root)) +
        "\nfolder:       " + options.dir.path + "\n");
  say("Move " + folder.path("root.key") +
      " to a place that is offline, and keep a copy: whoever has it is this network,");
  say("and who loses it cannot renew the directory key after 30 days.");
  say("Next: write the egresses into " + folder.path("network.toml") + ", then run: footbridge network directory");
}

void sign_directory(const NetworkOptions& options, UnixSeconds now, Rng& rng) {
  auto folder = NetworkFolder::open(options.dir);
  const auto config = folder.config();
  const auto signer = folder.signer();
  const auto certificate = folder.certificate(signer);
  const auto before = folder.directory();
  // By the clock, so that a lost file or a second machine does not bring old numbers back.
  const bool continues = before && before->certificate.serial == certificate.serial;
  const auto version = std::max(count(now), continues ? before->directory.version + 1 : 0);
  wire::Directory directory{.version = version,
                            .valid = {now, std::min(later(now, options.valid), certificate.valid.until)},
                            .egresses = config.egresses,
                            .brokers = brokers_with_keys(folder, config, now, rng),
                            .stun_servers = config.stun_servers,
                            .tactics = config.tactics};
  if (const auto wrong = core::judge_times({certificate, directory}, now))
    throw UsageError(folder.path("directory.key") + ": nobody would take this directory (" +
                     std::string(core::name(*wrong)) + "); run: footbridge network rotate");
  const auto bytes = core::sign_directory(crypto::Ed25519KeyPair::from(signer.seed), signer.certificate, directory);
  if (bytes.size() > wire::kMaxSignedDirectoryBytes)
    throw UsageError(folder.path("network.toml") + ": too much for one directory (48 KiB); list fewer egresses");
  folder.write_rules(folder.ledger(), config.invites_needed);
  folder.write_directory(bytes);
  print("directory:    " + folder.path("directory.signed") + "\nversion:      " + std::to_string(version) +
        "\nvalid until:  " + date_text(directory.valid.until) +
        "\negresses:     " + std::to_string(directory.egresses.size()) +
        "\nbrokers:      " + std::to_string(directory.brokers.size()) + "\n");
  if (directory.egresses.empty()) say("It lists no egress yet: nobody can reach anything through this network.");
  warn_of_its_end(certificate, now);
}

void make_invite(const NetworkOptions& options, UnixSeconds now, Rng& rng) {
  auto folder = NetworkFolder::open(options.dir);
  auto ledger = folder.ledger();
  if (options.list) return list_invites(ledger, now);
  LedgerEntry entry{.name = required_name(options, "say who it is for", "sara"),
                    .id = wire::InviteId::random(rng),
                    .made = now,
                    .until = later(now, options.expires),
                    .uses = static_cast<std::uint32_t>(options.uses),
                    .revoked = {},
                    .tester = options.tester};
  if (options.tester && options.compartment)
    throw UsageError("--tester: a group chose its volunteers itself; leave --compartment out");
  const auto config = folder.config();
  const auto text = wire::invite_text(drawn_up(folder, config, entry, group_of(folder, options, entry.id, rng)));
  switch (ledger.add(entry, now)) {
    case InviteLedger::Added::Yes: break;
    case InviteLedger::Added::HasOne:
      throw UsageError(
          "--name: somebody of this name has an invite already; use another name, or take that one back "
          "with: footbridge network revoke --name NAME");
    case InviteLedger::Added::Full:
      throw UsageError("--name: " + std::to_string(kMaxLedgerEntries) +
                       " invites hold, and the ledger has no room for another; revoke one first");
  }
  folder.write_ledger(ledger);  // first: an invite that nobody wrote down could not be taken back
  folder.write_rules(ledger, config.invites_needed);
  if (options.qr) print(qr_text(text.reveal_to_socket()));
  print(text.reveal_to_socket() + "\n");
  if (config.invites_needed || options.tester)
    say("Copy " + folder.path(std::string(kInviteRulesFile)) + " to your brokers.");
  say("This is the invite for " + entry.name + ", to join with until " + date_text(entry.until) +
      ". It is a secret: send it to nobody else.");
  say("Compare the six words of \"" + config.name + "\" on another way; they prove everything in the invite:");
  say("  " + core::fingerprint_of(folder.root()));
}

void revoke_invite(const NetworkOptions& options, UnixSeconds now) {
  auto folder = NetworkFolder::open(options.dir);
  auto ledger = folder.ledger();
  const auto config = folder.config();
  const auto& name = required_name(options, "say whose invite to take back", "sara");
  if (!ledger.revoke(name, now)) {
    std::vector<std::string> known;
    for (const auto& entry : ledger.entries())
      if (!entry.revoked) known.push_back(entry.name);
    const auto hint = ops::did_you_mean(name, known);
    throw UsageError("--name: nobody of this name has an invite" +
                     (hint.empty() ? "; see: footbridge network invite --list" : hint));
  }
  folder.write_ledger(ledger);
  folder.write_rules(ledger, config.invites_needed);
  print("revoked:      " + name + "\n");
  say("Copy " + folder.path(std::string(kInviteRulesFile)) +
      " to your brokers: within a minute they refuse this invite. Who had it keeps the network's secret, and can tell "
      "its requests from noise.");
  if (!config.invites_needed) say("This network is open (invites = \"open\"): he may come without an invite.");
}

void rotate_directory_key(const NetworkOptions& options, UnixSeconds now, Rng& rng) {
  auto folder = NetworkFolder::open(options.dir);
  const auto root = folder.root_pair(options.root_key);
  // A serial by the clock is higher than that of a key whose file was lost, too.
  std::uint64_t serial = count(now);
  if (const auto before = folder.directory()) serial = std::max(serial, before->certificate.serial + 1);
  const auto next = certified_key(root, serial, now, rng);
  folder.write_signer(next);
  print("directory key until:  " + date_text(folder.certificate(next).valid.until) + "\n");
  say("Now run: footbridge network directory");
}

}  // namespace footbridge::network
