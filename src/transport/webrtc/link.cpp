#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

#include "base/assert.hpp"
#include "io/clock.hpp"
#include "transport/webrtc/link_impl.hpp"
#include "transport/webrtc/native_records.hpp"

namespace footbridge::webrtc {

std::string_view name(LinkState state) {
  switch (state) {
    case LinkState::Gathering: return "gathering";
    case LinkState::Negotiating: return "negotiating";
    case LinkState::Connecting: return "connecting";
    case LinkState::Open: return "open";
    case LinkState::Closed: return "closed";
  }
  FB_ASSERT(false);
}

std::string_view name(CandidateKind kind) {
  switch (kind) {
    case CandidateKind::Host: return "host";
    case CandidateKind::ServerReflexive: return "srflx";
    case CandidateKind::PeerReflexive: return "prflx";
    case CandidateKind::Relayed: return "relay";
  }
  FB_ASSERT(false);
}

std::string_view name(LinkKind kind) {
  switch (kind) {
    case LinkKind::DataChannel: return "data-channel";
    case LinkKind::Native: return "native";
  }
  FB_ASSERT(false);
}

LinkImpl::LinkImpl(const std::unique_ptr<WebrtcThread>& thread, boost::asio::any_io_executor executor,
                   LinkEvents& events, DescriptionRole role, Engine::OnGathered on_gathered)
    : thread_(thread),
      executor_(std::move(executor)),
      events_(events),
      role_(role),
      on_gathered_(std::move(on_gathered)),
      mailbox_(std::make_shared<LinkMailbox>()),  // owners: Link and Peer
      anchor_(std::make_shared<Anchor>()) {       // owners: this Link and the deliveries on their way
  anchor_->link = this;
  mailbox_->announce_to_link = [executor = executor_, anchor = anchor_] {
    boost::asio::post(executor, [anchor] {
      if (anchor->link != nullptr) anchor->link->deliver();
    });
  };
}

LinkImpl::~LinkImpl() {
  anchor_->link = nullptr;
  tell_peer([](ToPeer& mail) { mail.forget = true; });
  // After this the WebRTC thread never touches the executor again: it may be destroyed.
  const std::lock_guard lock(mailbox_->mutex);
  mailbox_->link_gone = true;
  mailbox_->announce_to_link = nullptr;
}

void LinkImpl::start(LinkConfig config, std::optional<Private<std::string>> offer) {
  FB_ASSERT(thread_ != nullptr);
  NewPeer made{mailbox_, role_, std::move(config), std::nullopt};
  if (offer) {
    auto remote = wire::parse_sdp(offer->reveal_to_socket());
    if (!remote) {
      const std::lock_guard lock(mailbox_->mutex);
      mailbox_->to_link.closed = PipeEnd::Misused;
      mailbox_->to_link_announced = true;
      return mailbox_->announce_to_link();
    }
    limit_messages(*remote);
    made.offer = *std::move(remote);
  }
  thread_->create(std::move(made));
}

void LinkImpl::limit_messages(const wire::SessionDescription& remote) {
  if (remote.max_message_bytes == 0) return;  // the other side has no limit
  max_message_bytes_ = static_cast<std::size_t>(std::min<std::uint64_t>(kMaxMessageBytes, remote.max_message_bytes));
}

template <class Change>
void LinkImpl::tell_peer(Change&& change) {
  if (thread_ == nullptr) return;
  bool announce = false;
  {
    const std::lock_guard lock(mailbox_->mutex);
    change(mailbox_->to_peer);
    announce = !std::exchange(mailbox_->to_peer_announced, true);
  }
  if (announce) thread_->announce(mailbox_);
}

bool LinkImpl::send(ByteView message) {
  if (info_.state != LinkState::Open || message.size() > max_message_bytes_) return false;
  pending_.append(message);
  accepted_bytes_ += message.size();
  return true;
}

void LinkImpl::flush() {
  if (pending_.empty()) return;
  tell_peer([this](ToPeer& mail) { mail.messages.take(pending_); });
  pending_.clear();
}

std::uint64_t LinkImpl::outstanding_bytes() const {
  const auto outstanding = accepted_bytes_ - mailbox_->taken_bytes.load();
  return outstanding > kHandoverBytes || mailbox_->blocked.load() ? outstanding : 0;
}

std::size_t LinkImpl::backlog_bytes() const {
  if (outstanding_bytes() == 0) return 0;
  // The wish first, then the look: one of the two threads sees what the other did, so no on_drained is missed.
  mailbox_->drain_wanted.store(true);
  return static_cast<std::size_t>(outstanding_bytes());
}

void LinkImpl::pause_reading(bool paused) {
  if (!wants_work()) return;
  tell_peer([paused](ToPeer& mail) { mail.pause_reading = paused; });
}

void LinkImpl::close(PipeEnd end) {
  if (!wants_work()) return;
  flush();
  tell_peer([end](ToPeer& mail) {
    if (!mail.close) mail.close = end;
  });
}

Status<LinkError> LinkImpl::accept_answer(Private<std::string> sdp, LinkKind other_best) {
  if (role_ != DescriptionRole::Offerer || answered_ || info_.state != LinkState::Negotiating || !wants_work())
    return LinkError::NotExpected;
  auto remote = wire::parse_sdp(sdp.reveal_to_socket());
  if (!remote || remote->setup == wire::DtlsSetup::ActPass) {
    close(PipeEnd::Misused);
    return LinkError::BadDescription;
  }
  answered_ = true;
  limit_messages(*remote);
  tell_peer([&remote, other_best](ToPeer& mail) {
    mail.remote = *std::move(remote);
    mail.remote_best = other_best;
  });
  return {};
}

void LinkImpl::deliver() {
  ToLink box;
  box.messages = std::move(spare_);
  bool tell = false;
  {
    const std::lock_guard lock(mailbox_->mutex);
    std::swap(box, mailbox_->to_link);
    mailbox_->to_link_announced = false;
    tell = std::exchange(mailbox_->peer_waits_for_room, false);
  }
  if (tell) tell_peer([](ToPeer& mail) { mail.unread_taken = true; });
  const auto anchor = anchor_;  // owners: this Link and this delivery
  deliver(io::now(), box, anchor);
  if (anchor->link == nullptr) return;
  box.messages.clear();
  spare_ = std::move(box.messages);
}

// The user may destroy the Link in any event: look at the anchor before each.
void LinkImpl::deliver(TimePoint now, ToLink& box, const std::shared_ptr<Anchor>& anchor) {  // owners: as above
  if (info_.state == LinkState::Closed) return;
  if (box.info) info_ = *box.info;
  if (box.closed) info_.state = LinkState::Closed;
  if (box.opened && info_.kind == LinkKind::Native) max_message_bytes_ = kMaxNativeMessageBytes;
  if (box.local_description && on_gathered_ && info_.seen_outside) on_gathered_(now, *info_.seen_outside);
  if (box.local_description) events_.on_local_description(now, *std::move(box.local_description));
  if (anchor->link == nullptr) return;
  if (box.opened) events_.on_open(now);
  if (anchor->link == nullptr) return;
  if (!box.messages.empty()) {
    auto views = std::move(views_);  // not a member while the user may destroy us
    box.messages.views(views);
    events_.on_messages(now, views);
    if (anchor->link == nullptr) return;
    views_ = std::move(views);
  }
  if (box.drained && !box.closed && backlog_bytes() == 0) events_.on_drained(now);
  if (anchor->link == nullptr) return;
  if (box.closed) events_.on_closed(now, *box.closed);
}

}  // namespace footbridge::webrtc
