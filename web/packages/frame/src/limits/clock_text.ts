// Times of a day as fields for them say it: '18:00'. An end at midnight is the day's end, so that a whole day can be said.
const kDayMinutes = 1440;

export function clockText(minutes: number): string {
  const two = (value: number) => String(value).padStart(2, '0');
  return `${two(Math.floor(minutes / 60) % 24)}:${two(minutes % 60)}`;
}

// NaN: there is none.
export function beginning(text: string): number {
  const [hour, minute] = text.split(':').map(Number);
  return (hour ?? Number.NaN) * 60 + (minute ?? Number.NaN);
}

export function ending(text: string): number {
  return beginning(text) || (text === '' ? Number.NaN : kDayMinutes);
}
