// The self-tag: a random number per installation, which client and volunteer of one installation share and the broker
// compares, so that nobody is ever "helped" by himself. It names nothing else and is said to the broker only.
#pragma once

#include <filesystem>
#include <optional>

#include "base/id.hpp"
#include "base/rng.hpp"
#include "programs/common_options.hpp"

namespace footbridge {

// As programs/state_directory.hpp says, for a client or a volunteer.
std::optional<std::filesystem::path> state_directory(const LinkOptions& options);

// Reads the installation's tag, or makes it (directory mode 0700, file mode 0600). Where nothing can be kept, it is a
// new one for this process, and the log says so. Throws ops::UsageError when --state-dir was given and cannot be used.
SelfTag load_self_tag(const LinkOptions& options, Rng& rng);

}  // namespace footbridge
