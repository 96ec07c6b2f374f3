#include "ops/completions.hpp"

#include <algorithm>

namespace footbridge::ops {
namespace {

// How a value is completed follows from what stands for it in help.
bool is_choice(const Option& option) { return option.needs.starts_with("one of "); }
bool is_file(const Option& option) { return option.meta == "FILE"; }

std::string spaced(std::string names) {
  std::replace(names.begin(), names.end(), '|', ' ');
  return names;
}

std::string bash_branch(const OptionTable& table) {
  std::string values, files = "--config", others, flags = "--config --print-config --check-config --help";
  for (const auto& option : table.options()) {
    flags += " " + option.flag;
    if (is_choice(option))
      values += "        " + option.flag + ") COMPREPLY=($(compgen -W '" + spaced(option.meta) +
                "' -- \"$current\")); return ;;\n";
    else if (is_file(option))
      files += "|" + option.flag;
    else if (!option.is_switch)
      others += (others.empty() ? "" : "|") + option.flag;
  }
  std::string out = "    " + table.program() + ")\n      case $before in\n" + values + "        " + files +
                    ") compopt -o filenames; COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n";
  if (!others.empty()) out += "        " + others + ") return ;;\n";
  return out + "      esac\n      flags='" + flags + "' ;;\n";
}

// Inside '…' and of _arguments.
std::string zsh_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'')
      out += "'\\''";
    else if (c == '[' || c == ']' || c == ':' || c == '\\')
      out += std::string("\\") + c;
    else
      out += c;
  }
  return out;
}

std::string zsh_branch(const OptionTable& table) {
  std::string out = "    (" + table.program() + ")\n      _arguments";
  for (const auto& option : table.options()) {
    out += " \\\n        '" + std::string(option.is_list ? "*" : "") + option.flag + "[" + zsh_text(option.help) + "]";
    if (!option.is_switch) out += ":" + zsh_text(is_choice(option) ? "value" : option.meta) + ":";
    if (is_choice(option)) out += "(" + spaced(option.meta) + ")";
    if (is_file(option)) out += "_files";
    out += "'";
  }
  return out +
         " \\\n        '--config[read this file first]:FILE:_files' \\\n        '--print-config[print what is in "
         "force]' \\\n        '--check-config[check flags, environment and file]' \\\n        '--help[print help]' "
         ";;\n";
}

}  // namespace

std::string completion_branch(Shell shell, const OptionTable& table) {
  return shell == Shell::Bash ? bash_branch(table) : zsh_branch(table);
}

std::string completion_script(Shell shell, std::span<const std::string> commands,
                              std::span<const std::string> branches) {
  std::string names, cases;
  for (const auto& command : commands) names += command + " ";
  for (const auto& branch : branches) cases += branch;
  names += "help version";
  if (shell == Shell::Zsh)
    return "#compdef footbridge\n\nif (( CURRENT == 2 )); then\n  compadd " + names +
           "\nelse\n  local command=$words[2]\n  shift words\n  (( CURRENT-- ))\n  case $command in\n" + cases +
           "  esac\nfi\n";
  return "# Completion of footbridge for bash.\n_footbridge() {\n  local current=${COMP_WORDS[COMP_CWORD]} "
         "before=${COMP_WORDS[COMP_CWORD - 1]} flags=\n  if ((COMP_CWORD == 1)); then\n    COMPREPLY=($(compgen -W '" +
         names + "' -- \"$current\"))\n    return\n  fi\n  case ${COMP_WORDS[1]} in\n" + cases +
         "  esac\n  COMPREPLY=($(compgen -W \"$flags\" -- \"$current\"))\n}\ncomplete -F _footbridge footbridge\n";
}

}  // namespace footbridge::ops
