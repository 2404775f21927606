import { Commits } from "./commits.ts";

/** What outlives an object's times in memory: its one alarm, and the disk that takes what it writes. */
export class ObjectPlace {
  readonly commits = new Commits();
  /** Epoch milliseconds. */
  alarmAt: number | null = null;
  /** The alarm is not what the object set: it was lost, moved, or its object died before it could set it. */
  isAlarmDoubtful = false;
  #keptAlarmAt: number | null = null;

  /** The object sets it, or deletes it with null. */
  setAlarm(at: number | null): void {
    this.alarmAt = at;
    this.isAlarmDoubtful = false;
  }

  /** The platform loses it, or sets it for another time. */
  disturbAlarm(at: number | null): void {
    this.alarmAt = at;
    this.isAlarmDoubtful = true;
  }

  /** From here on, `putBack` comes back to what is stored now. */
  keep(): void {
    this.#keptAlarmAt = this.alarmAt;
  }

  putBack(): void {
    this.setAlarm(this.#keptAlarmAt);
    this.commits.takeAll();
  }
}
