#include "programs/doctor/doctor_command.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <exception>
#include <unistd.h>

#include "ops/errors.hpp"
#include "programs/doctor/doctor_options.hpp"
#include "programs/doctor/examination.hpp"
#include "programs/doctor/report.hpp"

namespace footbridge::doctor {
namespace {

// One line that is written over, for a person who waits.
void show_progress(std::size_t over, std::size_t all) {
  if (::isatty(STDERR_FILENO) != 1) return;
  if (over < all)
    std::fprintf(stderr, "\r%zu of %zu checks are over …", over, all);
  else
    std::fputs("\r\x1b[K", stderr);
}

Examined examine_here(const DoctorOptions& options) {
  asio::io_context context(1);
  Examined out;
  std::exception_ptr failure;
  asio::co_spawn(context, examine(options, show_progress), [&](std::exception_ptr error, Examined examined) {
    failure = error;
    out = std::move(examined);
    context.stop();
  });
  context.run();
  if (failure) std::rethrow_exception(failure);
  return out;
}

int run(const Arguments& arguments) {
  DoctorOptions options;
  auto table = option_table(options);
  const auto loaded = ops::load_options(table, arguments, ops::process_environment());
  if (loaded.wanted != ops::Wanted::Run) return print_wanted(table, loaded);
  check(options);
  // What it finds it says itself; events of what it uses would be said twice.
  observe::configure_log({.level = observe::Level::Err, .format = observe::Format::Logfmt, .unsafe = false});
  auto examined = examine_here(options);
  const auto diagnosis = core::diagnose(std::move(examined.seen));
  const auto text = options.json ? json_report(diagnosis, options.role, examined.subjects)
                                 : text_report(diagnosis, options.role, examined.subjects);
  if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0)
    throw ops::RunError("standard output cannot be written");
  return diagnosis.problems == 0 ? ops::kExitDone : ops::kExitFailed;
}

}  // namespace

Command doctor_command() { return described_command<DoctorOptions>(run); }

}  // namespace footbridge::doctor
