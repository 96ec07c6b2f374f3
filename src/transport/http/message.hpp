// Requests and responses as our handlers and callers see them: whole, bounded, without HTTP's details.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/address.hpp"
#include "base/bytes.hpp"
#include "base/private.hpp"
#include "transport/http/feed.hpp"

namespace footbridge::http {

inline constexpr std::size_t kMaxHeadBytes = 8 * 1024;
inline constexpr std::size_t kMaxBodyBytes = 64 * 1024;  // requests and responses

struct Request {
  std::string method;                  // "GET", "POST", …; as sent
  Private<std::string> target;         // path and query as sent, ≤ 8 KiB
  std::string content_type;            // empty: none
  Private<std::string> forwarded_for;  // X-Forwarded-For as sent; believe it only from a front of yours
  Private<std::string> host{};         // Host as sent
  Private<std::string> cookie{};       // Cookie as sent
  std::string last_event_id{};         // Last-Event-ID as sent: where somebody's feed was broken off
  Private<Endpoint> peer;
  Bytes body;
};

struct Response {
  unsigned status = 200;
  std::string content_type = "text/plain";
  Bytes body;
  std::vector<std::pair<std::string, std::string>> headers{};  // further ones, e.g. Retry-After, CORS
  bool is_decoy = false;                                       // a server with a Site says what that says instead
  bool is_error_page = false;                                  // of a Site
  std::unique_ptr<Feed> feed{};                                // what follows the body, if anything
};

// What every unknown or unwelcome request gets, whatever the reason: the server's Site, or this 404 page.
Response decoy();

}  // namespace footbridge::http
