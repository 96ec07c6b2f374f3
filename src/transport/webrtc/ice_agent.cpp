#include "transport/webrtc/ice_agent.hpp"

#include <algorithm>
#include <array>
#include <glib-unix.h>
#include <string_view>
#include <sys/socket.h>
#include <utility>
#include <variant>

#include "base/assert.hpp"
#include "io/clock.hpp"

namespace footbridge::webrtc {
namespace {

constexpr guint kComponent = 1;
const IpAddress kLoopback = IpAddress::v4(0x7f000001);
constexpr std::size_t kUfragChars = 4;  // the lengths browsers use
constexpr std::size_t kPwdChars = 24;

std::string random_ice_chars(Rng& rng, std::size_t count) {
  constexpr std::string_view kChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (const auto b : rng.bytes(count)) out += kChars[std::to_integer<std::size_t>(b) & 63];
  return out;
}

std::optional<Endpoint> from_nice(const NiceAddress& address) {
  std::array<gchar, NICE_ADDRESS_STRING_LEN> text{};
  nice_address_to_string(&address, text.data());
  const auto parsed = IpAddress::parse(text.data());
  if (!parsed) return std::nullopt;
  return Endpoint{*parsed, static_cast<std::uint16_t>(nice_address_get_port(&address))};
}

NiceAddress to_nice(const Endpoint& endpoint) {
  NiceAddress out;
  nice_address_init(&out);
  FB_ASSERT(nice_address_set_from_string(&out, endpoint.address.to_text().c_str()) != FALSE);
  nice_address_set_port(&out, endpoint.port);
  return out;
}

CandidateKind kind_of(NiceCandidateType type) {
  switch (type) {
    case NICE_CANDIDATE_TYPE_HOST: return CandidateKind::Host;
    case NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE: return CandidateKind::ServerReflexive;
    case NICE_CANDIDATE_TYPE_PEER_REFLEXIVE: return CandidateKind::PeerReflexive;
    case NICE_CANDIDATE_TYPE_RELAYED: return CandidateKind::Relayed;
  }
  FB_ASSERT(false);
}

wire::CandidateType wire_type(NiceCandidateType type) {
  switch (kind_of(type)) {
    case CandidateKind::Host: return wire::CandidateType::Host;
    case CandidateKind::ServerReflexive: return wire::CandidateType::ServerReflexive;
    case CandidateKind::PeerReflexive: return wire::CandidateType::PeerReflexive;
    case CandidateKind::Relayed: return wire::CandidateType::Relayed;
  }
  FB_ASSERT(false);
}

NiceCandidateType nice_type(wire::CandidateType type) {
  switch (type) {
    case wire::CandidateType::Host: return NICE_CANDIDATE_TYPE_HOST;
    case wire::CandidateType::ServerReflexive: return NICE_CANDIDATE_TYPE_SERVER_REFLEXIVE;
    case wire::CandidateType::PeerReflexive: return NICE_CANDIDATE_TYPE_PEER_REFLEXIVE;
    case wire::CandidateType::Relayed: return NICE_CANDIDATE_TYPE_RELAYED;
  }
  FB_ASSERT(false);
}

struct FreeCandidates {
  void operator()(GSList* list) const {
    g_slist_free_full(list, [](gpointer candidate) { nice_candidate_free(static_cast<NiceCandidate*>(candidate)); });
  }
};
using Candidates = std::unique_ptr<GSList, FreeCandidates>;

// Bound to 127.0.0.1 they leave by no other device unless somebody has set up the kernel to route and masquerade
// 127/8: then this holds. Unprivileged since Linux 5.7; before, the address has to do.
void keep_on_loopback(NiceAgent* agent, guint stream) {
  constexpr std::string_view kDevice = "lo";
  auto* const sockets = nice_agent_get_sockets(agent, stream, kComponent);
  if (sockets == nullptr) return;
  for (guint i = 0; i < sockets->len; ++i)
    setsockopt(g_socket_get_fd(static_cast<GSocket*>(g_ptr_array_index(sockets, i))), SOL_SOCKET, SO_BINDTODEVICE,
               kDevice.data(), static_cast<socklen_t>(kDevice.size()));
  g_ptr_array_unref(sockets);
}

}  // namespace

IceAgent::IceAgent(GMainContext* context, IceConfig config, IceEvents& events)
    : events_(events), context_(context), controlling_(config.controlling), mapped_(std::move(config.mapped)) {
  if (config.detour != nullptr) {
    IceDetourEvents& detour_events = *this;  // here, where the base is accessible
    detour_ = std::make_unique<IceDetour>(context, std::move(config.detour), detour_events);
    // Whatever ICE would send elsewhere would leave beside the detour.
    config.local_addresses = {kLoopback};
    config.stun_server = detour_->stun_server();
    mapped_.reset();
  }
  // Trickle mode inside although descriptions are complete: checks may begin before our own gathering has ended.
  // Consent is ours: libnice would not hear the answers.
  agent_.reset(nice_agent_new_full(context, NICE_COMPATIBILITY_RFC5245, NICE_AGENT_OPTION_ICE_TRICKLE));
  auto* const agent = agent_.get();
  // Ports are forwarded by io/portmap. libnice would ask by UPnP alone, for each link anew and for a week, and would
  // leave the mapping behind.
  g_object_set(agent, "controlling-mode", config.controlling ? TRUE : FALSE, "ice-tcp", FALSE, "upnp", FALSE, nullptr);
  if (config.stun_server)
    g_object_set(agent, "stun-server", config.stun_server->address.to_text().c_str(), "stun-server-port",
                 static_cast<guint>(config.stun_server->port), nullptr);
  for (const auto& address : config.local_addresses) {
    auto local = to_nice(Endpoint{address, 0});
    nice_agent_add_local_address(agent, &local);
  }
  g_signal_connect(agent, "candidate-gathering-done", G_CALLBACK(&IceAgent::gathered), this);
  g_signal_connect(agent, "component-state-changed", G_CALLBACK(&IceAgent::state_changed), this);
  g_signal_connect(agent, "new-selected-pair-full", G_CALLBACK(&IceAgent::pair_selected), this);
  stream_ = nice_agent_add_stream(agent, kComponent);
  FB_ASSERT(stream_ != 0);
  credentials_ = {Private(random_ice_chars(rng_, kUfragChars)), Private(random_ice_chars(rng_, kPwdChars))};
  nice_agent_set_local_credentials(agent, stream_, credentials_.ufrag.reveal_to_socket().c_str(),
                                   credentials_.pwd.reveal_to_socket().c_str());
  if (detour_ != nullptr) detour_->stand_ins().set_credentials(credentials_);
  nice_agent_attach_recv(agent, stream_, kComponent, context, &IceAgent::received, this);
}

IceAgent::~IceAgent() {
  let_pair_go();
  // libnice drops its lock around callbacks: silence it first, then let go.
  g_signal_handlers_disconnect_by_data(agent_.get(), this);
  nice_agent_attach_recv(agent_.get(), stream_, kComponent, context_, nullptr, nullptr);
  nice_agent_remove_stream(agent_.get(), stream_);
}

bool IceAgent::gather() {
  if (detour_ == nullptr) return begin();
  open_by_ = io::now() + kDetourLimit;
  detour_->start();
  return state_ != State::Failed;
}

bool IceAgent::begin() {
  events_.on_ice_begun();
  if (!mapped_) return nice_agent_gather_candidates(agent_.get(), stream_) != FALSE;
  nice_agent_set_port_range(agent_.get(), stream_, kComponent, mapped_->local_port, mapped_->local_port);
  if (nice_agent_gather_candidates(agent_.get(), stream_) != FALSE) return true;
  // An earlier link's socket may still be closing, or another program was quicker.
  mapped_.reset();
  nice_agent_set_port_range(agent_.get(), stream_, kComponent, 0, 0);
  return nice_agent_gather_candidates(agent_.get(), stream_) != FALSE;
}

void IceAgent::on_detour_open() {
  open_by_.reset();
  if (!begin()) return fail();
  keep_on_loopback(agent_.get(), stream_);
  const Candidates local(nice_agent_get_local_candidates(agent_.get(), stream_, kComponent));
  for (const GSList* item = local.get(); item != nullptr; item = item->next) {
    const auto& candidate = *static_cast<const NiceCandidate*>(item->data);
    if (candidate.type != NICE_CANDIDATE_TYPE_HOST) continue;
    if (const auto endpoint = from_nice(candidate.addr); endpoint && detour_->stand_ins().serve(*endpoint)) return;
  }
  fail();
}

void IceAgent::on_detour_over() {
  detour_lost_ = true;
  if (state_ != State::Failed) fail();
}

// What ICE calls this far end: itself, or its stand-in.
std::optional<Endpoint> IceAgent::to_ice(const Endpoint& far_end) {
  if (detour_ == nullptr) return far_end;
  return detour_->stand_ins().stand_in({far_end.address, far_end.port});
}

// And back.
std::optional<Endpoint> IceAgent::from_ice(const NiceAddress& known) const {
  const auto endpoint = from_nice(known);
  if (detour_ == nullptr || !endpoint) return endpoint;
  const auto behind = detour_->stand_ins().behind(*endpoint);
  const auto* const address = behind ? std::get_if<IpAddress>(&behind->host) : nullptr;
  return address != nullptr ? std::optional(Endpoint{*address, behind->port}) : std::nullopt;
}

std::vector<wire::IceCandidate> IceAgent::local_candidates() const {
  std::vector<wire::IceCandidate> out;
  const Candidates list(nice_agent_get_local_candidates(agent_.get(), stream_, kComponent));
  for (const GSList* item = list.get(); item != nullptr; item = item->next) {
    const auto& candidate = *static_cast<const NiceCandidate*>(item->data);
    const auto endpoint = from_nice(candidate.addr);
    if (!endpoint || candidate.transport != NICE_CANDIDATE_TRANSPORT_UDP) continue;
    if (detour_ != nullptr && candidate.type == NICE_CANDIDATE_TYPE_HOST) continue;  // loopback is nobody's way to us
    out.push_back({candidate.foundation, candidate.priority, Private(*endpoint), wire_type(candidate.type)});
  }
  return out;
}

// RFC 8445 §5.1.2.1: a candidate that something other than a host's interface gave us. Checks that reach it arrive at
// the socket of the host candidate, so libnice has to know nothing of it.
std::optional<wire::IceCandidate> IceAgent::mapped_candidate(const std::vector<wire::IceCandidate>& others) const {
  if (!mapped_) return std::nullopt;
  const auto& external = mapped_->external.reveal_to_socket();
  bool has_socket = false;
  bool seen_elsewhere = false;
  bool seen_there = false;
  for (const auto& other : others) {
    const auto& endpoint = other.endpoint.reveal_to_socket();
    if (endpoint == external || endpoint.address.family() != external.address.family()) {
      if (endpoint == external) return std::nullopt;  // STUN has found the same
      continue;
    }
    if (other.type == wire::CandidateType::Host) has_socket |= endpoint.port == mapped_->local_port;
    if (other.type == wire::CandidateType::ServerReflexive)
      (endpoint.address == external.address ? seen_there : seen_elsewhere) = true;
  }
  if (!has_socket || (seen_elsewhere && !seen_there)) return std::nullopt;
  // Above what STUN found: it works with every translation of the other side (RFC 8445 §5.1.2.2).
  constexpr std::uint32_t kTypePreference = 100, kLocalPreference = 65'535;
  return wire::IceCandidate{"mapped", kTypePreference << 24 | kLocalPreference << 8 | (256 - kComponent),
                            mapped_->external, wire::CandidateType::ServerReflexive};
}

bool IceAgent::set_remote(const IceCredentials& credentials, const std::vector<wire::IceCandidate>& candidates) {
  if (nice_agent_set_remote_credentials(agent_.get(), stream_, credentials.ufrag.reveal_to_socket().c_str(),
                                        credentials.pwd.reveal_to_socket().c_str()) == FALSE)
    return false;
  remote_credentials_ = credentials;
  GSList* list = nullptr;
  for (const auto& candidate : candidates) {
    const auto endpoint = to_ice(candidate.endpoint.reveal_to_socket());
    if (!endpoint) continue;
    auto* const made = nice_candidate_new(nice_type(candidate.type));
    made->addr = to_nice(*endpoint);
    made->priority = candidate.priority;
    made->stream_id = stream_;
    made->component_id = kComponent;
    made->transport = NICE_CANDIDATE_TRANSPORT_UDP;
    g_strlcpy(made->foundation, candidate.foundation.c_str(), sizeof made->foundation);
    list = g_slist_append(list, made);
  }
  const Candidates owner(list);
  const int taken = list == nullptr ? 0 : nice_agent_set_remote_candidates(agent_.get(), stream_, kComponent, list);
  nice_agent_peer_candidate_gathering_done(agent_.get(), stream_);
  return taken >= 0;
}

void IceAgent::send_run(ByteView run, std::size_t segment_bytes) {
  if (state_ == State::Owning)
    return detour_ ? detour_->send_run(run, segment_bytes) : socket_->send_run(run, segment_bytes);
  io::for_each_datagram(run, segment_bytes, [&](ByteView datagram) {
    nice_agent_send(agent_.get(), stream_, kComponent, static_cast<guint>(datagram.size()),
                    reinterpret_cast<const gchar*>(datagram.data()));
  });
}

// libnice hands out a reference of ours; its own keeps the socket open for as long as it is the pair's.
IceAgent::SocketRef IceAgent::selected_socket() const {
  return SocketRef(nice_agent_get_selected_socket(agent_.get(), stream_, kComponent));
}

// On both sockets: which of them carries may change at any time.
void IceAgent::allow_fragments(bool allowed) {
  fragments_allowed_ = allowed;
  if (detour_ != nullptr) return detour_->allow_fragments(allowed);
  if (socket_ != nullptr) io::allow_fragments(socket_->descriptor(), allowed);
  if (const auto socket = selected_socket()) io::allow_fragments(g_socket_get_fd(socket.get()), allowed);
}

void IceAgent::on_tick(TimePoint now) {
  if (open_by_ && now >= *open_by_) {
    open_by_.reset();
    return on_detour_over();
  }
  if (own_at_ && now >= *own_at_) own_pair(now);
  if (!consent_ || state_ != State::Owning) return;
  if (consent_->lost(now)) return fail();
  if (const auto question = consent_->poll(now)) send_to_pair(*question);
}

void IceAgent::send_to_pair(ByteView datagram) { send_run(datagram, datagram.size()); }

void IceAgent::fail() {
  state_ = State::Failed;
  let_pair_go();
  events_.on_ice_failed();
}

void IceAgent::on_connected(bool settled) {
  if (state_ == State::Searching) state_ = State::Connected;
  on_pair_selected();
  if (state_ == State::Failed) return;
  if (settled && state_ == State::Connected) own_at_ = io::now();
  events_.on_ice_connected();
}

void IceAgent::on_pair_selected() {
  NiceCandidate* local = nullptr;
  NiceCandidate* remote = nullptr;
  if (nice_agent_get_selected_pair(agent_.get(), stream_, kComponent, &local, &remote) == FALSE) return;
  const auto endpoint = from_ice(remote->addr);
  if (!endpoint) return fail();  // somebody on this machine who knows our description, and came past the stand-ins
  // At the end of a detour we are what the helper's side looks like.
  const auto own = detour_ != nullptr ? CandidateKind::ServerReflexive : kind_of(local->type);
  pair_ = LinkInfo::Pair{own, kind_of(remote->type), endpoint->address.family()};
  if (!fragments_allowed_) allow_fragments(false);
  if (state_ == State::Connected && !own_at_) own_at_ = io::now() + kSettleLimit;
  if (state_ == State::Owning) own_at_ = io::now();
}

// The pair may be the one we own already: then nothing changes.
void IceAgent::own_pair(TimePoint now) {
  own_at_.reset();
  NiceCandidate* local = nullptr;
  NiceCandidate* remote = nullptr;
  if (nice_agent_get_selected_pair(agent_.get(), stream_, kComponent, &local, &remote) == FALSE) return fail();
  const auto other_side = from_ice(remote->addr);
  const auto socket = detour_ == nullptr ? selected_socket() : nullptr;
  const int descriptor = socket != nullptr ? g_socket_get_fd(socket.get()) : -1;
  if (!other_side || (detour_ == nullptr && socket == nullptr)) return fail();
  if (state_ == State::Owning && descriptor == ice_socket_ && other_side_->reveal_to_socket() == *other_side) return;
  let_pair_go();
  ice_socket_ = descriptor;
  other_side_ = Private(*other_side);
  if (detour_ != nullptr) {
    detour_->use({other_side->address, other_side->port});
  } else if (!own_socket(remote->addr)) {
    return fail();
  }
  state_ = State::Owning;
  consent_.emplace(ConsentTerms{credentials_, remote_credentials_, controlling_, *other_side_}, rng_, now);
}

bool IceAgent::own_socket(const NiceAddress& other_side) {
  sockaddr_storage address{};
  nice_address_copy_to_sockaddr(&other_side, reinterpret_cast<sockaddr*>(&address));
  socket_ = PairSocket::open(ice_socket_, address);
  if (socket_ == nullptr) return false;
  if (!fragments_allowed_) io::allow_fragments(socket_->descriptor(), false);
  watch_socket();
  return true;
}

void IceAgent::let_pair_go() {
  consent_.reset();
  if (watch_ != nullptr) {
    g_source_destroy(watch_);
    g_source_unref(watch_);
    watch_ = nullptr;
  }
  socket_.reset();
}

void IceAgent::watch_socket() {
  watch_ = g_unix_fd_source_new(socket_->descriptor(), G_IO_IN);
  g_source_set_callback(watch_, G_SOURCE_FUNC(&IceAgent::readable), this, nullptr);
  g_source_attach(watch_, context_);
}

gboolean IceAgent::readable(gint, GIOCondition, gpointer self) {
  auto& agent = *static_cast<IceAgent*>(self);
  agent.socket_->receive(static_cast<io::DatagramRuns&>(agent));
  return G_SOURCE_CONTINUE;
}

bool IceAgent::on_run(const sockaddr_storage&, ByteView run, std::size_t segment_bytes) {
  io::for_each_datagram(run, segment_bytes, [&](ByteView datagram) { on_datagram(datagram); });
  return true;  // what a datagram brings about, it brings about in a later turn: the socket lives on
}

void IceAgent::on_datagram(ByteView datagram) {
  if (state_ != State::Owning) return;  // of a detour that is used for nothing any more
  if (!wire::looks_like_stun(datagram)) return events_.on_ice_datagram(datagram);
  if (const auto answer = consent_->on_message(io::now(), datagram)) send_to_pair(*answer);
}

void IceAgent::gathered(NiceAgent*, guint, gpointer self) { static_cast<IceAgent*>(self)->events_.on_ice_gathered(); }

// Once we own a pair, libnice knows nothing of how it does.
void IceAgent::state_changed(NiceAgent*, guint, guint, guint state, gpointer self) {
  auto& agent = *static_cast<IceAgent*>(self);
  if (state == NICE_COMPONENT_STATE_FAILED && agent.state_ != State::Owning) agent.fail();
  if (state == NICE_COMPONENT_STATE_CONNECTED || state == NICE_COMPONENT_STATE_READY)
    agent.on_connected(state == NICE_COMPONENT_STATE_READY);
}

void IceAgent::pair_selected(NiceAgent*, guint, guint, NiceCandidate*, NiceCandidate*, gpointer self) {
  static_cast<IceAgent*>(self)->on_pair_selected();
}

void IceAgent::received(NiceAgent*, guint, guint, guint length, gchar* data, gpointer self) {
  static_cast<IceAgent*>(self)->events_.on_ice_datagram(as_bytes(std::string_view(data, length)));
}

}  // namespace footbridge::webrtc
