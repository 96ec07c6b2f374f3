// Turns a program (its option table, check and run) into a subcommand of the one binary: help, --print-config,
// --check-config, logging, reload. Errors leave as ops::UsageError or ops::RunError; main() maps them to exit codes.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "ops/options.hpp"
#include "programs/common_options.hpp"

namespace footbridge {

using Arguments = std::vector<std::string>;  // those after the subcommand

// One subcommand as main() sees it.
struct Command {
  std::string name;
  std::string summary;
  bool runs = false;  // false: this build can check its configuration and no more; it is not listed
  std::function<int(const Arguments&)> run;
  std::function<std::string(std::string_view what)> document;  // one word of document_of()
};

// Prints what --help, --print-config or --check-config ask for; answers the exit code.
int print_wanted(const ops::OptionTable& table, const ops::LoadedOptions& loaded);
// reference, example, man (its page of section 1), file (the file's, of section 5), bash, zsh (its branch of a script).
std::string document_of(const ops::OptionTable& table, std::string_view what);

template <class Options>
using Run = int (*)(const Options&, const Reload<Options>&);

// Where a program's options come from, each time they are read: at the start and for a reload.
template <class Options>
struct OptionSources {
  Arguments arguments;
  ops::NamedOptions named;  // of a parent (managed_command.hpp); none otherwise
  std::function<Options()> defaults = [] { return Options(); };
  std::function<void(const Options&)> judge = [](const Options& options) { check(options); };
};

// Reads everything again and compares it with what was in force until now.
template <class Options>
Reloaded<Options> load_again(const OptionSources<Options>& sources, Options& current) {
  Reloaded<Options> out{sources.defaults(), {}, {}};
  const auto before = option_table(current);
  auto after = option_table(out.options);
  ops::load_options(after, sources.arguments, ops::process_environment(), sources.named);
  sources.judge(out.options);
  for (const auto& changed : ops::changed_options(before, after))
    (changed.reloadable ? out.reloadable : out.needs_restart).push_back(changed.name);
  current = out.options;
  return out;
}

template <class Options>
Reload<Options> reload_from(const OptionSources<Options>& sources, const Options& options) {
  return [sources, current = options]() mutable { return load_again(sources, current); };
}

template <class Options>
int run_command(Run<Options> run, const Arguments& arguments) {
  const OptionSources<Options> sources{.arguments = arguments, .named = {}};
  auto options = sources.defaults();
  auto table = option_table(options);
  const auto loaded = ops::load_options(table, arguments, ops::process_environment());
  if (loaded.wanted == ops::Wanted::CheckConfig) check(options);
  if (loaded.wanted != ops::Wanted::Run) return print_wanted(table, loaded);
  check(options);
  if (run == nullptr)
    throw ops::RunError("this build can check this program's configuration (--check-config), but not run it yet");
  observe::configure_log(options.common.log);
  return run(options, reload_from(sources, options));
}

// A subcommand as its option table describes it.
template <class Options>
Command described_command(std::function<int(const Arguments&)> run, bool runs = true) {
  Options unset;
  const auto table = option_table(unset);
  return {.name = table.program(),
          .summary = table.summary(),
          .runs = runs,
          .run = std::move(run),
          .document = [](std::string_view what) {
            Options fresh;
            return document_of(option_table(fresh), what);
          }};
}

template <class Options>
Command make_command(Run<Options> run) {
  return described_command<Options>([run](const Arguments& arguments) { return run_command<Options>(run, arguments); },
                                    run != nullptr);
}

}  // namespace footbridge
