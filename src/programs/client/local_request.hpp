// What an HTTP request on our port is: a wish of our user's program, or something that must not learn that we exist.
// A decision only; no I/O. Threat T22.
//
// Programs that use us as their proxy speak in two forms that no web page can make a browser send to an address of the
// page's choice: CONNECT host:port, and GET http://host/… in absolute form. A page that guesses our port, directly or
// through a hostile DNS, gets a browser to send the origin form (GET /…), and that is closed without a byte: nothing to
// read, no status, no CORS header, the same as from a port where something else listens. The one origin-form request
// answered is for the PAC file, under its secret path, by nobody's page (no Origin, Referer, Sec-Fetch-*), with a Host
// that is really ours.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "programs/client/http_framing.hpp"
#include "programs/client/pac.hpp"
#include "wire/session_open.hpp"

namespace footbridge::client {

enum class RequestKind : std::uint8_t {
  Tunnel,   // CONNECT: open `destination`, then be a pipe
  Fetch,    // absolute form: fetch `target` from `destination`
  Pac,      // the PAC file
  Refused,  // say `status` and `why`
  Silent,   // close without a byte
};

struct LocalRequest {
  RequestKind kind = RequestKind::Silent;
  wire::Destination destination{};
  std::string target{};    // of a Fetch, in origin form
  unsigned status = 0;     // of a Refused
  std::string_view why{};  // one sentence
};

LocalRequest judge(const RequestHead& head, const PacFile& pac, const Endpoint& listener);

}  // namespace footbridge::client
