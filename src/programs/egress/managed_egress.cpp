#include "programs/egress/managed_egress.hpp"

#include <filesystem>
#include <map>
#include <mutex>
#include <sys/stat.h>
#include <system_error>

#include "io/clock.hpp"
#include "ops/errors.hpp"
#include "ops/key_file.hpp"
#include "programs/egress/bridge.hpp"
#include "programs/egress/run_egress.hpp"
#include "programs/parent_watch.hpp"

namespace footbridge::egress {
namespace {

std::string state_folder(const wire::PtServerRequest& request) {
  return (std::filesystem::path(request.state_dir) / wire::kPtTransport).string();
}

// tor names a directory that need not exist. One that does is left as it is: the keys in it have modes of their own.
void make_folder(const std::string& path) {
  std::error_code error;
  const auto before = ::umask(077);
  std::filesystem::create_directories(path, error);
  ::umask(before);
  if (error || !std::filesystem::is_directory(path, error))
    throw ops::RunError("the state directory " + path + " cannot be made" + (error ? ": " + error.message() : ""));
}

std::string_view sentence(BridgeErrc why) {
  switch (why) {
    case BridgeErrc::Refused: return "nobody listens at tor's OR port";
    case BridgeErrc::Unreachable: return "there is no route to tor's OR port";
    case BridgeErrc::TimedOut: return "tor's OR port did not answer in time";
    case BridgeErrc::NoCookie:
      return "the cookie file of tor's extended OR port cannot be read, or may be read by everybody";
    case BridgeErrc::WrongCookie:
      return "what listens at the extended OR port does not know tor's cookie; it was told nothing";
    case BridgeErrc::NotBelieved: return "tor's extended OR port did not accept our cookie";
    case BridgeErrc::Denied: return "tor refused a connection of one of our clients";
    case BridgeErrc::NoExtOrPort: return "what listens at the extended OR port is none";
    case BridgeErrc::Failed: return "the connection to tor's OR port broke before it was ready";
  }
  FB_ASSERT(false);
}

// Tells the parent why streams do not reach it, each reason at most once in kComplainAgain. Threads: any.
class Complaints {
 public:
  explicit Complaints(ManagedTransport& parent) : parent_(parent) {}

  void on_failure(BridgeErrc why) {
    const auto now = io::now();
    {
      const std::scoped_lock lock(mutex_);
      auto& told = told_[why];
      if (told && now - *told < kComplainAgain) return;
      told = now;
    }
    const auto severity = why == BridgeErrc::Denied ? wire::PtSeverity::Info : wire::PtSeverity::Warning;
    parent_.log(severity, sentence(why));
  }

 private:
  ManagedTransport& parent_;
  std::mutex mutex_;
  std::map<BridgeErrc, std::optional<TimePoint>> told_;  // one entry per reason
};

void prepare(EgressOptions& options, const wire::PtServerRequest& request) {
  const auto folder = state_folder(request);
  options.listen = request.bind.value_or(ops::loopback(0));
  options.create = true;
  options.identity_file = ops::FilePath{folder + "/egress.pem"};
  options.leg_key_file = ops::FilePath{folder + "/leg.key"};
  options.descriptor_out = ops::FilePath{folder + "/egress.toml"};
  options.policy = PolicyPreset::Off;
  options.or_port = request.or_port;
  options.ext_or_port = request.extended_or_port;
  if (request.extended_or_port) options.auth_cookie_file = ops::FilePath{request.auth_cookie_file};
}

void check_managed(const EgressOptions& options, const wire::PtServerRequest&) {
  if (!options.relay_url && !ops::is_loopback(options.listen.address))
    throw ops::UsageError(
        "how do volunteers reach this bridge from outside? Say it in torrc: ServerTransportOptions footbridge "
        "relay-url=ws://HOST:PORT/leg");
  check(options);
}

int run_managed(const EgressOptions& options, const Reload<EgressOptions>& reload, const wire::PtServerRequest& request,
                ManagedTransport& parent) {
  make_folder(state_folder(request));
  RunLoop loop(SignalsFrom::Parent);
  const ParentWatch watch(loop.executor(), request.exit_on_stdin_close, [&loop] { loop.request_stop(); });
  Complaints complaints(parent);
  run_egress(loop, options, reload,
             {.listening =
                  [&](const Endpoint& at, const quic::SpkiPin& pin) {
                    const auto file = std::filesystem::path(request.state_dir) / "footbridge_bridgeline.txt";
                    ops::write_public_file("TOR_PT_STATE_LOCATION", {file.string()}, bridge_line_file(pin));
                    parent.offer(at, {{"pin", Private<std::string>(pin.to_hex())}});
                    parent.done();
                    parent.log(wire::PtSeverity::Notice, "what people need for this bridge is in " + file.string());
                  },
              .bridge_failed = [&complaints](BridgeErrc why) { complaints.on_failure(why); }});
  return ops::kExitDone;
}

}  // namespace

std::string bridge_line_file(const quic::SpkiPin& pin) {
  return "# For the torrc of those who use this bridge. FINGERPRINT is this bridge's (tor writes it into the file\n"
         "# \"fingerprint\" of its data directory), BROKER the URL of the broker that this egress is known to. The "
         "address\n"
         "# is never dialled: volunteers are the way here.\n"
         "Bridge footbridge 192.0.2.3:80 FINGERPRINT broker=BROKER pin=" +
         pin.to_hex() + "\n";
}

ManagedProgram<EgressOptions, wire::PtServerRequest> managed_egress() {
  return {.prepare = prepare, .check = check_managed, .run = run_managed};
}

}  // namespace footbridge::egress
