// Options that every program has.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/private.hpp"
#include "observe/log.hpp"
#include "ops/option_table.hpp"
#include "ops/values.hpp"

namespace footbridge {

struct CommonOptions {
  observe::LogSettings log{};
  std::optional<ops::AdminAddress> admin = std::nullopt;
  Millis drain_timeout{60'000};  // as long as a person waits for a download to end; packaged units allow 15 s more
};

void add_common_options(ops::OptionTable& table, CommonOptions& common);

// What the program tells the broker of its own address translation.
enum class NatSetting : std::uint8_t {
  Auto,      // what can be measured; unknown otherwise
  Unknown,   // nothing: nobody is asked
  Open,      // endpoint-independent mapping, filtering by address at most
  Moderate,  // endpoint-independent mapping, filtering by address and port
  Strict,    // a mapping for each destination
};

// Whether links may do without SCTP where the other end can, too.
enum class NativeLinks : std::uint8_t {
  On,   // half the CPU, and ten times the speed where packets get lost
  Off,  // where looks matter more: a link without SCTP's first records is no browser's
};

// Shared by the two ends of a link.
struct LinkOptions {
  std::vector<Private<ops::HostPort>> stun;
  NatSetting nat = NatSetting::Auto;
  NativeLinks native_link = NativeLinks::On;
  bool allow_private_candidates = false;   // demo and tests only: packaged units refuse it
  std::optional<ops::FilePath> state_dir;  // where the installation's self-tag is kept; see state_directory()
  std::optional<ops::FilePath> parent_state_dir = std::nullopt;  // where a parent lets us keep it; no option
};

void add_link_options(ops::OptionTable& table, LinkOptions& link);

// What a program gets besides its options: a second look at flags, environment and file, for SIGHUP.
// Throws UsageError when they are wrong now; the caller keeps what it has and says why.
template <class Options>
struct Reloaded {
  Options options;
  std::vector<std::string> reloadable;     // names of changed options that apply at once
  std::vector<std::string> needs_restart;  // names of changed options that do not
};
template <class Options>
using Reload = std::function<Reloaded<Options>()>;

}  // namespace footbridge
