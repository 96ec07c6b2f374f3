// What a table says of itself: help, the merged configuration, the reference page and the example file.
#include <algorithm>
#include <cstdio>

#include "ops/options.hpp"
#include "ops/toml_file.hpp"

namespace footbridge::ops {
namespace {

constexpr std::size_t kHelpColumn = 34;
constexpr std::size_t kHelpWidth = 100;

std::string toml_value(const Option& option, const std::vector<std::string>& texts) {
  const auto one = [&](const std::string& text) { return option.is_number ? text : toml_text(text); };
  if (!option.is_list) return texts.empty() ? "\"\"" : one(texts.front());
  std::string out = "[";
  for (const auto& text : texts) out += (out.size() > 1 ? ", " : "") + one(text);
  return out + "]";
}

std::string default_words(const Option& option) {
  if (option.is_switch) return option.initial.front() == "true" ? "default on" : "";
  if (option.initial.empty()) return "";
  return "default " + option.initial.front();
}

// Words from column to width; the first line starts where the cursor is.
std::string wrapped(const std::string& text, std::size_t column, std::size_t width) {
  std::string out;
  std::size_t at = column;
  for (std::size_t from = 0; from < text.size();) {
    const auto blank = std::min(text.find(' ', from), text.size());
    const auto word = text.substr(from, blank - from);
    if (at > column && at + 1 + word.size() > width) {
      out += "\n" + std::string(column, ' ');
      at = column;
    }
    if (at > column) out += ' ', ++at;
    out += word;
    at += word.size();
    from = blank + 1;
  }
  return out;
}

std::string help_line(const std::string& flag, const std::string& meta, const std::string& help) {
  std::string line = "  " + flag + (meta.empty() ? "" : " " + meta);
  if (line.size() + 2 > kHelpColumn)
    line += "\n" + std::string(kHelpColumn, ' ');
  else
    line.resize(kHelpColumn, ' ');
  return line + wrapped(help, kHelpColumn, kHelpWidth) + "\n";
}

std::string help_of(const Option& option) {
  std::string notes;
  const auto note = [&](const std::string& text) {
    if (!text.empty()) notes += (notes.empty() ? "" : "; ") + text;
  };
  // Bounds stand after the comma of `needs`; what the type itself needs is in the placeholder already.
  if (const auto comma = option.needs.find(", "); option.is_number && comma != std::string::npos)
    note(option.needs.substr(comma + 2));
  note(default_words(option));
  if (option.is_list) note("repeatable");
  return option.help + (notes.empty() ? "" : " (" + notes + ")");
}

// Calls `each` for every option, section by section in the order of first appearance.
template <class OnSection, class Each>
void by_section(const OptionTable& table, OnSection on_section, Each each) {
  std::vector<std::string> sections;
  for (const auto& option : table.options())
    if (std::find(sections.begin(), sections.end(), option.section) == sections.end())
      sections.push_back(option.section);
  for (const auto& section : sections) {
    on_section(section);
    for (std::size_t i = 0; i < table.options().size(); ++i)
      if (table.options()[i].section == section) each(table.options()[i], i);
  }
}

std::string cell(std::string text) {
  for (std::size_t at = 0; (at = text.find('|', at)) != std::string::npos; at += 2) text.insert(at, 1, '\\');
  return text;
}

}  // namespace

std::string help_text(const OptionTable& table) {
  std::string out = "footbridge " + table.program() + " - " + table.summary() + "\n\n";
  if (!table.first_steps().empty()) out += table.first_steps() + "\n\n";
  if (!table.examples().empty()) {
    out += "Examples:\n";
    for (const auto& [command, what] : table.examples()) out += "  " + command + "\n      " + what + "\n";
    out += "\n";
  }
  out += "Options:\n";
  for (const auto& option : table.options()) out += help_line(option.flag, option.meta, help_of(option));
  out += help_line("--config", "FILE", "read a TOML file first; flags and environment win over it");
  out += help_line("--print-config", "", "print what is in force and where each value comes from, then exit");
  out += help_line("--check-config", "", "check flags, environment and file, then exit with 0 or 2");
  const auto& sample = table.options().front();
  return out + "\nEvery option is also a key of the file and an environment variable: " + sample.flag + " is " +
         sample.key + " in\n[" + sample.section + "] and " + sample.environment + ".\nAll of them: docs/ops/config-" +
         table.program() + ".md. Exit codes: 0 done, 1 failed while running, 2 usage or configuration.\n";
}

std::string print_config(const OptionTable& table, const LoadedOptions& loaded) {
  std::string out = "# footbridge " + table.program() + ": what is in force, and where each value comes from\n";
  by_section(
      table, [&](const std::string& section) { out += "\n[" + section + "]\n"; },
      [&](const Option& option, std::size_t index) {
        const auto texts = option.texts();
        const bool unset = texts.empty() && !option.is_list;
        const auto value = option.is_secret && !unset ? toml_text("<set>") : toml_value(option, texts);
        out +=
            (unset ? "# " + option.key + " is not set" : option.key + " = " + value + "  # " + loaded.origins[index]) +
            "\n";
      });
  return out;
}

std::string reference_page(const OptionTable& table) {
  std::string out =
      "# Options of `footbridge " + table.program() + "`\n\n<!-- Generated by `footbridge docs reference " +
      table.program() + "`; a test compares. Change the option table, not this page. -->\n\n" + table.summary() +
      ".\n\nFlags win over environment, environment over the file given with `--config`, the file over the default.\n"
      "Lists: the flag is repeated, the environment has commas, the file an array. Reload: taken over on SIGHUP;\n"
      "the others need a restart.\n";
  by_section(
      table,
      [&](const std::string& section) {
        out += "\n## [" + section +
               "]\n\n| key | flag | environment | value | default | reload | what it does "
               "|\n|---|---|---|---|---|---|---|\n";
      },
      [&](const Option& o, std::size_t) {
        std::string initial;
        for (const auto& text : o.initial) initial += (initial.empty() ? "`" : ", `") + cell(text) + "`";
        out += "| `" + o.key + "` | `" + o.flag + "` | `" + o.environment + "` | " + cell(o.needs) +
               (o.is_list ? ", repeatable" : "") + " | " + (initial.empty() ? "-" : initial) + " | " +
               (o.is_reloadable ? "yes" : "no") + " | " + cell(o.help) + " |\n";
      });
  return out;
}

std::string example_file(const OptionTable& table) {
  std::string out = "# footbridge " + table.program() +
                    " --config THIS_FILE\n# Every key with its default; remove the # to set one.\n";
  by_section(
      table, [&](const std::string& section) { out += "\n[" + section + "]\n"; },
      [&](const Option& o, std::size_t) {
        const auto texts = o.initial.empty() && !o.is_list ? std::vector{o.example} : o.initial;
        out += "# " + o.help + "; " + o.needs + (o.initial.empty() && !o.is_list ? " (not set by default)" : "") +
               "\n#" + o.key + " = " + toml_value(o, texts) + "\n";
      });
  return out;
}

}  // namespace footbridge::ops
