// Tests only: a head from its text.
#pragma once

#include <gtest/gtest.h>
#include <string_view>

#include "programs/client/http_framing.hpp"

namespace footbridge::client {

template <class Parser>
auto parsed_head(std::string_view text) {
  Parser parser;
  prepare(parser);
  io::error_code error;
  parser.put(asio::buffer(text), error);
  EXPECT_FALSE(error) << error.message();
  EXPECT_TRUE(parser.is_header_done());
  return parser.get().base();
}

inline RequestHead request_head(std::string_view text) { return parsed_head<RequestParser>(text); }
inline ResponseHead response_head(std::string_view text) { return parsed_head<ResponseParser>(text); }

}  // namespace footbridge::client
