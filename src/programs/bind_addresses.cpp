#include "programs/bind_addresses.hpp"

#include "ops/errors.hpp"

namespace footbridge {

io::LocalAddresses local_addresses(const std::vector<Private<IpAddress>>& named) {
  io::LocalAddresses out;
  for (const auto& own : named) {
    auto& place = own.reveal_to_socket().is_v4() ? out.v4 : out.v6;
    if (place) throw ops::UsageError("--bind-address: two addresses of one family; name one of each at most");
    place = own;
  }
  return out;
}

}  // namespace footbridge
