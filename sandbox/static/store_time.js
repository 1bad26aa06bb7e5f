// Dates as the store reads them. The page always speaks store time, whatever zone the browser is in.

const ZONE = "Asia/Shanghai";
const DAY_MS = 86_400_000;
const FORMAT = new Intl.DateTimeFormat("zh-CN", {
  timeZone: ZONE,
  year: "numeric",
  month: "numeric",
  day: "numeric",
  weekday: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});

function parts(date) {
  const found = Object.fromEntries(FORMAT.formatToParts(date).map(({ type, value }) => [type, value]));
  return { ...found, weekday: found.weekday.slice(-1) };
}

/** "14:05" */
export function clockTime(date) {
  const { hour, minute } = parts(date);
  return `${hour}:${minute}`;
}

/** The hour of the day in the store, 0 to 23. */
export const storeHour = (date) => Number(parts(date).hour);

/** A key that is the same for all moments of one store day. */
export function dayKey(date) {
  const { year, month, day } = parts(date);
  return `${year}-${month}-${day}`;
}

/** "2026年11月23日 星期一" */
export function longDate(date) {
  const { year, month, day, weekday } = parts(date);
  return `${year}年${month}月${day}日 星期${weekday}`;
}

/** "今天", "明天", "昨天", or "11月23日 周一" */
export function dayName(date, now) {
  const near = [["今天", 0], ["明天", 1], ["昨天", -1]];
  for (const [name, days] of near) {
    if (dayKey(date) === dayKey(new Date(now.getTime() + days * DAY_MS))) return name;
  }
  const { month, day, weekday } = parts(date);
  return `${month}月${day}日 周${weekday}`;
}

/** How far away a moment is: "现在", "25 分钟后", "3 小时 10 分后", "2 天 4 小时后", "已过 5 分钟". */
export function distance(due, now) {
  const minutes = Math.round((due.getTime() - now.getTime()) / 60_000);
  if (minutes === 0) return "现在";
  const span = spanOf(Math.abs(minutes));
  return minutes > 0 ? `${span}后` : `已过 ${span}`;
}

function spanOf(minutes) {
  if (minutes < 60) return `${minutes} 分钟`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} 小时 ${minutes % 60} 分` : `${hours} 小时`;
  const days = Math.floor(hours / 24);
  return hours % 24 ? `${days} 天 ${hours % 24} 小时` : `${days} 天`;
}

/** The store's clock: set from the server, running on by itself in between. */
export class StoreClock {
  #set = Date.now();
  #since = performance.now();
  #minute = null;

  set(iso) {
    this.#set = Date.parse(iso);
    this.#since = performance.now();
  }

  /** True once in each minute: what shows the time is drawn again then. */
  minuteTurned() {
    const minute = Math.floor(this.now().getTime() / 60_000);
    const turned = minute !== this.#minute;
    this.#minute = minute;
    return turned;
  }

  now() {
    return new Date(this.#set + performance.now() - this.#since);
  }
}
