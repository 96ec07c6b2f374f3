// Tests only: messages of the session protocol as text, in the words of tests/vectors/session_*.json. Thread: any.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/bytes.hpp"
#include "wire/session_control.hpp"
#include "wire/session_flow.hpp"
#include "wire/session_frames.hpp"
#include "wire/session_open.hpp"
#include "wire/session_records.hpp"

namespace footbridge::wire {

std::string text(const Frame& frame);
std::string text(const Record& record);
std::string text(const OpenHeader& header);
std::string text(const Control& message);
std::string text(const FlowMessage& message);

// All frames of a datagram as text, then the error if there was one.
std::vector<std::string> read_all(ByteView datagram);
// What the body of a U frame says, and how it is written; or why it is dropped.
std::pair<std::string, Bytes> read_flow_body(ByteView body);

}  // namespace footbridge::wire
