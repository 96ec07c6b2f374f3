#include "programs/common_options.hpp"

namespace footbridge {

void add_common_options(ops::OptionTable& table, CommonOptions& common) {
  using observe::Format;
  using observe::Level;
  table
      .choose("log", "level", common.log.level,
              {{"err", Level::Err},
               {"warn", Level::Warn},
               {"notice", Level::Notice},
               {"info", Level::Info},
               {"debug", Level::Debug}},
              "least important event to log")
      .named("log-level")
      .like("info")
      .reloadable();
  table
      .choose("log", "format", common.log.format, {{"logfmt", Format::Logfmt}, {"json", Format::Json}},
              "logfmt for people and journals, json for collectors")
      .named("log-format")
      .like("json");
  table
      .add("log", "unsafe", common.log.unsafe,
           "let addresses and host names into the log; warns each hour; endangers the people in it")
      .named("unsafe-logging");
  table
      .add("admin", "listen", common.admin,
           "serve metrics, health and status here; unset: on a Unix socket in $RUNTIME_DIRECTORY if systemd gives one, "
           "else, of volunteer and connect, in the state directory, where footbridge status finds it")
      .named("admin");
  table
      .add("drain", "timeout", common.drain_timeout,
           "after SIGTERM or Ctrl-C, let what is running finish for so long; a second signal ends at once",
           {{Millis(0), Millis(3'600'000)}})
      .named("drain-timeout")
      .like("10s");
}

void add_link_options(ops::OptionTable& table, LinkOptions& link) {
  table
      .add(
          "link", "stun", link.stun,
          "ask this server for our outside address, and what our address translation is like; name two or more; unset: "
          "those of the network that was joined, or public ones if it lists none")
      .like("stun.example:3478");
  table
      .choose("link", "nat", link.nat,
              {{"auto", NatSetting::Auto},
               {"unknown", NatSetting::Unknown},
               {"open", NatSetting::Open},
               {"moderate", NatSetting::Moderate},
               {"strict", NatSetting::Strict}},
              "what to tell the broker of our address translation; auto: what can be measured; unknown: "
              "nothing, and it is not measured")
      .like("auto");
  table
      .choose(
          "link", "native_link", link.native_link, {{"on", NativeLinks::On}, {"off", NativeLinks::Off}},
          "link without SCTP to other native programs: less CPU, and much faster where packets get lost; off: every "
          "link has a browser's form, for countries that look for others")
      .like("on");
  table.add("link", "allow_private_candidates", link.allow_private_candidates,
            "link to private and loopback addresses too; for demo and tests only");
  table
      .add("state", "dir", link.state_dir,
           "keep what marks this installation here, so that its client and its volunteer never meet; unset: "
           "where tor says if it starts us, $STATE_DIRECTORY, $XDG_STATE_HOME/footbridge or ~/.local/state/footbridge")
      .named("state-dir");
}

}  // namespace footbridge
