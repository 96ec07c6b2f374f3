// The relay of a page: links, legs, and the worker that has the core.
export { type Installation, parseConfig, type RelayConfig } from './config.js';
export { type Keeper, memoryKeeper, storageKeeper } from './keeper.js';
export { type Places, VolunteerFrame } from './volunteer_frame.js';
