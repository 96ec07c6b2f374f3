// Picker: who is at a point of the layout. A grid of the places, made when first asked after they changed.
export class Picker {
  #places: Float32Array | null = null;
  #cells = new Map<number, number[]>();
  #size = 1;

  // The nearest one within the reach, in units of the layout; -1: nobody.
  at(places: Float32Array, x: number, y: number, reach: number): number {
    if (places !== this.#places || reach > this.#size || reach < this.#size / 8) this.#build(places, reach);
    let [best, bestDistance] = [-1, reach];
    const [column, row] = [Math.floor(x / this.#size), Math.floor(y / this.#size)];
    for (let c = column - 1; c <= column + 1; ++c) {
      for (let r = row - 1; r <= row + 1; ++r) {
        for (const index of this.#cells.get(key(c, r)) ?? []) {
          const distance = Math.hypot((places[2 * index] ?? 0) - x, (places[2 * index + 1] ?? 0) - y);
          if (distance <= bestDistance) [best, bestDistance] = [index, distance];
        }
      }
    }
    return best;
  }

  #build(places: Float32Array, reach: number): void {
    this.#places = places;
    this.#size = Math.max(reach, 4);
    this.#cells = new Map();
    for (let index = 0; 2 * index < places.length; ++index) {
      const cell = key(
        Math.floor((places[2 * index] ?? 0) / this.#size),
        Math.floor((places[2 * index + 1] ?? 0) / this.#size),
      );
      const there = this.#cells.get(cell);
      if (there) there.push(index);
      else this.#cells.set(cell, [index]);
    }
  }
}

const kColumns = 0x100000;
function key(column: number, row: number): number {
  return column * kColumns + row;
}
