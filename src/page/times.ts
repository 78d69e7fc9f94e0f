/** Times for people: the browser's own clock and time zone. All in ms. */

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** `45 s`, `12 min 5 s`, `3 h 12 min`, `2 d 3 h`; at least 0. */
export function duration(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < MINUTE) return `${Math.floor(ms / SECOND)} s`;
  if (ms < HOUR) return two(ms, MINUTE, 'min', SECOND, 's');
  if (ms < DAY) return two(ms, HOUR, 'h', MINUTE, 'min');
  return two(ms, DAY, 'd', HOUR, 'h');
}

function two(ms: number, unit: number, name: string, smaller: number, its: string): string {
  const rest = Math.floor((ms % unit) / smaller);
  return `${Math.floor(ms / unit)} ${name}${rest === 0 ? '' : ` ${rest} ${its}`}`;
}

const pad = (value: number): string => String(value).padStart(2, '0');

/** `21:05:09` */
export function clock(at: number): string {
  const date = new Date(at);
  return `${hours(at)}:${pad(date.getSeconds())}`;
}

/** `21:05` */
export function hours(at: number): string {
  const date = new Date(at);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}`;
}

/** `11-27` */
export function day(at: number): string {
  const date = new Date(at);
  return `${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
}

/** `21:05:09` today, else `11-27 21:05:09`. */
export function moment(at: number, now: number): string {
  return `${day(at) === day(now) ? '' : `${day(at)} `}${clock(at)}`;
}

/** `0.4 ms`, `12 ms`, `1.5 s` */
export function milliseconds(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(1)} s`;
  if (ms >= 10) return `${Math.round(ms)} ms`;
  return `${ms.toFixed(ms >= 0.1 ? 1 : 2)} ms`;
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440].map((minutes) => minutes * MINUTE);

/** Round times of the browser's zone in a span, at most so many. */
export function ticks(from: number, to: number, most: number): number[] {
  const step = STEPS.find((each) => (to - from) / each <= most) ?? 7 * DAY;
  const zone = new Date(from).getTimezoneOffset() * MINUTE;
  const first = Math.ceil((from - zone) / step) * step + zone;
  const count = Math.max(0, Math.floor((to - first) / step) + 1);
  return Array.from({ length: count }, (_, index) => first + index * step);
}
