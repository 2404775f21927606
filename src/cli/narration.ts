import { styleText } from "node:util";

/** Tells the story of a demonstration, and notes whether what was promised came true. */
export class Narration {
  #chapters = 0;
  #brokenPromises = 0;

  /** Did every promise hold so far? */
  get allKept(): boolean {
    return this.#brokenPromises === 0;
  }

  title(text: string): void {
    console.log(`\n${styleText("bold", text)}`);
  }

  chapter(text: string): void {
    this.#chapters += 1;
    console.log(`\n${styleText("cyan", `${this.#chapters}.`)} ${styleText("bold", text)}`);
  }

  say(text: string): void {
    console.log(text.replaceAll(/^(?=.)/gm, "   "));
  }

  /** States something that has to be true, and shows what came instead where it is not. */
  promise(text: string, actual: string | number, expected: string | number): void {
    if (actual === expected) {
      console.log(`   ${styleText("green", "✓")} ${text}`);
      return;
    }
    this.#brokenPromises += 1;
    console.log(`   ${styleText("red", "✗")} ${text}: expected ${expected}, found ${actual}`);
  }
}
