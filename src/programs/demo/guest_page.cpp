#include "programs/demo/guest_page.hpp"

#include <utility>

#include "programs/web_pages.hpp"

namespace footbridge::demo {
namespace {

constexpr std::string_view kScript = R"(const line = document.querySelector('#told');
const words = {
  off: 'Your browser carries nothing. Switch it on in the box.',
  ready: 'Your browser is ready. It will be asked in a moment.',
  on: 'You carry the demo’s traffic now: ',
};
const widget = document.querySelector('footbridge-widget');
const look = async () => {
  const { carrying, bytes } = await (await fetch('/volunteer.json', { cache: 'no-store' })).json();
  const on = ['waiting', 'helping'].includes(widget.state);
  const text = carrying ? words.on + (bytes / 1e6).toFixed(1) + ' MB so far.' : on ? words.ready : words.off;
  if (line.textContent !== text) line.textContent = text;
};
const tell = () => look().catch(() => { line.textContent = 'The demo has ended.'; });
void tell();
setInterval(tell, 500);
)";

constexpr std::string_view kBefore = R"(<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Carry the demo's traffic</title><link rel="icon" href="data:,"><link rel="stylesheet" href="/volunteer.css">
)";
constexpr std::string_view kBetween = R"(<script type="module" src="/volunteer.js"></script></head><body>
<h1>Carry the demo's traffic</h1>
<p>Switch your browser on in the box. The demo's own two volunteers then rest, and whatever its client fetches goes
through this page: from the website to the egress, to your browser, to the client. The box is not of this page: it comes
from another origin, and this page can neither see into it nor agree for you.</p>
<p id="told" role="status">…</p>
)";
constexpr std::string_view kAfter = R"(
<h2>On a page of your own</h2>
<p>These two lines are all that this page needs for it:</p>
<pre>)";
constexpr std::string_view kEnd = "</pre>\n</body></html>\n";
constexpr std::string_view kStyle =
    "body{font:1.1em/1.6 sans-serif;max-width:38em;margin:3em auto;padding:0 1em}"
    "#told{font-weight:bold}pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#eee;padding:1em}";

}  // namespace

void GuestPage::open(std::string tag, std::string origin) {
  tag_ = std::move(tag);
  origin_ = std::move(origin);
}

void GuestPage::tell(bool carrying, std::uint64_t bytes) {
  carrying_ = carrying;
  bytes_ = bytes;
}

std::optional<GuestPage::File> GuestPage::file(std::string_view path) const {
  if (tag_.empty()) return std::nullopt;
  if (path == "/volunteer.js") return File{"text/javascript", std::string(kScript)};
  if (path == "/volunteer.css") return File{"text/css", std::string(kStyle)};
  if (path == "/volunteer.json")
    return File{"application/json", std::string("{\"carrying\":") + (carrying_ ? "true" : "false") +
                                        ",\"bytes\":" + std::to_string(bytes_) + "}"};
  if (path != kGuestPath) return std::nullopt;
  const auto end_of_script = tag_.find('\n') + 1;  // the tag's first line belongs into the head
  std::string body(kBefore);
  body.append(tag_, 0, end_of_script).append(kBetween).append(tag_, end_of_script).append(kAfter);
  body.append(html_text(tag_)).append(kEnd);
  return File{"text/html; charset=utf-8", std::move(body),
              "default-src 'none'; script-src 'self' " + origin_ + "; frame-src " + origin_ +
                  "; style-src 'self'; img-src data:; connect-src 'self'; require-trusted-types-for 'script'; "
                  "trusted-types lit-html"};
}

}  // namespace footbridge::demo
