// Heads on their way through: what was meant for us is taken out, what belongs between the two ends stays as it was
// (RFC 9110 §7.6.1). Nothing is added that tells of a proxy (no Via, no Forwarded). Pure; output ≤ input + 512 bytes.
#pragma once

#include <string>
#include <string_view>

#include "programs/client/http_framing.hpp"
#include "programs/client/local_request.hpp"

namespace footbridge::client {

// Does the application want its connection back after the answer? HTTP/1.0 never does here.
bool wants_keep_alive(const RequestHead& head);

// For the server: origin form, Host of the destination, one request per stream ("Connection: close": streams cost no
// round trip, and a stale connection would cost a failed request). Keeps the application's version, so that a server
// does not answer in chunks to somebody who cannot read them.
std::string rewrite_request(const RequestHead& head, const LocalRequest& request);

// For the application.
std::string rewrite_response(const ResponseHead& head, bool keep_alive);

// An answer of our own, whole: plain text, never cached, no CORS.
std::string own_response(unsigned status, std::string_view text, bool keep_alive, bool with_body = true);
std::string pac_response(const PacFile& pac, bool with_body);

}  // namespace footbridge::client
