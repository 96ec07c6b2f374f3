// core.wasm and what is around it: the volunteer's decisions, the same as the daemon's.
export { Core, CoreTrapped } from './core.js';
export { Gate, RelayWay } from './gate.js';
export { kExports } from './instance.js';
export * from './limits.js';
export { type FillRandom, systemRandom } from './primitives.js';
export * from './records.js';
export { Restarts } from './restarts.js';
export { Volunteer, type VolunteerHost } from './volunteer.js';
