// Writes holidays.csv from the npm package @holiday-jp/holiday_jp (MIT).
//
//   npm install --no-save @holiday-jp/holiday_jp@2.5.1
//   node tenants/calendar/holidays.mjs > tenants/calendar/holidays.csv
//
// Only the facts are kept: the date and the day's names. Review the difference
// of a renewed table by hand: a new special holiday is an act of law.
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(join(process.cwd(), "package.json"));
const { version } = require("@holiday-jp/holiday_jp/package.json");
const table = require("@holiday-jp/holiday_jp/lib/holidays.js");

const dates = Object.keys(table).sort();
const years = `${dates[0].slice(0, 4)}-${dates.at(-1).slice(0, 4)}`;
const lines = dates.map((date) => {
  const { name, name_en } = table[date];
  for (const text of [name, name_en]) {
    if (/[",\r\n]/.test(text)) throw new Error(`${date}: "${text}" needs quoting`);
  }
  // The package names the day a substitute stands for, not always the right one
  // (2026-05-06 stands for 5/3, a Sunday, not for こどもの日): the plain word is always true.
  const ja = name.trim().replace(/^.* (振替休日)$/u, "$1");
  return `${date},${ja},${name_en.trim().replace(/\.$/, "")}`;
});

process.stdout.write(
  `# Japanese holidays ${years}. Source: npm @holiday-jp/holiday_jp ${version} (MIT). Made by holidays.mjs.\n` +
    "# Equinoxes of later years are astronomical forecasts until the government announces them.\n" +
    "date,ja,en\n" +
    lines.join("\n") +
    "\n",
);
