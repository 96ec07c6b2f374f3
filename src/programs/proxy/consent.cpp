#include "programs/proxy/consent.hpp"

#include <cstdio>
#include <filesystem>
#include <string>
#include <system_error>
#include <unistd.h>

#include "observe/log.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "programs/self_tag.hpp"
#include "programs/terminal_input.hpp"

namespace footbridge::proxy {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kWhoSeesWhat = R"(
You are about to lend a bit of your connection. Who sees what, before it begins:

  Whom you help   sees your address, as you see theirs. What they read and write goes through you
                  encrypted: you cannot read it, and cannot tell where it goes.
  Their censor    may see your address while it watches them, and may block it in its country.
  The broker      sees your address, when you are there and what your router lets through.
  The egress      sees your address and how much passes. Websites see the egress, never you.
  STUN servers    see your address, and that you ask how it looks from outside: those that your
                  network names, or public ones.
  Your provider   sees encrypted traffic with strangers' addresses, and how much of it.

  Kept here       how many people you helped and how many bytes, never who or where.
  To stop         Ctrl-C, or stop the service: whoever is helped goes on through others.

  Do not run it where helping is punished, or at the address of a Tor relay or bridge.

)";

// Where it cannot be kept and nobody named the folder, the answer is for this time.
void keep(const LinkOptions& options, const fs::path& folder) try {
  std::error_code error;
  if (fs::create_directories(folder, error)) fs::permissions(folder, fs::perms::owner_all, error);
  ops::replace_key_file("--state-dir", {(folder / kAgreedFile).string()}, "");
} catch (const ops::UsageError&) {
  if (options.state_dir) throw;
  observe::log(observe::Level::Warn, "state-not-kept", observe::kv("why", "cannot be read or written"));
}

}  // namespace

void require_consent(const VolunteerOptions& options) {
  if (options.agreed) return;
  const auto folder = state_directory(options.link);
  std::error_code error;
  if (folder && fs::exists(*folder / kAgreedFile, error)) return;
  if (::isatty(STDIN_FILENO) != 1 || ::isatty(STDERR_FILENO) != 1)
    throw ops::UsageError(
        "--agreed: nobody here was told who sees what; run footbridge volunteer once in a terminal, or say --agreed if "
        "you have read it in docs/ops/volunteer.md");
  std::fwrite(kWhoSeesWhat.data(), 1, kWhoSeesWhat.size(), stderr);
  TerminalInput terminal;
  if (!says_yes(terminal, "Lend it?")) throw ops::RunError("nothing was begun, nothing is kept");
  if (folder) keep(options.link, *folder);
}

}  // namespace footbridge::proxy
