import { createFamily } from "#sources/manifest/family";
import type { MutableRecord } from "#sources/manifest/record/record";

/** Changes a config in place: from an older form, or into the one that components expect. */
export interface ConfigTransformation {
  transform(config: MutableRecord): void;
}

export const configTransformation = createFamily<ConfigTransformation>("a config transformation");

/** A rule that a config has to fulfil. */
export interface ConfigValidation {
  /** Sentences about what it does not fulfil; empty where it does. */
  faults(config: MutableRecord): readonly string[];
}

export const configValidation = createFamily<ConfigValidation>("a config validation");

/** What a value that a rule is about has to be. */
export interface ValidationStrategy {
  faults(value: unknown): readonly string[];
}

export const validationStrategy = createFamily<ValidationStrategy>("a validation strategy");
