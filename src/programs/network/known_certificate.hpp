// The key of a certificate that proves itself only by being known: PEM, signed by its own key.
//
// Errors: ops::UsageError names the option and the file. Threads: any.
#pragma once

#include <string_view>

#include "ops/values.hpp"
#include "wire/network.hpp"

namespace footbridge::network {

wire::SpkiSha256 key_of_certificate(std::string_view option, const ops::FilePath& file);

}  // namespace footbridge::network
