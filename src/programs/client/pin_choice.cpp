#include "programs/client/pin_choice.hpp"

namespace footbridge::client {

std::optional<quic::SpkiPin> choose_pin(std::span<const quic::SpkiPin> trusted, const wire::EgressId& egress,
                                        bool listed) {
  if (!listed && trusted.size() == 1) return trusted.front();
  for (const auto& pin : trusted)
    if (equal_in_constant_time(pin.view().first(wire::EgressId::kBytes), egress.view())) return pin;
  return std::nullopt;
}

}  // namespace footbridge::client
