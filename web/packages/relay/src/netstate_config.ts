// Whom a page may tell how it is, if its person wants that: what `footbridge network reporter --role page` has printed for config.json.
// The key in it is everybody's who reads the page: docs/spec/18-netstate.md §4 says what it is good for.
export interface NetstateConfig {
  url: string;
  key: Uint8Array; // 32; the seed of an Ed25519 key
  chain: Uint8Array; // why netstate believes that key
  names: ReadonlyMap<string, Uint8Array>; // of each egress, by its relay's URL; 16
}

export const kMaxReporterChainBytes = 640; // NTS-B3
