#include "programs/join/join_command.hpp"

#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <optional>
#include <unistd.h>

#include "base/encoding.hpp"
#include "core/network/fingerprint.hpp"
#include "core/network/signed_invite.hpp"
#include "io/clock.hpp"
#include "programs/date_text.hpp"
#include "programs/join/join_options.hpp"
#include "programs/joined_networks.hpp"
#include "programs/state_directory.hpp"
#include "programs/terminal_input.hpp"
#include "wire/invite_text.hpp"

namespace footbridge::join {
namespace {

using ops::UsageError;
using wire::InviteErrc;

std::string_view advice(InviteErrc why) {
  switch (why) {
    case InviteErrc::NotAnInvite: return "this is not an invite; one begins with footbridge1";
    case InviteErrc::Newer: return "this invite is of a newer version; update this program";
    case InviteErrc::TooLong: return "this is far too long for an invite; paste the invite only";
    case InviteErrc::CutOff: return "this invite ends too early; copy all of it, to its last line";
    case InviteErrc::WrongCharacter: return "something stands in this invite that none has; copy it again";
    case InviteErrc::Mistyped: return "this invite has a mistake, a character is wrong or missing; copy it again";
    case InviteErrc::Malformed: return "this invite was copied well and still makes no sense; ask for another one";
  }
  return {};
}

std::string advice(core::InviteRefusal why, const wire::Invite& invite) {
  using core::InviteRefusal;
  switch (why) {
    case InviteRefusal::Foreign:
    case InviteRefusal::Forged:
      return "it is not signed by the network that it names: somebody changed it; ask on another way for another one";
    case InviteRefusal::OutOfTime:
      return "it was made for longer than an invite may be, or by a key that was over; ask for another one";
    case InviteRefusal::NotYet: return "it was made in the future; look at this machine's clock";
    case InviteRefusal::Over:
      return "it ended on " + date_text(invite.until) + "; ask for another one, or look at this machine's clock";
    case InviteRefusal::Superseded:
      return "it was signed by a key that this network has replaced since; ask for another one";
  }
  return {};
}

void say(const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); }

void print(const std::string& text) {
  if (std::fputs(text.c_str(), stdout) < 0 || std::fflush(stdout) != 0)
    throw ops::RunError("standard output cannot be written");
}

// Not more than `most` bytes and one, so that a wrong file does not fill memory.
std::string read_some(std::istream& in, std::size_t most) {
  std::string out(most + 1, '\0');
  in.read(out.data(), static_cast<std::streamsize>(out.size()));
  out.resize(static_cast<std::size_t>(in.gcount()));
  return out;
}

std::string read_file(const std::string& option, const ops::FilePath& file, std::size_t most) {
  std::ifstream in(file.path, std::ios::binary);
  auto out = read_some(in, most);
  if (!in.is_open() || in.bad()) throw UsageError(option + ": " + file.path + " cannot be read");
  return out;
}

// Line by line until it is whole. A letter may say "footbridge1" before its invite comes, and has empty lines: one ends
// it only when an invite was begun. What is wrong is said as soon as nothing more comes, and another paste may follow.
Result<wire::Invite, InviteErrc> read_terminal(TerminalInput& terminal) {
  say("Paste the invite and press Enter:");
  std::string text;
  auto why = InviteErrc::NotAnInvite;
  while (text.size() <= wire::kMaxInviteTextBytes) {
    const auto line = terminal.line();
    if (!line) break;
    if (*line == "\n") {
      if (why == InviteErrc::CutOff) break;
      continue;
    }
    text += *line;
    auto invite = wire::parse_invite_text(text);
    if (invite) return invite;
    why = invite.error();
    // One that is cut off waits for its last line, which has no line break before Enter is pressed.
    if (why != InviteErrc::CutOff && why != InviteErrc::TooLong && terminal.is_quiet())
      say(std::string(advice(why)) + "\nPaste it here, or press Ctrl-D to stop:");
  }
  return why;
}

wire::Invite read_invite(const JoinOptions& options, std::optional<TerminalInput>& terminal) {
  auto invite = [&] {
    if (options.file) return wire::parse_invite_text(read_file("--file", *options.file, wire::kMaxInviteTextBytes));
    if (terminal) return read_terminal(*terminal);
    return wire::parse_invite_text(read_some(std::cin, wire::kMaxInviteTextBytes));
  }();
  if (invite) return std::move(*invite);
  throw UsageError((options.file ? "--file: " : "invite: ") + std::string(advice(invite.error())));
}

// Fails closed: a line that was pasted before the question answers nothing.
std::string age_text(const core::DirectoryKeeper& keeper, UnixSeconds now) {
  const auto* serving = keeper.serving(now);
  switch (keeper.age(now)) {
    case core::DirectoryKeeper::Age::None: return "none yet";
    case core::DirectoryKeeper::Age::Current: return "current, until " + date_text(serving->valid.until);
    case core::DirectoryKeeper::Age::Stale: return "out of date, still used until " + date_text(*keeper.serves_until());
    case core::DirectoryKeeper::Age::TooOld: return "too old to be used since " + date_text(*keeper.serves_until());
  }
  return {};
}

std::string whose(const wire::Invite& invite) {
  return "network:      " + invite.network + "\nfingerprint:  " + core::fingerprint_of(invite.root);
}

constexpr std::size_t kShownDigits = 16;  // of the root's key, by which --forget names a network, too

void list(const JoinedNetworks& networks, UnixSeconds now) {
  std::string out;
  for (const auto& network : networks.all())
    out += network.invite.network + "\n  fingerprint:  " + core::fingerprint_of(network.invite.root) +
           "\n  root:         " + encode_hex(network.invite.root.view().first(kShownDigits / 2)) +
           "\n  directory:    " + age_text(network.keeper, now) + "\n";
  print(out.empty() ? "no network was joined yet; run footbridge join and paste an invite\n" : out);
}

void take_directory(JoinedNetwork& network, const ops::FilePath& file, UnixSeconds now) {
  const auto bytes = read_file("--directory", file, wire::kMaxSignedDirectoryBytes);
  const auto taken = network.keeper.take(now, as_bytes(bytes));
  if (!taken)
    throw UsageError("--directory: " + file.path + " is not taken: " + std::string(core::name(taken.error())) +
                     "; ask for a new one, or look at this machine's clock");
}

void require_terminal(const JoinOptions& options) {
  if (::isatty(STDIN_FILENO) != 1 && !options.yes)
    throw UsageError(
        "--yes: standard input is no terminal, so nobody can be asked; say --yes if the words were compared");
}

void join(const JoinOptions& options, const JoinedNetworks& networks, UnixSeconds now) {
  const bool at_terminal = ::isatty(STDIN_FILENO) == 1;
  require_terminal(options);
  // Left alone when nothing is read from it: we may be running in the background.
  std::optional<TerminalInput> terminal;
  if (at_terminal && !(options.file && options.yes)) terminal.emplace();
  const auto invite = read_invite(options, terminal);
  const auto known = networks.find(invite.root);
  if (const auto wrong = core::judge_invite(invite, now, known ? known->keeper.serial() : 0))
    throw UsageError("invite: " + advice(*wrong, invite));
  print(whose(invite) + "\n");
  // Who is asked must see about what.
  if (!options.yes && ::isatty(STDOUT_FILENO) != 1) say(whose(invite));
  if (known) say("This network was joined before; the new invite takes the place of the old one.");
  // Looked at before anything is written: a wrong file changes nothing.
  auto network = known ? *known : JoinedNetwork{invite, core::DirectoryKeeper(invite.root), {}};
  if (options.directory) take_directory(network, *options.directory, now);
  if (!options.yes && !says_yes(*terminal, "Are these the words of the person who invited you? Join?"))
    throw ops::RunError("not joined, nothing was kept");
  network.folder = networks.join(invite).folder;
  if (options.directory) networks.keep_directory(network);
  say("Joined. Next: footbridge connect, to get out through it; or footbridge volunteer, to lend your connection.");
}

void forget(const JoinOptions& options, const JoinedNetworks& networks) {
  const auto named = networks.named(*options.forget);
  if (named.empty()) throw UsageError("--forget: no joined network is called so; see footbridge join --list");
  if (named.size() > 1)
    throw UsageError("--forget: several joined networks are called so; say the first digits of its root instead");
  const auto& network = named.front();
  print(whose(network.invite) + "\n");
  if (!options.yes) {
    require_terminal(options);
    TerminalInput terminal;
    if (!says_yes(terminal, "Leave it? To come back takes another invite, or a use of yours that is left."))
      throw ops::RunError("not left, all was kept");
  }
  networks.forget(network);
  say("Left. Programs that run go on until they are stopped.");
}

int run(const Arguments& arguments) {
  JoinOptions options;
  auto table = option_table(options);
  for (const auto& argument : arguments)
    if (argument.starts_with(wire::kInvitePrefix))
      throw UsageError(
          "an invite does not belong on the command line, where others can read it; run footbridge join, "
          "then paste it");
  const auto loaded = ops::load_options(table, arguments, ops::process_environment());
  if (loaded.wanted != ops::Wanted::Run) return print_wanted(table, loaded);
  const auto state = state_directory(options.state_dir, std::nullopt);
  if (!state) throw UsageError("--state-dir: there is no home directory to keep networks in; name a directory");
  const JoinedNetworks networks(*state);
  if (options.list)
    list(networks, io::unix_now());
  else if (options.forget)
    forget(options, networks);
  else
    join(options, networks, io::unix_now());
  return ops::kExitDone;
}

}  // namespace

Command join_command() { return described_command<JoinOptions>(run); }

}  // namespace footbridge::join
