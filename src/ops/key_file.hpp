// Secrets live in files of their own, never in flags, environment or the main file. Each problem is a UsageError with
// one line that names the option, the file and the remedy. Contents are never part of an error text.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/private.hpp"
#include "ops/values.hpp"

namespace footbridge::ops {

inline constexpr std::size_t kMaxKeyFileBytes = 64 * 1024;

// A name without a / is looked up in $CREDENTIALS_DIRECTORY first (systemd LoadCredential=), then from where we run.
// The file must be regular and readable by its owner only, who is us or root, and have `most` bytes at most: more than
// kMaxKeyFileBytes where private things are listed.
Private<std::string> read_key_file(std::string_view option, const FilePath& file, std::size_t most = kMaxKeyFileBytes);

// 64 hexadecimal digits and at most one newline: a broker–egress key.
using Key32 = std::array<std::byte, 32>;
Private<Key32> read_key32(std::string_view option, const FilePath& file);

// Mode 0600, never over an existing file, and whole or not at all also when we are killed meanwhile.
void create_key_file(std::string_view option, const FilePath& file, std::string_view contents);

// Replaces the file, or makes it, at once or leaves the old one (write beside, rename). Mode 0600.
void replace_key_file(std::string_view option, const FilePath& file, std::string_view contents);

// The same for what may be lost when the power fails, because it is learned anew: it does not wait for the disk, which
// may take a second on a phone. For files that a loop writes while it carries people's bytes.
void replace_private_note(std::string_view option, const FilePath& file, std::string_view contents);

// The same as replace_key_file with mode 0644, for what others may read.
void write_public_file(std::string_view option, const FilePath& file, std::string_view contents);

}  // namespace footbridge::ops
