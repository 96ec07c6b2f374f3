#include "programs/client/nearby_network.hpp"

#include <boost/asio/post.hpp>
#include <utility>

#include "io/clock.hpp"
#include "io/stream_relay.hpp"
#include "wire/session_open.hpp"

namespace footbridge::client {
namespace {

// One end of a pipe in memory; what is flushed arrives at the other end in a later turn of the loop.
class MemoryPipe {
 public:
  explicit MemoryPipe(asio::io_context& context) : context_(context) {}
  void connect(const std::shared_ptr<MemoryPipe>& other, PipeEvents& events) { other_ = other, events_ = &events; }
  void open() { is_open_ = true; }
  bool is_open() const { return is_open_; }
  bool send(ByteView message) { return is_open_ && (queue_.push_back(to_bytes(message)), true); }
  void flush() {
    if (queue_.empty()) return;
    asio::post(context_, [other = other_, batch = std::exchange(queue_, {})] { other->deliver(batch); });
  }
  // Closes both ends; each hears of it in a later turn.
  static void close(std::shared_ptr<MemoryPipe> self, PipeEnd ours, PipeEnd theirs) {
    if (!std::exchange(self->is_open_, false)) return;
    self->is_open_ = true;
    self->flush();
    self->is_open_ = false;
    asio::post(self->context_, [self, ours] { self->tell_closed(ours); });
    asio::post(self->context_, [other = self->other_, theirs] {
      if (std::exchange(other->is_open_, false)) other->tell_closed(theirs);
    });
  }
  void forget_events() { events_ = nullptr; }

 private:
  void deliver(const std::vector<Bytes>& batch) {
    if (!is_open_ || events_ == nullptr) return;
    const std::vector<ByteView> views(batch.begin(), batch.end());
    events_->on_messages(io::now(), views);
  }
  void tell_closed(PipeEnd end) {
    other_.reset();
    if (auto* events = std::exchange(events_, nullptr)) events->on_closed(io::now(), end);
  }
  asio::io_context& context_;
  std::shared_ptr<MemoryPipe> other_;  // owners: both ends and the batches on their way, until it is closed
  PipeEvents* events_ = nullptr;
  std::vector<Bytes> queue_;
  bool is_open_ = false;
};

}  // namespace

// The client's end: a webrtc::Link whose volunteer is the memory of this process.
class NearbyLink final : public webrtc::Link {
 public:
  NearbyLink(NearbyNetwork& network, webrtc::LinkEvents& events)
      : network_(network),
        events_(events),
        pipe_(std::make_shared<MemoryPipe>(network.context_)),  // owners: see MemoryPipe::other_
        alive_(std::make_shared<bool>(true)) {
    network_.links_.insert(this);
    later([this] { events_.on_local_description(io::now(), Private<std::string>("v=0 an offer")); });
  }
  ~NearbyLink() override {
    *alive_ = false;
    pipe_->forget_events();
    MemoryPipe::close(pipe_, PipeEnd::Local, PipeEnd::Remote);
    network_.links_.erase(this);
  }

  Status<webrtc::LinkError> accept_answer(Private<std::string>, webrtc::LinkKind) override {
    if (network_.links_fail)
      later([this] { events_.on_closed(io::now(), PipeEnd::Setup); });
    else if (!network_.links_hang)
      later([this] { network_.dial(*this); });
    return {};
  }
  webrtc::LinkInfo info() const override { return {}; }
  bool send(ByteView message) override { return pipe_->send(message); }
  void flush() override { pipe_->flush(); }
  std::size_t backlog_bytes() const override { return 0; }
  std::size_t max_message_bytes() const override { return webrtc::kMaxMessageBytes; }
  void pause_reading(bool) override {}
  void close(PipeEnd end) override {
    if (pipe_->is_open()) return MemoryPipe::close(pipe_, end, PipeEnd::Remote);
    later([this, end] { events_.on_closed(io::now(), end); });
  }
  void lose() { MemoryPipe::close(pipe_, PipeEnd::Lost, PipeEnd::Lost); }

  webrtc::LinkEvents& events() { return events_; }
  const std::shared_ptr<MemoryPipe>& pipe() { return pipe_; }

 private:
  template <class Action>
  void later(Action action) {
    asio::post(network_.context_, [alive = alive_, action] {
      if (*alive) action();
    });
  }
  NearbyNetwork& network_;
  webrtc::LinkEvents& events_;
  std::shared_ptr<MemoryPipe> pipe_;  // owners: see MemoryPipe::other_
  std::shared_ptr<bool> alive_;       // owners: this and what it has posted
};

struct NearbyNetwork::EgressSession final : io::SessionHostEvents {
  EgressSession(NearbyNetwork& network, const core::SessionConfig& config)
      : owner(network),
        host(network.context_.get_executor(), core::Session::Role::Egress, config, network.rng_, network.memory_,
             *this) {}
  void on_stream_opened(core::StreamId stream) override { owner.scope_.spawn(owner.exit(host.accept(stream))); }
  void on_go_away(Duration) override {}
  void on_session_ended(core::EndReason) override {}
  NearbyNetwork& owner;
  wire::SessionToken token{};
  io::SessionHost host;
};

// The egress's end of a path.
struct NearbyNetwork::EgressLeg final : MessagePipe, io::SessionPathEvents {
  EgressLeg(NearbyNetwork& network, NearbyLink& link)
      : owner(network),
        pipe(std::make_shared<MemoryPipe>(network.context_)),  // owners: see MemoryPipe::other_
        path(network.context_.get_executor(), quic::ServerConfig{network.identity_, {}},
             core::EgressPathHandshake(io::now(), network.rng_, network), network.rng_, *this) {
    link.pipe()->connect(pipe, link.events());
    pipe->connect(link.pipe(), path);
    pipe->open();
    link.pipe()->open();
    path.attach_pipe(*this);
    path.on_open(io::now());
  }
  ~EgressLeg() override { pipe->forget_events(); }
  bool send(ByteView message) override { return pipe->send(message); }
  void flush() override { pipe->flush(); }
  std::size_t backlog_bytes() const override { return 0; }
  std::size_t max_message_bytes() const override { return webrtc::kMaxMessageBytes; }
  void pause_reading(bool) override {}
  void close(PipeEnd end) override { MemoryPipe::close(pipe, end, PipeEnd::Leg); }
  void on_path_ready(TimePoint now, io::SessionPath&) override {
    path.attach(now, owner.sessions_.at(*path.egress_handshake()->session())->host);
  }
  void on_path_over(TimePoint, io::SessionPath&, const io::PathOver&) override {}
  NearbyNetwork& owner;
  std::shared_ptr<MemoryPipe> pipe;  // owners: see MemoryPipe::other_
  io::SessionPath path;
};

NearbyNetwork::NearbyNetwork(asio::io_context& context, Rng& rng)
    : context_(context), rng_(rng), identity_(quic::Identity::generate().value()), scope_(context.get_executor()) {}

NearbyNetwork::~NearbyNetwork() = default;

MakeLink NearbyNetwork::make_link() {
  return [this](webrtc::LinkEvents& events) { return std::make_unique<NearbyLink>(*this, events); };
}

void NearbyNetwork::search(TimePoint, core::ClientSearch search) {
  ++searches;
  last_avoided = {search.avoid.begin(), search.avoid.end()};
  asio::post(context_, [this, id = ++search_id_, offers = search.sdps.size()] {
    if (id != search_id_) return;
    if (no_match) return client_->on_still_looking(io::now(), *no_match);
    std::vector<wire::Match> matches(offers);
    for (std::size_t i = 0; i < offers; ++i) {
      matches[i].sdp_index = static_cast<std::uint32_t>(i);
      matches[i].match = MatchId::random(rng_);
      matches[i].egress = lies.value_or(*wire::EgressId::from(pin().view().first(wire::EgressId::kBytes)));
    }
    client_->on_matches(io::now(), std::move(matches));
  });
}

void NearbyNetwork::cancel(TimePoint) { ++search_id_; }

void NearbyNetwork::dial(NearbyLink& link) {
  legs_.push_back(std::make_unique<EgressLeg>(*this, link));
  link.events().on_open(io::now());
}

core::SessionRegistry::Answer NearbyNetwork::create(TimePoint, const wire::Hello& hello) {
  ++sessions_begun;
  core::SessionConfig config;
  config.peer_limits = hello.limits;
  const auto id = SessionId::random(rng_);
  auto session = std::make_unique<EgressSession>(*this, config);
  session->token = rng_.array<wire::kTokenBytes>();
  const wire::Ok ok{1, 0, id, Private(session->token), 120, config.limits};
  sessions_.emplace(id, std::move(session));
  return ok;
}

core::SessionRegistry::Answer NearbyNetwork::join(TimePoint, const wire::Join& join) {
  const auto found = sessions_.find(join.session);
  if (found == sessions_.end()) return wire::Refused{wire::RefusalCode::UnknownSession, 0, {}};
  return wire::Ok{1, 0, join.session, Private(found->second->token), 120, core::SessionConfig{}.limits};
}

void NearbyNetwork::lose_volunteers() {
  for (auto* link : std::set<NearbyLink*>(links_)) link->lose();
}

void NearbyNetwork::forget_sessions() {
  for (auto& [id, session] : sessions_) forgotten_.push_back(std::move(session));
  sessions_.clear();
  lose_volunteers();
}

void NearbyNetwork::leave_paths(wire::ByeCode why) {
  for (auto& [id, session] : sessions_) forgotten_.push_back(std::move(session));
  sessions_.clear();
  for (auto& leg : legs_) leg->path.leave(io::now(), why);
}

void NearbyNetwork::drain_egress() {
  for (auto& [id, session] : sessions_) {
    session->host.session().go_away(io::now(), Seconds{10});
    session->host.touch();
  }
}

void NearbyNetwork::stop() { scope_.cancel(); }

asio::awaitable<void> NearbyNetwork::exit(std::unique_ptr<io::SessionStream> stream) {
  if (co_await stream->readable() != io::SessionStream::Arrival::Bytes) co_return;
  const auto open = wire::parse_open(stream->peek());
  if (!open) co_return stream->reset(core::ResetCode::Internal);
  stream->consume(open->bytes);
  const auto destination =
      open->header.destination ? open->header.destination->reveal_to_socket() : wire::Destination{};
  auto status = wire::OpenStatus::Connected;
  if (!open->header.destination) {
    status = wire::OpenStatus::Policy;  // no bridge is behind it
  } else if (const auto* name = std::get_if<std::string>(&destination.host)) {
    names_asked.push_back(*name);
    if (*name != "site.test") status = wire::OpenStatus::DnsFailure;
  } else if (std::get<IpAddress>(destination.host) != IpAddress::v4(0x7f000001)) {
    status = wire::OpenStatus::Policy;
  }
  io::tcp::socket socket(context_);
  if (status == wire::OpenStatus::Connected) {
    const auto [error] =
        co_await socket.async_connect({asio::ip::address_v4::loopback(), destination.port}, io::no_throw);
    if (error) status = wire::OpenStatus::Refused;
  }
  const auto opened = wire::encode_opened(status);
  if (!co_await stream->write(opened)) co_return;
  if (status == wire::OpenStatus::Connected) co_return static_cast<void>(co_await io::relay(socket, *stream));
  stream->finish();
  // Destroying it before the client has read the answer would take the answer back.
  while (co_await stream->readable() == io::SessionStream::Arrival::Bytes) stream->consume(stream->peek().size());
}

}  // namespace footbridge::client
