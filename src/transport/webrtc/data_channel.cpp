#include "transport/webrtc/data_channel.hpp"

#include <array>

namespace footbridge::webrtc {
namespace {

constexpr SctpDelivery kControlDelivery{};  // ordered and reliable, whatever the channel is
constexpr std::array<std::byte, 1> kAck{wire::kDcepAck};
constexpr std::array<std::byte, 1> kNothing{std::byte{0}};

bool is_empty_form(PayloadProtocol protocol) {
  return protocol == PayloadProtocol::EmptyBinary || protocol == PayloadProtocol::EmptyText;
}
bool is_user_data(PayloadProtocol protocol) {
  return protocol == PayloadProtocol::Binary || protocol == PayloadProtocol::Text || is_empty_form(protocol);
}

}  // namespace

DataChannel::DataChannel(const LinkConfig& config, bool opener, DtlsRole role)
    : config_(config), opener_(opener), own_parity_(role == DtlsRole::Client ? 0 : 1), stream_(own_parity_) {}

bool DataChannel::on_association_up(SctpAssociation& association) {
  if (!opener_) return true;
  wire::DcepOpen open;
  open.label = config_.label.substr(0, wire::kMaxDcepTextBytes);
  if (config_.reliability == Reliability::Unreliable) {
    open.ordered = false;
    open.reliability = wire::ChannelReliability::Retransmits;
    delivery_ = {.ordered = false, .retransmits = config_.local_retransmits};
  }
  state_ = State::Opening;
  return association.send(stream_, PayloadProtocol::Dcep, kControlDelivery, wire::encode_dcep_open(open)) ==
         SctpAssociation::Sent::Taken;
}

DataChannel::Input DataChannel::on_message(SctpAssociation& association, StreamId stream, PayloadProtocol protocol,
                                           ByteView data, ByteView& view) {
  view = {};
  if (state_ == State::Ended) return Input::Nothing;
  if (protocol == PayloadProtocol::Dcep) return on_dcep(association, stream, data);
  // Unordered messages may overtake the OPEN that announces their stream; they are lost, as they might have been.
  if (!is_user_data(protocol) || state_ == State::Waiting || stream != stream_) return Input::Nothing;
  state_ = State::Open;
  if (!is_empty_form(protocol)) view = data;
  return Input::Message;
}

DataChannel::Input DataChannel::on_dcep(SctpAssociation& association, StreamId stream, ByteView data) {
  if (wire::is_dcep_ack(data)) {
    if (state_ == State::Open) return Input::Nothing;  // a message overtook the acknowledgement
    if (state_ != State::Opening || stream != stream_) return Input::Misused;
    state_ = State::Open;
    return Input::Opened;
  }
  const auto open = wire::parse_dcep_open(data);
  // One channel per link, opened by the offerer, on a stream that is the other side's to give.
  if (!open || opener_ || state_ != State::Waiting || stream % 2 == own_parity_) return Input::Misused;
  stream_ = stream;
  delivery_.ordered = open->ordered;
  if (open->reliability != wire::ChannelReliability::Reliable) delivery_.retransmits = config_.local_retransmits;
  if (association.send(stream_, PayloadProtocol::Dcep, kControlDelivery, kAck) != SctpAssociation::Sent::Taken)
    return Input::Misused;
  state_ = State::Open;
  return Input::Opened;
}

bool DataChannel::on_stream_reset(StreamId stream) {
  if (stream != stream_ || (state_ != State::Open && state_ != State::Opening)) return false;
  state_ = State::Ended;
  return true;
}

std::size_t DataChannel::pump(SctpAssociation& association) {
  std::size_t taken = 0;
  while (state_ == State::Open && !queue_.empty()) {
    const auto message = queue_.front();
    const auto sent = message.empty() ? association.send(stream_, PayloadProtocol::EmptyBinary, delivery_, kNothing)
                                      : association.send(stream_, PayloadProtocol::Binary, delivery_, message);
    if (sent != SctpAssociation::Sent::Taken) break;
    taken += message.size();
    queue_.pop();
  }
  return taken;
}

}  // namespace footbridge::webrtc
