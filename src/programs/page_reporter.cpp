#include "programs/page_reporter.hpp"

#include <nlohmann/json.hpp>
#include <optional>

#include "base/encoding.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "programs/site_folder.hpp"
#include "wire/netstate_report.hpp"
#include "wire/url.hpp"

namespace footbridge {
namespace {

using nlohmann::ordered_json;

constexpr std::size_t kKeyBytes = 32;

std::string text_of(const ordered_json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

// In the one spelling that pages read.
std::optional<std::string> hex_of(const std::string& text, std::size_t bytes) {
  const auto value = parse_hex(text);
  if (!value || value->size() != bytes) return std::nullopt;
  return encode_hex(*value);
}

bool is_chain_of_a_page(ByteView bytes) {
  const auto chain = wire::parse_reporter_chain(bytes);
  const auto reporter = chain ? wire::parse_reporter_certificate(chain->certificate) : std::nullopt;
  return reporter && reporter->role == wire::NodeRole::Page;
}

// nullopt: it is not what is printed for a page.
std::optional<ordered_json> whole(const ordered_json& said) {
  if (!said.is_object() || !said.contains("names") || !said["names"].is_object()) return std::nullopt;
  const auto key = hex_of(text_of(said, "key"), kKeyBytes);
  const auto chain = parse_hex(text_of(said, "chain")).value_or(Bytes{});
  if (!key || !is_chain_of_a_page(chain)) return std::nullopt;
  auto names = ordered_json::object();
  for (const auto& [relay, value] : said["names"].items()) {
    const auto name = hex_of(value.is_string() ? value.get<std::string>() : "", wire::EgressName::kBytes);
    if (!name) return std::nullopt;
    names[relay] = *name;
  }
  return ordered_json{
      {"url", text_of(said, "url")}, {"key", *key}, {"chain", encode_hex(chain)}, {"names", std::move(names)}};
}

}  // namespace

PageReporter read_page_reporter(std::string_view option, const ops::FilePath& file, bool on_one_machine) {
  const auto refuse = [&](const char* why) {
    return ops::UsageError(std::string(option) + ": " + file.path + ": " + why);
  };
  const auto text = read_whole(file.path, ops::kMaxKeyFileBytes);
  if (!text) throw refuse("cannot be read");
  const auto said = ordered_json::parse(*text, nullptr, false);
  const auto netstate = said.is_object() && said.contains("netstate") ? whole(said["netstate"]) : std::nullopt;
  if (!netstate) throw refuse("is not what this prints: footbridge network reporter --role page");
  const auto url = text_of(*netstate, "url");
  const auto parsed = wire::parse_url(url);
  const bool is_plain = parsed && parsed->scheme == wire::UrlScheme::Http;
  if (!parsed || !(parsed->scheme == wire::UrlScheme::Https || (is_plain && on_one_machine)))
    throw refuse("its url has to begin with https://, or pages do not go there");
  return {Private<std::string>(url), Private<std::string>(netstate->dump())};
}

}  // namespace footbridge
