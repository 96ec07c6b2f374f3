#include "transport/webrtc/ice_agent.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <netinet/udp.h>
#include <openssl/rand.h>

#include "base/assert.hpp"

namespace footbridge::webrtc {
namespace {

constexpr guint kComponent = 1;
constexpr int kSocketBufferBytes = 4 << 20;  // a burst of SCTP's window; below that bursts are lost inside the host
constexpr std::size_t kUfragChars = 4;       // the lengths browsers use
constexpr std::size_t kPwdChars = 24;

std::string random_ice_chars(std::size_t count) {
  constexpr std::string_view kChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::array<unsigned char, 32> raw{};
  FB_ASSERT(count <= raw.size() && RAND_bytes(raw.data(), static_cast<int>(count)) == 1);
  std::string out;
  for (std::size_t i = 0; i < count; ++i) out += kChars[raw[i] & 63];
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

void free_candidate(gpointer candidate) { nice_candidate_free(static_cast<NiceCandidate*>(candidate)); }

void grow_buffer(int socket, int option, int forced) {
  // FORCE needs CAP_NET_ADMIN; without it the system's maximum has to do.
  if (setsockopt(socket, SOL_SOCKET, forced, &kSocketBufferBytes, sizeof kSocketBufferBytes) != 0)
    setsockopt(socket, SOL_SOCKET, option, &kSocketBufferBytes, sizeof kSocketBufferBytes);
}

}  // namespace

IceAgent::IceAgent(GMainContext* context, const IceConfig& config, IceEvents& events)
    : events_(events), context_(context) {
  // Trickle mode inside although descriptions are complete: checks may begin before our own gathering has ended.
  const auto options =
      static_cast<NiceAgentOption>(NICE_AGENT_OPTION_ICE_TRICKLE | NICE_AGENT_OPTION_CONSENT_FRESHNESS);
  agent_.reset(nice_agent_new_full(context, NICE_COMPATIBILITY_RFC5245, options));
  auto* const agent = agent_.get();
  g_object_set(agent, "controlling-mode", config.controlling ? TRUE : FALSE, "ice-tcp", FALSE, "upnp",
               config.port_mapping ? TRUE : FALSE, nullptr);
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
  credentials_ = {Private(random_ice_chars(kUfragChars)), Private(random_ice_chars(kPwdChars))};
  nice_agent_set_local_credentials(agent, stream_, credentials_.ufrag.reveal_to_socket().c_str(),
                                   credentials_.pwd.reveal_to_socket().c_str());
  nice_agent_attach_recv(agent, stream_, kComponent, context, &IceAgent::received, this);
}

IceAgent::~IceAgent() {
  // libnice drops its lock around callbacks: silence it first, then let go.
  g_signal_handlers_disconnect_by_data(agent_.get(), this);
  nice_agent_attach_recv(agent_.get(), stream_, kComponent, context_, nullptr, nullptr);
  nice_agent_remove_stream(agent_.get(), stream_);
}

bool IceAgent::gather() { return nice_agent_gather_candidates(agent_.get(), stream_) != FALSE; }

std::vector<wire::IceCandidate> IceAgent::local_candidates() const {
  std::vector<wire::IceCandidate> out;
  GSList* const list = nice_agent_get_local_candidates(agent_.get(), stream_, kComponent);
  for (const GSList* item = list; item != nullptr; item = item->next) {
    const auto& candidate = *static_cast<const NiceCandidate*>(item->data);
    const auto endpoint = from_nice(candidate.addr);
    if (!endpoint || candidate.transport != NICE_CANDIDATE_TRANSPORT_UDP) continue;
    out.push_back({candidate.foundation, candidate.priority, Private(*endpoint), wire_type(candidate.type)});
  }
  g_slist_free_full(list, free_candidate);
  return out;
}

bool IceAgent::set_remote(const IceCredentials& credentials, const std::vector<wire::IceCandidate>& candidates) {
  if (nice_agent_set_remote_credentials(agent_.get(), stream_, credentials.ufrag.reveal_to_socket().c_str(),
                                        credentials.pwd.reveal_to_socket().c_str()) == FALSE)
    return false;
  GSList* list = nullptr;
  for (const auto& candidate : candidates) {
    auto* const made = nice_candidate_new(nice_type(candidate.type));
    made->addr = to_nice(candidate.endpoint.reveal_to_socket());
    made->priority = candidate.priority;
    made->stream_id = stream_;
    made->component_id = kComponent;
    made->transport = NICE_CANDIDATE_TRANSPORT_UDP;
    g_strlcpy(made->foundation, candidate.foundation.c_str(), sizeof made->foundation);
    list = g_slist_append(list, made);
  }
  const int taken = list == nullptr ? 0 : nice_agent_set_remote_candidates(agent_.get(), stream_, kComponent, list);
  g_slist_free_full(list, free_candidate);
  nice_agent_peer_candidate_gathering_done(agent_.get(), stream_);
  return taken >= 0;
}

void IceAgent::send_run(ByteView run, std::size_t segment_bytes) {
  if (socket_ < 0 || !segments_ || !send_segmented(run, segment_bytes)) send_one_by_one(run, segment_bytes);
}

// False: this kernel or device cannot segment; nothing was sent.
bool IceAgent::send_segmented(ByteView run, std::size_t segment_bytes) {
  iovec piece{const_cast<std::byte*>(run.data()), run.size()};
  alignas(cmsghdr) std::array<char, CMSG_SPACE(sizeof(std::uint16_t))> control{};
  msghdr message{};
  message.msg_name = &remote_;
  message.msg_namelen = remote_bytes_;
  message.msg_iov = &piece;
  message.msg_iovlen = 1;
  if (run.size() > segment_bytes) {
    message.msg_control = control.data();
    message.msg_controllen = control.size();
    auto* const header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_UDP;
    header->cmsg_type = UDP_SEGMENT;
    header->cmsg_len = CMSG_LEN(sizeof(std::uint16_t));
    const auto segment = static_cast<std::uint16_t>(segment_bytes);
    std::memcpy(CMSG_DATA(header), &segment, sizeof segment);
  }
  if (sendmsg(socket_, &message, MSG_DONTWAIT | MSG_NOSIGNAL) >= 0) return true;
  if (run.size() > segment_bytes && (errno == EIO || errno == EINVAL || errno == EOPNOTSUPP || errno == ENOPROTOOPT)) {
    segments_ = false;
    return false;
  }
  return true;  // a full socket buffer or an unreachable network: the datagrams are lost, as datagrams may be
}

void IceAgent::send_one_by_one(ByteView run, std::size_t segment_bytes) {
  while (!run.empty()) {
    const auto datagram = run.first(std::min(segment_bytes, run.size()));
    nice_agent_send(agent_.get(), stream_, kComponent, static_cast<guint>(datagram.size()),
                    reinterpret_cast<const gchar*>(datagram.data()));
    run = run.subspan(datagram.size());
  }
}

void IceAgent::select_socket() {
  socket_ = -1;
  NiceCandidate* local = nullptr;
  NiceCandidate* remote = nullptr;
  if (nice_agent_get_selected_pair(agent_.get(), stream_, kComponent, &local, &remote) == FALSE) return;
  const auto endpoint = from_nice(remote->addr);
  pair_ =
      LinkInfo::Pair{kind_of(local->type), kind_of(remote->type), endpoint ? endpoint->address.family() : Family::V4};
  GSocket* const socket = nice_agent_get_selected_socket(agent_.get(), stream_, kComponent);
  if (socket == nullptr || local->type == NICE_CANDIDATE_TYPE_RELAYED) return;
  socket_ = g_socket_get_fd(socket);
  grow_buffer(socket_, SO_RCVBUF, SO_RCVBUFFORCE);
  grow_buffer(socket_, SO_SNDBUF, SO_SNDBUFFORCE);
  nice_address_copy_to_sockaddr(&remote->addr, reinterpret_cast<sockaddr*>(&remote_));
  remote_bytes_ = remote_.ss_family == AF_INET ? sizeof(sockaddr_in) : sizeof(sockaddr_in6);
}

void IceAgent::gathered(NiceAgent*, guint, gpointer self) { static_cast<IceAgent*>(self)->events_.on_ice_gathered(); }

void IceAgent::state_changed(NiceAgent*, guint, guint, guint state, gpointer self) {
  auto& agent = *static_cast<IceAgent*>(self);
  if (state == NICE_COMPONENT_STATE_FAILED) agent.events_.on_ice_failed();
  if (state != NICE_COMPONENT_STATE_CONNECTED && state != NICE_COMPONENT_STATE_READY) return;
  agent.select_socket();
  agent.events_.on_ice_connected();
}

void IceAgent::pair_selected(NiceAgent*, guint, guint, NiceCandidate*, NiceCandidate*, gpointer self) {
  static_cast<IceAgent*>(self)->select_socket();
}

void IceAgent::received(NiceAgent*, guint, guint, guint length, gchar* data, gpointer self) {
  static_cast<IceAgent*>(self)->events_.on_ice_datagram(as_bytes(std::string_view(data, length)));
}

}  // namespace footbridge::webrtc
