#include "programs/reporter_file.hpp"

#include <map>
#include <utility>
#include <vector>

#include "base/encoding.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "ops/nearest.hpp"
#include "ops/toml_file.hpp"
#include "wire/url.hpp"

namespace footbridge {
namespace {

const std::vector<std::string> kKnownKeys = {"url", "tls_spki_sha256", "key", "chain", "names"};

using Values = std::map<std::string, std::string>;

Values values_of(const ops::FilePath& file, const Private<std::string>& text) {
  Values out;
  for (const auto& setting : ops::parse_toml(text.reveal_to_socket(), file.path)) {
    bool known = false;
    for (const auto& key : kKnownKeys) known = known || key == setting.key;
    if (!known)
      throw ops::UsageError(setting.place + ": unknown key " + setting.key +
                            ops::did_you_mean(setting.key, kKnownKeys));
    if (setting.is_list || setting.values.size() != 1)
      throw ops::UsageError(setting.place + ": " + setting.key + " needs one text");
    out[setting.key] = setting.values.front();
  }
  return out;
}

[[noreturn]] void refuse(const ops::FilePath& file, std::string_view key) {
  throw ops::UsageError(file.path + ": " + std::string(key) +
                        " is missing, or is not what such a file has; make another with: footbridge network reporter");
}

const std::string& required(const ops::FilePath& file, const Values& values, const std::string& key) {
  const auto found = values.find(key);
  if (found == values.end()) refuse(file, key);
  return found->second;
}

ReporterFile parse(const ops::FilePath& file, const Private<std::string>& text) {
  const auto values = values_of(file, text);
  auto url = ops::ValueType<ops::HttpUrl>::parse(required(file, values, "url"));
  if (!url) refuse(file, "url");
  std::optional<ops::Pin> pin;
  if (const auto found = values.find("tls_spki_sha256"); found != values.end()) {
    const auto parsed = ops::ValueType<ops::Pin>::parse(found->second);
    if (!parsed) refuse(file, "tls_spki_sha256");
    pin = *parsed;
  }
  const auto key = crypto::Ed25519Seed::from(parse_hex(required(file, values, "key")).value_or(Bytes{}));
  if (!key) refuse(file, "key");
  auto chain = parse_base64url(required(file, values, "chain")).value_or(Bytes{});
  if (chain.empty()) refuse(file, "chain");
  const auto names = core::NetstateSalt::from(parse_hex(required(file, values, "names")).value_or(Bytes{}));
  if (!names) refuse(file, "names");
  return {Private(std::move(url).value()), pin, *key, std::move(chain), *names};
}

}  // namespace

bool is_unread_on_its_way(const ops::HttpUrl& url) {
  const auto parsed = wire::parse_url(url.text);
  return parsed && (parsed->is_tls() || ops::names_loopback(url.host));
}

ReporterFile read_reporter_file(std::string_view option, const ops::FilePath& file) try {
  return parse(file, ops::read_key_file(option, file));
} catch (const ops::UsageError& error) {
  const std::string why = error.what();
  throw ops::UsageError(why.starts_with(option) ? why : std::string(option) + ": " + why);
}

Private<std::string> reporter_text(const ReporterFile& reporter) {
  std::string out = "# Who has this file may report to netstate in the role that it was made for.\n";
  out += "url = " + ops::toml_text(reporter.url.reveal_to_socket().text) + "\n";
  if (reporter.tls_pin) out += "tls_spki_sha256 = \"" + ops::ValueType<ops::Pin>::text(*reporter.tls_pin) + "\"\n";
  out += "key = \"" + encode_hex(reporter.key.reveal_to_primitive()) + "\"\n";
  out += "chain = \"" + encode_base64url(reporter.chain) + "\"\n";
  out += "names = \"" + encode_hex(reporter.names.reveal_to_primitive()) + "\"\n";
  return Private(std::move(out));
}

}  // namespace footbridge
