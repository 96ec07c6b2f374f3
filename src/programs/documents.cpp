#include "programs/documents.hpp"

#include "ops/completions.hpp"
#include "ops/man_pages.hpp"

namespace footbridge {

std::string document_of_all(const std::vector<Command>& commands, std::string_view what) {
  std::vector<std::string> names, branches;
  std::vector<std::pair<std::string, std::string>> listed;
  const bool is_script = what == "bash" || what == "zsh";
  for (const auto& command : commands) {
    if (!command.runs) continue;
    names.push_back(command.name);
    listed.emplace_back(command.name, command.summary);
    if (is_script) branches.push_back(command.document(what));
  }
  if (is_script) return ops::completion_script(what == "bash" ? ops::Shell::Bash : ops::Shell::Zsh, names, branches);
  if (what == "man") return ops::overview_page(kSummary, listed);
  if (what != "names")
    throw ops::UsageError("footbridge docs: \"" + std::string(what) + "\" is none of names, man, bash, zsh");
  std::string out;
  for (const auto& name : names) out += name + "\n";
  return out;
}

}  // namespace footbridge
