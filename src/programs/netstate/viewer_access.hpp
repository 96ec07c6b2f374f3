// ViewerAccess: who may look. With a token: whoever has given it once, POST /token, and keeps the cookie that he got
// for it; the cookie is derived from the token, so it outlives restarts and ends with the token. Without one: whoever
// is on this machine and asks for this machine by its own name, or a page of anybody's that names a host which leads
// here (DNS rebinding) would look through its visitor's browser.
//
// Errors: ops::UsageError about the file. Threads: the executor's one thread.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/private.hpp"
#include "base/rng.hpp"
#include "base/time.hpp"
#include "io/asio.hpp"
#include "ops/values.hpp"
#include "transport/http/message.hpp"

namespace footbridge::netstate {

inline constexpr std::size_t kMinTokenChars = 16;  // 96 bits of base64: nobody tries them all
inline constexpr std::size_t kMaxTokenChars = 256;
// Before somebody hears that he was wrong. His network has 32 connections (io::ConnectionLimits).
inline constexpr Seconds kWrongTokenPause{1};

class ViewerAccess {
 public:
  // `tls`: the cookie is for TLS only.
  ViewerAccess(const std::optional<ops::FilePath>& token_file, bool tls, Rng& rng);

  bool wants_token() const { return cookie_.has_value(); }
  bool admits(const http::Request& request) const;
  // The answer to POST /token, whose body is the token: 204 with the cookie, or 401 after a pause.
  asio::awaitable<http::Response> enter(http::Request request) const;

 private:
  bool same(std::string_view a, std::string_view b) const;

  std::optional<Private<std::string>> token_;
  std::optional<Private<std::string>> cookie_;  // "NAME=VALUE"
  bool tls_;
  std::array<std::byte, 32> compare_key_;  // of this run: how far two texts agree must not show in the time it takes
};

}  // namespace footbridge::netstate
