// People helped since midnight of this machine, out of a count of people ever.
export class Tally {
  private day = '';
  private atMidnight = 0;
  private last = 0;

  // The count of a core that has taken another's place begins at 0.
  today(helped: number, now: Date): number {
    const day = now.toDateString();
    if (this.day === '') this.day = day;
    if (day !== this.day) {
      this.day = day;
      this.atMidnight = this.last;
    }
    if (helped < this.last) this.atMidnight -= this.last;
    this.last = helped;
    return helped - this.atMidnight;
  }
}
