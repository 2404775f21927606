/** What a line from one part to another does to calls. `late`: it arrives, minutes later, and is not answered. */
export const LINE_WEATHERS = ["fine", "down", "answer_lost", "slow", "late", "cut", "patchy"] as const;
export type LineWeather = (typeof LINE_WEATHERS)[number];

/** How the upstream answers. `half_broken`: only the left stream can be read. `garbled`: some records have no id. */
export const SOURCE_WEATHERS = [
  "fine",
  "slow",
  "failing",
  "rate_limited",
  "refusing",
  "hanging",
  "cut_off",
  "broken",
  "half_broken",
  "garbled",
  "patchy",
] as const;
/** `prompt`: fine, and pages take no time. */
export type SourceWeather = (typeof SOURCE_WEATHERS)[number] | "prompt";

/** How the receiver of events answers. */
export const RECEIVER_WEATHERS = ["fine", "failing", "hanging", "answer_lost"] as const;
export type ReceiverWeather = (typeof RECEIVER_WEATHERS)[number];

/** What the world does to those who depend on it, for as long as it lasts. */
export interface Weather {
  database: LineWeather;
  handover: LineWeather;
  source: SourceWeather;
  receiver: ReceiverWeather;
}

export function calm(): Weather {
  return { database: "fine", handover: "fine", source: "fine", receiver: "fine" };
}
