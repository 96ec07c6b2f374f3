// A program that tor and others can start as a managed pluggable transport: what differs from command.hpp. The parent's
// request is read first; what is wrong with our own options then reaches the person through the parent's log.
//
//   make_managed_command(run_connect, ManagedProgram<ConnectOptions, wire::PtClientRequest>{…})
//
// Options, the strongest first: those of the parent for our transport (a server's), flags, environment, file, defaults.
// After an error before DONE the process stays until its parent ends it: tor starts one that ends again at once, each
// second, and repeats the error in its log each time.
#pragma once

#include <exception>
#include <functional>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "programs/command.hpp"
#include "programs/managed_start.hpp"
#include "programs/managed_transport.hpp"
#include "programs/parent_watch.hpp"
#include "programs/run_loop.hpp"

namespace footbridge {

// tor closes our standard input and signals at once when it ends, and nobody waits for a transport then: long enough
// for words of goodbye, short enough that people do not reach for a harder signal. Unless prepare() or --drain-timeout
// says otherwise.
inline constexpr Millis kManagedDrain{1'000};

// Request: wire::PtClientRequest or wire::PtServerRequest.
template <class Options, class Request>
struct ManagedProgram {
  // The defaults of managed mode, before anything else is read: where state is kept, which port.
  void (*prepare)(Options& options, const Request& request);
  // Instead of check(): what need not be said because the parent says it. Throws UsageError.
  void (*check)(const Options& options, const Request& request);
  // Says everything from PROXY DONE to …METHODS DONE, keeps a ParentWatch, and runs until it shall stop. What it throws
  // is told to the parent.
  int (*run)(const Options& options, const Reload<Options>& reload, const Request& request, ManagedTransport& parent);
};

template <class Request>
inline constexpr wire::PtRole kRoleOf =
    std::is_same_v<Request, wire::PtClientRequest> ? wire::PtRole::Client : wire::PtRole::Server;

// What systemd told the parent is not for us: under tor's own unit we would say READY=1 and feed the watchdog in tor's
// name. Removes it from our environment; at the start, while there is one thread.
void forget_service_manager();

// Until SIGTERM, the end of the parent or its goodbye; then answers `code`.
int wait_for_parent(const wire::PtRequest& request, int code);

template <class Options, class Request>
OptionSources<Options> managed_sources(const ManagedProgram<Options, Request>& program, const Arguments& arguments,
                                       const Request& request) {
  OptionSources<Options> sources{.arguments = arguments, .named = {}};
  sources.defaults = [program, request] {
    Options options;
    options.common.drain_timeout = kManagedDrain;
    program.prepare(options, request);
    return options;
  };
  sources.judge = [program, request](const Options& options) { program.check(options, request); };
  // A client's are of each connection, like those of a bridge line.
  if (kRoleOf<Request> == wire::PtRole::Server)
    sources.named = {request.version == wire::PtVersion::V1 ? "ServerTransportOptions" : "-options", request.options};
  return sources;
}

template <class Options, class Request>
int run_wanted(const ManagedProgram<Options, Request>& program, const Arguments& arguments, const Request& request,
               ManagedTransport& parent) {
  const auto sources = managed_sources(program, arguments, request);
  auto options = sources.defaults();
  auto table = option_table(options);
  const auto loaded = ops::load_options(table, arguments, ops::process_environment(), sources.named);
  if (loaded.wanted != ops::Wanted::Run)
    throw ops::UsageError("--help, --print-config and --check-config are for a terminal, not for a managed transport");
  sources.judge(options);
  observe::configure_log(options.common.log);
  return program.run(options, reload_from(sources, options), request, parent);
}

template <class Options, class Request>
int run_managed(const ManagedProgram<Options, Request>& program, const Arguments& arguments, const Request& request) {
  ManagedTransport parent(kRoleOf<Request>, request);
  parent.say_version();
  int code = ops::kExitDone;
  std::string why;
  try {
    if (request.wanted) return run_wanted(program, arguments, request, parent);
  } catch (const ops::UsageError& error) {
    code = ops::kExitUsage, why = error.what();
  } catch (const std::exception& error) {
    code = ops::kExitFailed, why = error.what();  // scrubbed on its way out
  }
  if (parent.configured()) return parent.fail(why), code;
  if (code == ops::kExitDone)
    parent.done();
  else
    parent.fail(why);
  return wait_for_parent(request, code);
}

template <class Request>
Result<Request, wire::PtRefusal> read_request(const wire::PtInput& input) {
  if constexpr (kRoleOf<Request> == wire::PtRole::Client)
    return wire::parse_pt_client(input);
  else
    return wire::parse_pt_server(input);
}

template <class Options, class Request>
Command make_managed_command(Run<Options> run, const ManagedProgram<Options, Request>& program) {
  auto command = make_command<Options>(run);
  command.run = [ordinary = command.run, program](const Arguments& arguments) {
    const auto start = find_managed_start(kRoleOf<Request>, arguments, ops::process_environment("TOR_PT_"));
    if (!start) return ordinary(arguments);
    forget_service_manager();
    if (!*start) return refuse_request(wire::PtVersion::V3, start->error());
    const auto request = read_request<Request>((*start)->input);
    if (!request) return refuse_request((*start)->input.version, request.error());
    return run_managed(program, (*start)->arguments, *request);
  };
  return command;
}

}  // namespace footbridge
