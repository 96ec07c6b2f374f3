#include "ops/man_pages.hpp"

#include <algorithm>
#include <cctype>

#include "ops/option_words.hpp"

namespace footbridge::ops {
namespace {

// Text as roff shows it: a hyphen that can be copied, and nothing that is taken for a request.
std::string plain(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = i == 0 || text[i - 1] == '\n';
    if (begins && (text[i] == '.' || text[i] == '\'')) out += "\\&";
    if (text[i] == '\\')
      out += "\\e";
    else if (text[i] == '-')
      out += "\\-";
    else
      out += text[i];
  }
  return out;
}

std::string bold(std::string_view text) { return "\\fB" + plain(text) + "\\fR"; }
std::string italic(std::string_view text) { return "\\fI" + plain(text) + "\\fR"; }

std::string sentence(std::string text) {
  if (!text.empty()) text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return plain(text) + ".\n";
}

std::string upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::toupper(c); });
  return text;
}

// No date: it would be the build's, and two builds are to be the same.
std::string head(const std::string& name, char section, std::string_view what) {
  return ".TH \"" + plain(upper(name)) + "\" " + section + " \"\" \"Footbridge\"\n.SH NAME\n" + plain(name) + " \\- " +
         plain(what) + "\n";
}

std::string item(const std::string& what, const std::string& text) { return ".TP\n" + what + "\n" + text; }

std::string flag_item(const std::string& flag, const std::string& meta, const std::string& text) {
  return item(bold(flag) + (meta.empty() ? "" : " " + italic(meta)), text);
}

std::string verbatim(std::string_view text) { return ".nf\n" + plain(text) + "\n.fi\n"; }

std::string see_also(const std::vector<std::string>& pages) {
  std::string out = ".SH \"SEE ALSO\"\n";
  for (std::size_t i = 0; i < pages.size(); ++i) {
    const auto bracket = pages[i].find('(');
    out += ".BR " + plain(pages[i].substr(0, bracket)) + " " + pages[i].substr(bracket) +
           (i + 1 < pages.size() ? " ,\n" : "\n");
  }
  return out;
}

constexpr std::string_view kExitStatus =
    ".SH \"EXIT STATUS\"\n.TP\n0\nDone.\n.TP\n1\nFailed while running.\n.TP\n2\nUsage or configuration; the line on "
    "standard error names the option.\n";

// What a key's value is, and what happens when it changes.
std::string facts(const Option& option) {
  std::string out = ".br\nValue: " + plain(option.needs) + (option.is_list ? "; an array of them" : "") + ".\n.br\n";
  std::string initial;
  for (const auto& text : option.initial) initial += (initial.empty() ? "" : ", ") + text;
  out += initial.empty() ? "Not set by default" : "Default: " + plain(initial);
  out += std::string("; ") + (option.is_reloadable ? "taken over on SIGHUP" : "a change needs a restart") + ".\n.br\n";
  return out + "Flag " + bold(option.flag) + ", environment " + bold(option.environment) + ".\n";
}

}  // namespace

std::string command_page(const OptionTable& table) {
  const auto name = "footbridge-" + table.program();
  std::string out = head(name, '1', table.summary());
  out += ".SH SYNOPSIS\n" + bold("footbridge " + table.program()) + " [" + italic("OPTION") + " ...]\n";
  if (!table.first_steps().empty()) out += ".SH DESCRIPTION\n" + verbatim(table.first_steps());
  out += ".SH OPTIONS\n";
  for (const auto& option : table.options()) out += flag_item(option.flag, option.meta, sentence(help_of(option)));
  out += flag_item("--config", "FILE", "Read this file first; see " + bold(name + ".toml") + "(5).\n");
  out += flag_item("--print-config", "", "Print what is in force and where each value comes from, then exit.\n");
  out += flag_item("--check-config", "", "Check flags, environment and file, then exit with 0 or 2.\n");
  out += flag_item("--help", "", "Print help, then exit.\n");
  if (!table.examples().empty()) {
    out += ".SH EXAMPLES\n";
    for (const auto& [command, what] : table.examples()) out += item(bold(command), sentence(what));
  }
  out += ".SH ENVIRONMENT\nEvery option is also a variable, such as " + bold(table.options().front().environment) +
         ".\nFlags win over the environment, the environment over the file.\n";
  return out + std::string(kExitStatus) + see_also({"footbridge(1)", name + ".toml(5)"});
}

std::string file_page(const OptionTable& table) {
  const auto name = "footbridge-" + table.program();
  std::string out = head(name + ".toml", '5', "configuration of footbridge " + table.program());
  out += ".SH DESCRIPTION\nA TOML file for " + bold("footbridge " + table.program() + " --config") + " " +
         italic("FILE") +
         ".\nEvery key may be left out. An unknown key is an error that names its place. Sizes and durations carry "
         "their unit.\nFlags win over the environment, the environment over this file.\n";
  by_section(
      table, [&](const std::string& section) { out += ".SH \"[" + plain(section) + "]\"\n"; },
      [&](const Option& option, std::size_t) {
        out += item(bold(option.key) + " = " + italic(option.example), sentence(option.help) + facts(option));
      });
  return out + see_also({"footbridge(1)", name + "(1)"});
}

std::string overview_page(std::string_view summary, const std::vector<std::pair<std::string, std::string>>& commands) {
  std::string out = head("footbridge", '1', summary);
  out += ".SH SYNOPSIS\n" + bold("footbridge") + " " + italic("COMMAND") + " [" + italic("OPTION") + " ...]\n";
  out +=
      ".SH DESCRIPTION\nPeople behind a censor's firewall reach the internet through people elsewhere who lend a "
      "bit of their connection.\nA client finds a volunteer through a broker; the volunteer carries sealed packets "
      "to an egress, where traffic enters the internet.\n.SH COMMANDS\n";
  std::vector<std::string> pages;
  for (const auto& [name, what] : commands) {
    out += item(bold(name), sentence(what));
    pages.push_back("footbridge-" + name + "(1)");
  }
  out += item(bold("help") + ", " + bold("version"), "The list of commands; the version of this build.\n");
  return out + std::string(kExitStatus) + see_also(pages);
}

}  // namespace footbridge::ops
