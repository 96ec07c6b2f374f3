// The doctor's words: a line for each check, then what is wrong and what to do; or the same as one JSON object. What
// only follows from something else is counted, not listed. Names and addresses stand in it only where `subjects` has
// them. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "core/doctor/diagnosis.hpp"
#include "core/doctor/judge.hpp"
#include "programs/doctor/examination.hpp"

namespace footbridge::doctor {

std::string text_report(const core::Diagnosis& diagnosis, core::DoctorRole role, const std::vector<Subject>& subjects);
std::string json_report(const core::Diagnosis& diagnosis, core::DoctorRole role, const std::vector<Subject>& subjects);

}  // namespace footbridge::doctor
