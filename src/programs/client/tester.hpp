// Tester: the operator's own client, which tries volunteers that nobody has tried before people meet them. One at a
// time it asks the broker for somebody, with an offer like anybody's; whoever it gets is tried as a person would use
// him: a link, through it QUIC's handshake with the pinned egress, a session. What came of it is said with the next
// offers. docs/spec/16-proxy-tests.md.
//
//   Gathering ──▶ Offered ──match──▶ Trying ──session granted──▶ Staying ──kStay──▶ gone
//                                       └── kTestLimit, link or handshake failed ──▶ gone
//
// It stays for a drawn while with who has passed, as people do who look around: a volunteer that hears goodbye at once
// would know.
//
// Bounds: kMaxTrying, kMaxTests, kMaxVerdicts. Ownership: rng, troubles, finder outlive it, and so does whatever makes
// the links. Destroy it when stopped() or abruptly. Threads: the executor's one thread.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/rng.hpp"
#include "io/deadline_timer.hpp"
#include "programs/client/client_path.hpp"
#include "programs/client/client_session.hpp"
#include "programs/client/finder.hpp"
#include "programs/client/trouble.hpp"

namespace footbridge::client {

inline constexpr std::size_t kMaxTrying = 4;     // TST-B7: what a broker lets one client hold unopened (BRK-B2)
inline constexpr std::size_t kMaxTests = 32;     // TST-B8: with those that only stay
inline constexpr std::size_t kMaxVerdicts = 16;  // TST-B9: said again with each offer: the last one may have been lost
inline constexpr Seconds kVerdictLasts{45};      // TST-T3: later no broker waits for it
inline constexpr Seconds kTestLimit{30};         // TST-T7: a link's 20 s, and the handshakes on it
inline constexpr Seconds kStayFrom{5};           // TST-T10, TST-T11: drawn, as people's are
inline constexpr Seconds kStayTo{20};
inline constexpr Millis kAskGap{1'000};  // TST-T12: BRK-T11
inline constexpr Seconds kAskAgain{3};   // TST-T13: nobody is there, which is what a tester wants: BRK-T6 and more

class Tester final : public FinderEvents, private ClientPathEvents, private ClientSessionEvents {
 public:
  struct Config {
    std::vector<quic::SpkiPin> pins{};                         // a directory's
    std::function<void(TimePoint now)> on_unknown_egress{};    // a match led to one that it does not list
    std::function<void(wire::OutcomeKind what)> on_verdict{};  // of each test
    std::function<void()> on_stopped{};
  };
  Tester(asio::any_io_executor executor, Config config, Rng& rng, TroubleTeller& troubles);
  ~Tester() override;

  void trust(std::vector<quic::SpkiPin> pins) { config_.pins = std::move(pins); }
  void start(TimePoint now, Finder& finder, MakeLink make_link);
  // Says goodbye everywhere; Config::on_stopped follows.
  void stop(TimePoint now);
  bool stopped() const { return phase_ != Phase::Running && tests_.empty(); }
  std::size_t trying() const;

  // FinderEvents
  void on_matches(TimePoint now, std::vector<wire::Match> matches) override;
  void on_still_looking(TimePoint now, Trouble why) override;

 private:
  enum class Phase : std::uint8_t { Resting, Running, Stopping };
  struct Test {
    std::unique_ptr<ClientSession> session;  // before the path, which goes first
    std::unique_ptr<ClientPath> path;
    std::optional<MatchId> match;
    bool judged = false;
    TimePoint until{};  // then it is judged, or over
  };
  struct Verdict {
    wire::Outcome outcome;
    TimePoint until{};
  };

  // ClientPathEvents
  void on_path_offer(TimePoint now, ClientPath& path) override;
  std::optional<core::SessionGrant> session_to_join(const ClientPath&) override { return std::nullopt; }
  void on_path_granted(TimePoint now, ClientPath& path, const wire::Ok& ok) override;
  void on_path_silence(TimePoint, ClientPath&, bool) override {}
  void on_path_long_silence(TimePoint, ClientPath&) override {}
  void on_path_leaving(TimePoint, ClientPath&) override {}
  void on_path_over(TimePoint now, ClientPath& path, const PathOutcome& outcome) override;
  // ClientSessionEvents
  void on_session_traffic(TimePoint) override {}
  void on_session_leaving(TimePoint, ClientSession&) override {}
  void on_session_over(TimePoint now, ClientSession& session, core::EndReason reason) override;

  Test* asking();  // whose offer the broker is to have; null: none
  void judge(TimePoint now, Test& test, wire::OutcomeKind what);
  void ask_by(TimePoint at);
  void ask(TimePoint now);
  void settle(TimePoint now);
  void look_at_limits(TimePoint now);
  void withdraw(TimePoint now, core::PathKey key);
  void sweep();

  asio::any_io_executor executor_;
  Config config_;
  Rng& rng_;
  TroubleTeller& troubles_;
  Finder* finder_ = nullptr;  // null before start()
  MakeLink make_link_;
  Phase phase_ = Phase::Resting;
  std::uint16_t shard_ = 0;  // of the current search
  std::uint32_t last_key_ = 0;
  std::map<core::PathKey, Test> tests_;
  std::deque<Verdict> verdicts_;
  TimePoint asked_at_{};
  std::optional<TimePoint> ask_at_;
  std::optional<core::PathKey> asked_for_;  // whose offer the broker has: what it answers is that one's alone
  TimePoint not_before_{};                  // the next offer, where one could not even be made
  io::DeadlineTimer ask_timer_;
  io::DeadlineTimer limit_timer_;
  io::DeadlineTimer sweep_timer_;  // destroys what is over, from a turn of its own
};

// What a volunteer is to be told by how the tester's path through it ended before it carried. Stopped: it did what it
// could.
wire::OutcomeKind verdict_of(Trouble trouble);

}  // namespace footbridge::client
