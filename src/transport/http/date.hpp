// The dates of HTTP: RFC 9110 §5.6.7, of which only the form that everybody writes today is read (IMF-fixdate). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace footbridge::http {

// As in a Date header.
std::string http_date(UnixSeconds at);
// nullopt: another form, or no such day or hour. The name of the weekday is not compared.
std::optional<UnixSeconds> parse_http_date(std::string_view text);

}  // namespace footbridge::http
