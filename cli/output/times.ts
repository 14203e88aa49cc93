/** An instant as a person reads it, in UTC: `2026-11-21 10:00:05`. */
export function when(instant: string | null): string {
  return instant === null ? '' : instant.slice(0, 19).replace('T', ' ');
}

/** The time of day of an instant, in UTC: `10:00:05`. */
export function clock(instant: string): string {
  return instant.slice(11, 19);
}

/** How long something takes or is ago: `45 s`, `12 min`, `3.5 h`, `2 d`. */
export function duration(seconds: number): string {
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5_400) return `${Math.round(seconds / 60)} min`;
  if (seconds < 172_800) return `${Math.round(seconds / 360) / 10} h`;
  return `${Math.round(seconds / 86_400)} d`;
}
