#include "programs/egress/flow_exit.hpp"

#include <boost/asio/buffer.hpp>
#include <utility>
#include <variant>

#include "base/overloaded.hpp"
#include "io/clock.hpp"
#include "io/endpoint.hpp"
#include "observe/log.hpp"
#include "programs/egress/host_text.hpp"

namespace footbridge::egress {
namespace {

// One byte more than a flow may carry, by which a larger packet is known.
constexpr std::size_t kBufferBytes = wire::kMaxFlowPayloadBytes + 1;

wire::FlowStatus status_of(io::ConnectErrc error) {
  switch (error) {
    case io::ConnectErrc::Policy: return wire::FlowStatus::Policy;
    case io::ConnectErrc::BadName:
    case io::ConnectErrc::NoSuchName:
    case io::ConnectErrc::NameFailure: return wire::FlowStatus::DnsFailure;
    case io::ConnectErrc::Unreachable: return wire::FlowStatus::Unreachable;
    case io::ConnectErrc::Refused:
    case io::ConnectErrc::TimedOut:
    case io::ConnectErrc::Upstream:  // an egress has none
    case io::ConnectErrc::Failed: return wire::FlowStatus::Internal;
  }
  FB_ASSERT(false);
}

// A place among the sockets of all sessions, for as long as it lives.
class SocketPlace {
 public:
  SocketPlace(ServerBudget& budget, EgressMetrics& metrics)
      : budget_(budget), metrics_(metrics), taken_(budget.take_flow_place()) {
    if (taken_) metrics_.flows_live.add(1);
  }
  ~SocketPlace() {
    if (!taken_) return;
    budget_.give_flow_place_back();
    metrics_.flows_live.add(-1);
  }
  SocketPlace(const SocketPlace&) = delete;
  SocketPlace& operator=(const SocketPlace&) = delete;
  bool taken() const { return taken_; }

 private:
  ServerBudget& budget_;
  EgressMetrics& metrics_;
  bool taken_;
};

}  // namespace

FlowExit::FlowExit(asio::any_io_executor executor, io::SessionHost& host, FlowServices& services, io::TaskScope& scope,
                   EgressMetrics& metrics, Rng& rng)
    : host_(host),
      services_(services),
      scope_(scope),
      metrics_(metrics),
      flows_(rng),
      buffer_(kBufferBytes),
      timer_(std::move(executor), [this](TimePoint now) {
        flows_.on_deadline(now);
        settle(now);
      }) {}

FlowExit::~FlowExit() = default;

void FlowExit::on_message(TimePoint now, core::FlowId flow, ByteView message) {
  flows_.on_message(now, flow, message);
  settle(now);
}

void FlowExit::settle(TimePoint now) {
  while (auto output = flows_.poll())
    std::visit(Overloaded{[&](const core::EgressFlows::Open& opened) { open(opened); },
                          [&](const core::EgressFlows::Send& sent) { send(sent); },
                          [&](const core::EgressFlows::Close& closed) { close(closed.flow); },
                          [&](core::EgressFlows::Tell& told) { tell(now, std::move(told)); },
                          [&](const core::EgressFlows::Dropped& dropped) { metrics_.flow_drops[dropped.why].add(); }},
               *output);
  timer_.arm(flows_.deadline());
}

void FlowExit::open(const core::EgressFlows::Open& open) {
  const auto life = next_life_++;
  places_[open.flow] = Place{life, nullptr};
  scope_.spawn(carry(open.flow, life, open.to));
}

void FlowExit::close(core::FlowId flow) {
  const auto found = places_.find(flow);
  if (found == places_.end()) return;
  io::error_code ignored;
  if (found->second.socket != nullptr) found->second.socket->close(ignored);  // ends the coroutine's wait
  places_.erase(found);
}

void FlowExit::send(const core::EgressFlows::Send& send) {
  const auto found = places_.find(send.flow);
  if (found == places_.end() || found->second.socket == nullptr) return;
  auto& socket = *found->second.socket;
  io::error_code error;
  socket.send(asio::buffer(send.payload), 0, error);
  // What ICMP said of an earlier packet is told here, in place of sending.
  if (error == asio::error::connection_refused) socket.send(asio::buffer(send.payload), 0, error);
  if (!error) metrics_.relayed_bytes_up.add(send.payload.size());
}

void FlowExit::tell(TimePoint now, core::EgressFlows::Tell tell) {
  host_.send_flow(now, tell.flow, std::move(tell.message));
}

FlowExit::Place* FlowExit::find(core::FlowId flow, std::uint64_t life) {
  const auto found = places_.find(flow);
  return found == places_.end() || found->second.life != life ? nullptr : &found->second;
}

asio::awaitable<void> FlowExit::carry(core::FlowId flow, std::uint64_t life, Private<wire::Destination> to) {
  const auto refuse = [&](wire::FlowStatus why) {
    metrics_.flows[why].add();
    observe::log(observe::Level::Debug, "flow-not-opened", observe::kv("why", why));
    if (find(flow, life) == nullptr) return;
    flows_.on_refused(io::now(), flow, why);
    settle(io::now());
  };
  const SocketPlace socket_place(services_.budget, metrics_);
  if (!socket_place.taken()) co_return refuse(wire::FlowStatus::Limit);
  const auto& destination = to.reveal_to_socket();
  auto connected = co_await services_.connector.connect(host_text(destination), destination.port);
  if (!connected) co_return refuse(status_of(connected.error()));
  auto* place = find(flow, life);
  if (place == nullptr) co_return;  // closed meanwhile
  auto socket = std::move(connected).value();
  place->socket = &socket;
  metrics_.flows[wire::FlowStatus::Opened].add();
  flows_.on_opened(io::now(), flow, io::from_asio(socket.remote_endpoint()));
  settle(io::now());
  while (find(flow, life) != nullptr) {
    const auto [error] = co_await socket.async_wait(io::udp::socket::wait_read, io::no_throw);
    place = find(flow, life);
    if (place == nullptr) break;  // closed by us
    if (error) {                  // the session is over
      place->socket = nullptr;
      io::throw_if_aborted(error);
      break;
    }
    if (read_some(flow, socket)) settle(io::now());
  }
}

// Errors are what ICMP says, of which the next packet may know more.
bool FlowExit::read_some(core::FlowId flow, io::udp::socket& socket) {
  const auto now = io::now();
  bool any = false;
  for (int i = 0; i < kPacketsPerTurn; ++i) {
    io::error_code error;
    const auto bytes = socket.receive(asio::buffer(buffer_), 0, error);
    if (error == asio::error::would_block) break;
    if (error || bytes == buffer_.size()) continue;
    flows_.on_packet(now, flow, ByteView(buffer_).first(bytes));
    metrics_.relayed_bytes_down.add(bytes);
    any = true;
  }
  return any;
}

}  // namespace footbridge::egress
