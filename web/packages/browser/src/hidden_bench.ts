// Measures a volunteer in hidden tabs for so long, and prints a line of JSON per figure: node hidden_bench.js [SECONDS]. The relay is
// measured each minute.
import { watchHidden } from './hidden.js';
import { kRoundMs } from './idle_page.js';
import { median } from './median.js';

const [, , seconds = '360'] = process.argv;
const rates = Math.max(1, Math.floor(Number(seconds) / 60));
const { rounds, visible, hidden } = await watchHidden({ seconds: Number(seconds), rates, rateMs: 3_000 });
console.log(JSON.stringify({ name: 'web.hidden.poll_ratio', values: rounds.map((each) => each / kRoundMs) }));
const seen = median(visible);
console.log(JSON.stringify({ name: 'web.hidden.relay_ratio', values: hidden.map((each) => each / seen) }));
