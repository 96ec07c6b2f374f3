// The examination: runs all checks side by side, each with a deadline, and says as each one finishes.
//
// For a client it asks the ways to brokers one after the other, as a client does, until one answers.
//
// Bounds: kExaminationLimit for all of it; what has not ended by then counts as silent. Threads: the executor's one.
#pragma once

#include <vector>

#include "core/doctor/diagnosis.hpp"
#include "io/asio.hpp"
#include "programs/doctor/checks.hpp"
#include "programs/doctor/doctor_options.hpp"

namespace footbridge::doctor {

inline constexpr Seconds kServerLimit{12};       // name, TCP, TLS and an answer of a slow mobile network
inline constexpr Seconds kTurnLimit{9};          // the same where they are asked in turn: three fit into what follows
inline constexpr Seconds kExaminationLimit{29};  // a person waits half a minute

struct Subject {  // of the report, with --unsafe-logging
  core::Check check = core::Check::Broker;
  unsigned number = 0;
  unsigned front = 0;
  std::string who;
};

struct Examined {
  std::vector<core::Observation> seen;
  std::vector<Subject> subjects;  // empty without --unsafe-logging
};
asio::awaitable<Examined> examine(DoctorOptions options, OnProgress progress);

}  // namespace footbridge::doctor
