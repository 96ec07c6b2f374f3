// FB_ASSERT: a broken invariant is a bug in us, never bad input. Always on, also in release.
// Prints the place and the expression, then aborts; fuzzers and the simulator count an abort as a finding.
#pragma once

namespace footbridge {

[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace footbridge

// The one macro of the project: only a macro can name the expression and the caller's line.
// Every visitor of a page fetches core.wasm, so there the line stands for the expression.
#ifdef __wasm__
#define FB_ASSERT(cond) ((cond) ? static_cast<void>(0) : ::footbridge::assertion_failed("", __FILE__, __LINE__))
#else
#define FB_ASSERT(cond) ((cond) ? static_cast<void>(0) : ::footbridge::assertion_failed(#cond, __FILE__, __LINE__))
#endif
