// What a conversation with a local application is given, and the limits all of them keep.
#pragma once

#include <functional>

#include "base/address.hpp"
#include "base/time.hpp"
#include "programs/client/local_connection.hpp"
#include "programs/client/pac.hpp"
#include "programs/client/tunnel.hpp"

namespace footbridge::client {

// A person can type a request by hand in this time; a forgotten connection does not stay for ever.
inline constexpr Seconds kRequestHeadLimit{30};
// Browsers keep an idle proxy connection for 60 to 300 s; after 90 s a page's next click is rare.
inline constexpr Seconds kKeepAliveLimit{90};

class UdpAssociations;

// Outlives every conversation.
struct LocalServices {
  Tunnel& tunnel;
  const PacFile& pac;
  Endpoint listener;
  UdpAssociations& associations;
  Duration open_limit;  // how long a request waits for a way out
};

// Waits for more bytes while nothing is under way: the place where a drain may end the connection.
// False: closed, drained or too long.
using AwaitRequest = std::function<asio::awaitable<bool>(LocalConnection& application, Duration limit)>;

}  // namespace footbridge::client
