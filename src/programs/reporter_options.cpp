#include "programs/reporter_options.hpp"

#include "ops/errors.hpp"
#include "wire/netstate_report.hpp"

namespace footbridge {

void add_reporter_options(ops::OptionTable& table, ReporterOptions& reporter) {
  table
      .add("netstate", "reporter", reporter.file,
           "tell netstate how we are, with this file that footbridge network reporter has made; without it nobody is "
           "told")
      .like("reporter.toml");
  table
      .add("netstate", "tag", reporter.tag,
           "what to call us there, 1 to 16 characters out of a-z, 0-9 and -; shown on private networks only")
      .like("attic");
}

void check_reporter(const ReporterOptions& reporter) {
  if (reporter.tag && !reporter.file) throw ops::UsageError("--tag: goes with --reporter; nobody is told it otherwise");
  if (reporter.tag && !wire::is_tag(*reporter.tag))
    throw ops::UsageError("--tag: needs 1 to 16 characters out of a-z, 0-9 and -");
}

}  // namespace footbridge
