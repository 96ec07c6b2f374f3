#include "quic/close_info.hpp"

#include "base/assert.hpp"

namespace footbridge::quic {

std::string_view name(CloseKind kind) {
  switch (kind) {
    case CloseKind::Application: return "application";
    case CloseKind::WrongPin: return "wrong-pin";
    case CloseKind::WrongProtocol: return "wrong-protocol";
    case CloseKind::Tls: return "tls";
    case CloseKind::Transport: return "transport";
    case CloseKind::Profile: return "profile";
    case CloseKind::IdleTimeout: return "idle-timeout";
    case CloseKind::HandshakeTimeout: return "handshake-timeout";
    case CloseKind::Pipe: return "pipe";
    case CloseKind::Internal: return "internal";
  }
  FB_ASSERT(false);
}

}  // namespace footbridge::quic
