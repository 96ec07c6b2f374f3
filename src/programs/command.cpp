#include "programs/command.hpp"

#include <cstdio>

#include "base/assert.hpp"
#include "ops/completions.hpp"
#include "ops/man_pages.hpp"

namespace footbridge {

int print_wanted(const ops::OptionTable& table, const ops::LoadedOptions& loaded) {
  std::string text;
  switch (loaded.wanted) {
    case ops::Wanted::Help: text = help_text(table); break;
    case ops::Wanted::PrintConfig: text = print_config(table, loaded); break;
    case ops::Wanted::CheckConfig: text = "the configuration is complete and correct\n"; break;
    case ops::Wanted::Run: FB_ASSERT(false);
  }
  const bool written = std::fputs(text.c_str(), stdout) >= 0 && std::fflush(stdout) == 0;
  if (!written) throw ops::RunError("standard output cannot be written");
  return ops::kExitDone;
}

std::string document_of(const ops::OptionTable& table, std::string_view what) {
  if (what == "reference") return reference_page(table);
  if (what == "example") return example_file(table);
  if (what == "man") return command_page(table);
  if (what == "file") return file_page(table);
  if (what == "bash") return completion_branch(ops::Shell::Bash, table);
  if (what == "zsh") return completion_branch(ops::Shell::Zsh, table);
  throw ops::UsageError("footbridge docs: \"" + std::string(what) + "\" is none of reference, example, man, file");
}

}  // namespace footbridge
