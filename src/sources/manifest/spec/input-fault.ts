/** One thing that an input does not fulfil. */
export interface InputFault {
  readonly path: readonly string[];
  readonly kind: "missing" | "extra" | "wrong";
  readonly message: string;
}

export const MISSING = "Field required";
export const EXTRA = "Extra inputs are not permitted";
