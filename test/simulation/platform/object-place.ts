import { Commits } from "./commits.ts";

/** What outlives an object's times in memory: its one alarm, and the disk that takes what it writes. */
export class ObjectPlace {
  readonly commits = new Commits();
  /** Epoch milliseconds. */
  alarmAt: number | null = null;
  /** The alarm is not what the object set: it was lost, moved, or its object died before it could set it. */
  isAlarmDoubtful = false;
  /** It is the platform's next try at an alarm that failed, which comes when the platform likes. */
  isAlarmRetry = false;
  #keptAlarmAt: number | null = null;

  /** The object sets it, or deletes it with null. */
  setAlarm(at: number | null): void {
    this.alarmAt = at;
    this.isAlarmDoubtful = false;
    this.isAlarmRetry = false;
  }

  /** The platform loses it, or sets it for another time. */
  disturbAlarm(at: number | null): void {
    this.alarmAt = at;
    this.isAlarmDoubtful = true;
  }

  /** The platform tries again an alarm that failed. */
  retryAlarm(at: number): void {
    this.alarmAt = at;
    this.isAlarmRetry = true;
  }

  /** It goes off: there is none any more. */
  takeAlarm(): void {
    this.alarmAt = null;
    this.isAlarmRetry = false;
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
