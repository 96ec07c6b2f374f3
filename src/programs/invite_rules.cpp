#include "programs/invite_rules.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>

#include "base/encoding.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "ops/toml_file.hpp"
#include "wire/invite.hpp"

namespace footbridge {
namespace {

using core::InviteRule;
using ops::UsageError;

constexpr std::size_t kNetworkDigits = 16;
constexpr std::string_view kTable = "invite.";

[[noreturn]] void refuse(const std::string& place) {
  throw UsageError(place + ": not a line of the rules of a network's invites; copy the file again");
}

template <class Number>
Number number_of(const ops::TomlSetting& setting, std::uint64_t least, std::uint64_t most) {
  const auto& text = setting.values.front();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size() || number < least || number > most)
    refuse(setting.place);
  return static_cast<Number>(number);
}

struct Draft {
  InviteRule rule{.mark = {}, .until = {}, .uses = 0, .revoked = false, .tester = false};
  bool has_mark = false;
  bool is_whole = false;  // its last line was there
};

void take(Draft& draft, std::string_view key, const ops::TomlSetting& setting) {
  const auto& text = setting.values.front();
  if (key == "mark") {
    const auto mark = core::InviteMark::from(parse_hex(text).value_or(Bytes{}));
    if (!mark) refuse(setting.place);
    draft.rule.mark = *mark;
    draft.has_mark = true;
  } else if (key == "until") {
    draft.rule.until = UnixSeconds{number_of<std::uint64_t>(setting, 1, wire::kMaxUnixSeconds)};
  } else if (key == "uses") {
    draft.rule.uses = number_of<std::uint32_t>(setting, 1, wire::kMaxInviteUses);
  } else if (key == "tester" && text == "true") {
    draft.rule.tester = true;
  } else if (key == "revoked" && (text == "true" || text == "false")) {
    draft.rule.revoked = text == "true";
    draft.is_whole = true;
  } else {
    refuse(setting.place);
  }
}

}  // namespace

NetworkRules parse_invite_rules(std::string_view text, const std::string& place) {
  NetworkRules out;
  std::vector<Draft> drafts;
  std::string policy;
  std::optional<std::size_t> entries;
  for (const auto& setting : ops::parse_toml(text, place)) {
    if (setting.is_list || setting.values.size() != 1) refuse(setting.place);
    const auto dot = setting.key.rfind('.');
    if (setting.key == "network") {
      out.network = setting.values.front();
    } else if (setting.key == "invites") {
      policy = setting.values.front();
    } else if (setting.key == "entries") {
      entries = number_of<std::size_t>(setting, 0, core::InviteDesk::kMaxInvites);
    } else if (setting.key.starts_with(kTable) && dot > kTable.size()) {
      std::size_t index = core::InviteDesk::kMaxInvites;
      std::from_chars(setting.key.data() + kTable.size(), setting.key.data() + dot, index);
      if (index >= core::InviteDesk::kMaxInvites) refuse(setting.place);
      if (drafts.size() <= index) drafts.resize(index + 1);
      take(drafts[index], std::string_view(setting.key).substr(dot + 1), setting);
    } else {
      refuse(setting.place);
    }
  }
  const auto network = parse_hex(out.network);
  if (out.network.size() != kNetworkDigits || !network || (policy != "needed" && policy != "open")) refuse(place);
  if (entries != drafts.size()) refuse(place);
  out.rules.needed = policy == "needed";
  for (const auto& draft : drafts) {
    if (!draft.has_mark || !draft.is_whole || draft.rule.uses == 0 || draft.rule.until == UnixSeconds{}) refuse(place);
    out.rules.invites.push_back(draft.rule);
  }
  return out;
}

NetworkRules read_invite_rules(std::string_view option, const ops::FilePath& file) {
  // Absolute, so that credentials of systemd of the same name are not meant.
  const ops::FilePath absolute{std::filesystem::absolute(file.path).string()};
  return parse_invite_rules(ops::read_key_file(option, absolute, ops::kMaxTomlBytes).reveal_to_socket(), file.path);
}

Private<std::string> invite_rules_text(const NetworkRules& rules) {
  std::string out =
      "# What this network's brokers know of its invites; footbridge network writes it. It names nobody.\n"
      "network = \"" +
      rules.network + "\"\ninvites = \"" + (rules.rules.needed ? "needed" : "open") +
      "\"\nentries = " + std::to_string(rules.rules.invites.size()) + "\n";
  for (const auto& rule : rules.rules.invites) {
    out += "[[invite]]\nmark = \"" + encode_hex(rule.mark.view()) + "\"\nuntil = " + std::to_string(count(rule.until)) +
           "\nuses = " + std::to_string(rule.uses) + (rule.tester ? "\ntester = true" : "") +
           "\nrevoked = " + (rule.revoked ? "true" : "false") + "\n";
  }
  return Private<std::string>(std::move(out));
}

}  // namespace footbridge
