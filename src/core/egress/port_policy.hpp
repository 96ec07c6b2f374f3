// PortPolicy: which destination ports an egress serves. Threat T5: volunteers' and operators' reputation depends on
// not being a source of spam and worms. No I/O, immutable after construction.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace footbridge::core {

struct PortRange {
  std::uint16_t first = 0;
  std::uint16_t last = 0;
  friend auto operator<=>(const PortRange&, const PortRange&) = default;
};

class PortPolicy {
 public:
  static PortPolicy none() { return PortPolicy({}); }  // nothing leaves
  static PortPolicy web();                             // 80 443 853 993 995 5222-5223 8080 8443
  static PortPolicy reduced();                         // web, and 22 465 587
  // Of UDP: DNS and DNS over QUIC (53 853), QUIC (443 8443), calls over TURN (3478 5349, 19302-19309).
  static PortPolicy udp_web();
  // "80,443,8000-8100"; nullopt: not such a list, empty, or more than 64 ranges.
  static std::optional<PortPolicy> custom(std::string_view list);
  // "web" or "reduced"; custom policies have a list and hence custom().
  static std::optional<PortPolicy> preset(std::string_view name);

  // Mail relay (25), NetBIOS and SMB (135-139, 445) and port 0 are refused by every policy, also by a custom one.
  bool allows(std::uint16_t port) const;
  static bool is_never_served(std::uint16_t port);

 private:
  explicit PortPolicy(std::vector<PortRange> ranges) : ranges_(std::move(ranges)) {}
  std::vector<PortRange> ranges_;
};

}  // namespace footbridge::core
