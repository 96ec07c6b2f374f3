// How often an instance of core.wasm that has trapped is replaced: a bug that comes back at once is not waited out.
export const kMostRestarts = 3; // within kRestartWindowMs
export const kRestartWindowMs = 60_000;

export class Restarts {
  private times: number[] = [];

  // One has trapped. False: that is too often.
  another(steadyMs: number): boolean {
    this.times = [...this.times.filter((then) => steadyMs - then < kRestartWindowMs), steadyMs];
    return this.times.length <= kMostRestarts;
  }
}
