#include "transport/webrtc/peer.hpp"

#include <openssl/rand.h>
#include <system_error>
#include <utility>

#include "base/assert.hpp"
#include "io/clock.hpp"
#include "transport/webrtc/own_subnets.hpp"
#include "wire/ice_candidate_filter.hpp"

namespace footbridge::webrtc {
namespace {

std::uint64_t random_u64() {
  std::uint64_t out = 0;
  FB_ASSERT(RAND_bytes(reinterpret_cast<unsigned char*>(&out), sizeof out) == 1);
  return out;
}

// A detour of the link's own asks for itself, and what it hears says nothing of ours.
std::optional<Endpoint> stun_server_for(const PeerHost& host, const LinkConfig& config) {
  if (config.make_detour) return std::nullopt;
  return host.stun->choose(static_cast<std::size_t>(random_u64()));
}

}  // namespace

Peer::Peer(PeerHost& host, NewPeer made)
    : host_(host),
      mailbox_(std::move(made.mailbox)),
      role_(made.role),
      config_(std::move(made.config)),
      stun_server_(stun_server_for(host, config_)),
      remote_(std::move(made.offer)),
      best_(config_.best),
      certificate_(Certificate::make()) {
  if (config_.reliability == Reliability::Reliable) best_ = LinkKind::DataChannel;  // nothing else keeps order
  IceConfig ice;
  ice.controlling = role_ == DescriptionRole::Offerer;
  ice.stun_server = stun_server_;
  ice.local_addresses = host.config->local_addresses;
  ice.mapped = config_.mapped;
  const auto& make_detour = config_.make_detour ? config_.make_detour : host.config->make_detour;
  if (make_detour) ice.detour = make_detour();
  ice_ = std::make_unique<IceAgent>(host.context, std::move(ice), static_cast<IceEvents&>(*this));
}

Peer::~Peer() {
  if (state_ != State::Closed) take_down();
  std::erase(host_.dirty, this);
}

void Peer::start() {
  enter(State::Gathering, std::nullopt);
  if (!ice_->gather()) fail(PipeEnd::Setup);
}

void Peer::on_ice_begun() {
  if (state_ == State::Gathering && !end_) enter(State::Gathering, kGatherLimit);
}

void Peer::enter(State next, std::optional<Duration> limit) {
  const auto now = io::now();
  state_ = next;
  deadline_ = limit ? std::optional(now + *limit) : std::nullopt;
  switch (next) {
    case State::Gathering: info_.state = LinkState::Gathering; break;
    case State::Waiting: info_.state = LinkState::Negotiating; break;
    case State::Checking:
    case State::Shaking:
    case State::Agreeing:
    case State::Opening: info_.state = LinkState::Connecting; break;
    case State::Open: info_.state = LinkState::Open; break;
    case State::Closed: info_.state = LinkState::Closed; break;
  }
  update_info(now);
  mark_dirty();
}

void Peer::update_info(TimePoint now) {
  info_due_ = now + kInfoInterval;
  if (ice_ != nullptr && ice_->pair()) info_.pair = ice_->pair();
  if (state_ == State::Open)
    if (const auto round_trip = sctp_ != nullptr ? sctp_->round_trip() : ice_->round_trip())
      info_.round_trip = round_trip;
  out_.info = info_;
}

void Peer::fail(PipeEnd end) {
  if (!end_) end_ = end;
  mark_dirty();
}

void Peer::mark_dirty() {
  if (dirty_) return;
  dirty_ = true;
  host_.dirty.push_back(this);
}

void Peer::on_mail() {
  {
    const std::lock_guard lock(mailbox_->mutex);
    mailbox_->to_peer_announced = false;
    std::swap(mail_, mailbox_->to_peer);
  }
  mark_dirty();
  read_mail();
  mail_.messages.clear();
  auto memory = std::move(mail_.messages);
  mail_ = ToPeer{};
  mail_.messages = std::move(memory);
}

void Peer::read_mail() {
  if (channel_) channel_->queue(mail_.messages);
  if (is_native()) native_queue_.take(mail_.messages);
  if (mail_.close || mail_.forget) {
    if (mail_.close) flush_network();  // what was sent before the close still goes
    forgotten_ = forgotten_ || mail_.forget;
    return fail(mail_.close.value_or(PipeEnd::Local));
  }
  if (state_ == State::Closed || end_) return;
  if (mail_.unread_taken) unread_bytes_ = 0;
  if (mail_.pause_reading) paused_by_user_ = *mail_.pause_reading;
  if (!mail_.remote) return;
  remote_ = std::move(mail_.remote);
  best_ = std::min(best_, mail_.remote_best);
  if (state_ == State::Waiting) connect();
}

void Peer::on_tick(TimePoint now) {
  if (ice_ != nullptr && !end_) ice_->on_tick(now);
  if (dtls_ != nullptr && state_ == State::Shaking) dtls_->on_tick();
  if (agreement_ && setting_up()) mark_dirty();  // settle() asks it what is due
  if (!deadline_ || now < *deadline_ || end_) return;
  if (state_ == State::Gathering) return publish_description();
  fail(PipeEnd::Setup);
}

void Peer::on_ice_gathered() {
  if (state_ == State::Gathering && !end_) publish_description();
}

void Peer::publish_description() {
  const wire::CandidatePolicy policy{.allow_private = host_.config->allow_private_candidates, .own_subnets = {}};
  wire::SessionDescription local;
  bool stun_answered = false;
  auto candidates = ice_->local_candidates();
  for (const auto& candidate : candidates)
    stun_answered = stun_answered || candidate.type == wire::CandidateType::ServerReflexive;
  if (auto mapped = ice_->mapped_candidate(candidates)) candidates.insert(candidates.begin(), std::move(*mapped));
  for (auto& candidate : candidates) {
    // The other side refuses private addresses anyway, and they would tell it how our network looks inside.
    const auto verdict = wire::judge_endpoint(candidate.endpoint.reveal_to_socket(), policy);
    if (verdict == wire::CandidateVerdict::Usable && local.candidates.size() < wire::kMaxUsedCandidates)
      local.candidates.push_back(std::move(candidate));
  }
  if (stun_server_) {
    host_.stun->report(*stun_server_, stun_answered);
    info_.seen_outside = stun_answered;
  }
  local.ice_ufrag = ice_->credentials().ufrag;
  local.ice_pwd = ice_->credentials().pwd;
  local.fingerprint = certificate_.fingerprint();
  local.max_message_bytes = kMaxMessageBytes;
  if (role_ == DescriptionRole::Answerer) {
    FB_ASSERT(remote_.has_value());
    local.mid = remote_->mid;
    local.setup = dtls_role() == DtlsRole::Client ? wire::DtlsSetup::Active : wire::DtlsSetup::Passive;
  }
  out_.local_description = Private(wire::encode_sdp(local, random_u64()));
  enter(State::Waiting, std::nullopt);
  if (remote_) connect();
}

// RFC 8842 §5.3. An offer of ours says actpass, so that its answer decides; an answer of ours takes what is left.
DtlsRole Peer::dtls_role() const {
  if (remote_->setup == wire::DtlsSetup::Active) return DtlsRole::Server;
  if (remote_->setup == wire::DtlsSetup::Passive) return DtlsRole::Client;
  return config_.answer_as_dtls_server ? DtlsRole::Server : DtlsRole::Client;
}

void Peer::connect() {
  wire::CandidatePolicy policy;
  policy.allow_private = host_.config->allow_private_candidates;
  try {
    policy.own_subnets = own_subnets();
  } catch (const std::system_error&) {
    return fail(PipeEnd::Setup);  // without knowing our neighbours the filter cannot do its work
  }
  auto filtered = wire::filter_candidates(remote_->candidates, policy);
  info_.candidates_refused = filtered.refused + remote_->candidates_skipped;
  enter(State::Checking, kIceLimit);
  if (!ice_->set_remote({remote_->ice_ufrag, remote_->ice_pwd}, filtered.usable)) fail(PipeEnd::Misused);
}

void Peer::on_ice_connected() {
  if (state_ == State::Open) update_info(io::now());
  if (state_ != State::Checking || end_) return;
  enter(State::Shaking, kDtlsLimit);
  dtls_ = host_.dtls->make(certificate_, *this);
  dtls_->start(dtls_role(), remote_->fingerprint);
  while (!early_.empty() && !end_) dtls_->on_datagram(early_.pop());
  early_.clear();
}

void Peer::on_ice_failed() {
  info_.detour_lost = ice_->detour_lost();
  fail(state_ == State::Open ? PipeEnd::Lost : PipeEnd::Setup);
}

void Peer::on_dtls_up() {
  if (best_ == LinkKind::Native) return begin_agreement();
  open_data_channel();
}

void Peer::begin_agreement() {
  const auto tags = NativeTags::of(*dtls_);
  if (!tags) return open_data_channel();
  agreement_.emplace(role_, *tags, rng_);
  ice_->allow_fragments(false);
  enter(State::Agreeing, kAgreementLimit);
}

void Peer::carry_agreement(TimePoint now) {
  while (const auto record = agreement_->poll(now)) dtls_->send(*record);
  if (agreement_->closed_by_other()) return fail(PipeEnd::Remote);
  const auto verdict = agreement_->verdict();
  if (state_ != State::Agreeing || !verdict) return;
  *verdict == LinkKind::Native ? open_native() : open_data_channel();
  while (const auto early = agreement_->take_early()) on_dtls_record(*early);
}

void Peer::open_native() {
  info_.kind = LinkKind::Native;
  info_.round_trip = agreement_->round_trip();
  enter(State::Open, std::nullopt);
  out_.opened = true;
}

void Peer::open_data_channel() {
  ice_->allow_fragments(true);
  info_.kind = LinkKind::DataChannel;
  try {
    channel_.emplace(config_, role_ == DescriptionRole::Offerer, dtls_role());
    enter(State::Opening, kSctpLimit);
    sctp_ = std::make_unique<SctpAssociation>(*host_.sctp, static_cast<SctpEvents&>(*this), remote_->sctp_port);
  } catch (const std::system_error&) {
    fail(PipeEnd::Setup);
  }
}

void Peer::on_dtls_end(DtlsEnd end) {
  if (sctp_ != nullptr && !end_) sctp_->read();  // what came before the end
  if (state_ == State::Open) return fail(end == DtlsEnd::Orderly ? PipeEnd::Remote : PipeEnd::Lost);
  fail(PipeEnd::Setup);
}

void Peer::on_sctp_up() {
  if (!channel_->on_association_up(*sctp_)) fail(PipeEnd::Setup);
}

void Peer::on_sctp_stream_reset(StreamId stream) {
  if (channel_->on_stream_reset(stream)) fail(PipeEnd::Remote);
}

void Peer::on_sctp_end(SctpEnd end) {
  if (end == SctpEnd::Oversized) return fail(PipeEnd::Misused);
  if (state_ != State::Open) return fail(PipeEnd::Setup);
  fail(end == SctpEnd::Remote ? PipeEnd::Remote : PipeEnd::Lost);
}

// ABORT or CLOSE, then close_notify, then silence: the other side knows at once, also when one of the two is lost.
void Peer::take_down() {
  if (sctp_ != nullptr) sctp_->abort();
  if (is_native()) dtls_->send(agreement_->goodbye());
  if (dtls_ != nullptr) dtls_->close();
  batch_.flush(*ice_);
  enter(State::Closed, std::nullopt);
  sctp_.reset();
  dtls_.reset();
  ice_.reset();
  channel_.reset();
  agreement_.reset();
}

}  // namespace footbridge::webrtc
