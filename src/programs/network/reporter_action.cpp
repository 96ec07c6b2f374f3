#include "programs/network/reporter_action.hpp"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "base/encoding.hpp"
#include "core/netstate/egress_name.hpp"
#include "core/netstate/reporter_chain.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "programs/date_text.hpp"
#include "programs/network/known_certificate.hpp"
#include "programs/network/network_folder.hpp"
#include "programs/reporter_file.hpp"

namespace footbridge::network {
namespace {

using ops::UsageError;

constexpr std::uint64_t kDaySeconds = 86'400;

wire::NodeRole role_of(const NetworkOptions& options) {
  const auto role = options.role ? wire::role_named(*options.role) : std::nullopt;
  if (!role) throw UsageError("--role: say what is to report: volunteer, egress, broker, page or extension");
  return *role;
}

// Where reports go: beneath what a person opens in a browser.
ops::HttpUrl report_url(const NetworkOptions& options) {
  if (!options.url)
    throw UsageError("--url: say where netstate is to be reached, for example --url https://netstate.example/");
  auto text = options.url->reveal_to_socket().text;
  text += text.ends_with('/') ? "report" : "/report";
  auto url = ops::ValueType<ops::HttpUrl>::parse(text);
  if (!url) throw UsageError("--url: needs a URL without query, such as https://netstate.example/");
  if (!is_unread_on_its_way(*url))
    throw UsageError(
        "--url: needs https:// unless netstate is on the same machine, or whoever carries reports reads them");
  return std::move(url).value();
}

std::optional<ops::Pin> pin_of(const NetworkOptions& options) {
  if (!options.netstate_cert) return std::nullopt;
  return ops::Pin{key_of_certificate("--netstate-cert", *options.netstate_cert).raw};
}

ReporterFile drawn_up(NetworkFolder& folder, const NetworkOptions& options, wire::NodeRole role, UnixSeconds until,
                      Rng& rng) {
  const auto signer = folder.signer();
  const auto key = crypto::Ed25519Seed::random(rng);
  const wire::ReporterCertificate reporter{
      .key = {crypto::Ed25519KeyPair::from(key).public_key().raw}, .role = role, .until = until};
  return {Private(report_url(options)), pin_of(options), key,
          core::make_reporter_chain(crypto::Ed25519KeyPair::from(signer.seed), signer.certificate, reporter),
          folder.report_names(rng)};
}

// What stands in the config.json of pages: everybody can read it, so it names the egresses itself and leaves the secret
// that names them out.
std::string page_text(const ReporterFile& reporter, const NetworkConfig& config) {
  nlohmann::ordered_json names = nlohmann::ordered_json::object();
  for (const auto& egress : config.egresses)
    names[egress.relay_url.reveal_to_socket()] = encode_hex(core::egress_name(reporter.names, egress.pin).view());
  const nlohmann::ordered_json out{{"netstate",
                                    {{"url", reporter.url.reveal_to_socket().text},
                                     {"key", encode_hex(reporter.key.reveal_to_primitive())},
                                     {"chain", encode_hex(reporter.chain)},
                                     {"names", std::move(names)}}}};
  return out.dump(2) + "\n";
}

void say(const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); }

}  // namespace

void make_reporter(const NetworkOptions& options, UnixSeconds now, Rng& rng) {
  const auto role = role_of(options);
  if (wire::is_public(role) == options.out.has_value())
    throw UsageError(options.out
                         ? "--out: what a page needs is printed, for its config.json; leave this out"
                         : "--out: say where to write the file, for example --out " + *options.role + "-reporter.toml");
  auto folder = NetworkFolder::open(options.dir);
  const auto wanted = count(now) + options.days * kDaySeconds;
  const auto until = std::min(UnixSeconds{wanted}, folder.certificate(folder.signer()).valid.until);
  const auto reporter = drawn_up(folder, options, role, until, rng);
  if (options.out) {
    ops::create_key_file("--out", *options.out, reporter_text(reporter).reveal_to_socket());
  } else if (std::fputs(page_text(reporter, folder.config()).c_str(), stdout) < 0 || std::fflush(stdout) != 0) {
    throw ops::RunError("standard output cannot be written");
  }
  say("It may report as " + std::string(wire::name(role)) + " until " + date_text(until) +
      (count(until) < wanted ? ", when the directory key ends." : "."));
}

}  // namespace footbridge::network
