// The demo, while it stays: its own volunteers carry, until a browser on this machine volunteers; then that one alone,
// with something to carry all the time, until it leaves. Both are said on standard error and to the guest's page.
//
//   OwnCarry ──a page polls the broker──▶ GuestCarries ──no page polls for kGuestGone──▶ OwnCarry
//                                             └── nothing comes through for kGuestLimit ──▶ OwnCarry, once that page is
//                                             gone
#pragma once

#include "programs/demo/network.hpp"
#include "programs/demo/website.hpp"

namespace footbridge::demo {

inline constexpr Millis kGuestLook{250};   // how often the broker is asked who is there
inline constexpr Seconds kGuestGone{2};    // between two polls a page is not there for milliseconds
inline constexpr Seconds kGuestLimit{25};  // kAnswerLimit: the client has said by then that nobody is reached
inline constexpr Millis kPartPause{500};   // between two parts: enough to see the numbers run

// Never ends by itself. Both outlive the call. Throws ops::RunError when a program does not answer.
asio::awaitable<void> take_turns(Network& network, Website& site);

}  // namespace footbridge::demo
