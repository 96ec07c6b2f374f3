#include "programs/join/join_options.hpp"

namespace footbridge::join {

ops::OptionTable option_table(JoinOptions& o) {
  ops::OptionTable table("join", "join a network that you were invited to");
  table.first(
      "Run it and paste the invite. It shows the network's name and six words: compare them with those of the person\n"
      "who invited you, on another way than the one on which the invite came. The same words are the same network.\n"
      "They prove all that is in the invite: who changed one on its way to you is found out, or has other words.");
  table.example("footbridge join", "paste the invite, compare, answer yes");
  table.example("footbridge join --file invite.txt", "read the invite from a file");
  table.example("footbridge join --list", "which networks were joined");
  table.example("footbridge join --forget \"Friends of Sara\"", "leave one, and remove what was kept of it");
  table.add("join", "file", o.file, "read the invite from this file, not from the terminal or standard input")
      .like("invite.txt");
  table.add("join", "directory", o.directory, "take the network's signed directory from this file, too")
      .like("directory.signed");
  table.add("join", "yes", o.yes, "do not ask; needed where standard input is no terminal");
  table.add("join", "list", o.list, "join nothing, and list the networks that were joined");
  table.add("join", "forget", o.forget, "leave this network, by its name or the first digits of its root; asks, too")
      .like("\"Friends of Sara\"");
  table
      .add("state", "dir", o.state_dir,
           "where networks are kept; unset: $STATE_DIRECTORY, $XDG_STATE_HOME/footbridge or ~/.local/state/footbridge")
      .named("state-dir");
  return table;
}

}  // namespace footbridge::join
