import type { z } from "zod";

import type { JsonObject } from "#core/json";
import type { OpenSource, SettingsFault, Source, SourceContext, StreamNote } from "#sources/source";
import type { CompiledManifest } from "./compile.ts";
import type { ManifestIssue } from "./document/manifest-error.ts";
import { openManifest } from "./manifest-source.ts";

export interface ManifestTitle {
  readonly shortName: string;
  readonly name: string;
  readonly description: string;
  readonly labels: readonly string[];
}

/**
 * A manifest as a source among sources. It is compiled when it is first needed: the catalogue lists many that nobody
 * opens.
 */
export class ManifestDefinition implements Source {
  readonly internal = false;
  readonly #title: () => ManifestTitle;
  readonly #compile: () => CompiledManifest;
  readonly shortName: string;
  #compiled: CompiledManifest | null = null;

  readonly warnings: readonly ManifestIssue[];

  constructor(
    shortName: string,
    title: () => ManifestTitle,
    compile: () => CompiledManifest,
    warnings: readonly ManifestIssue[] = [],
  ) {
    this.shortName = shortName;
    this.warnings = warnings;
    this.#title = title;
    this.#compile = compile;
  }

  get name(): string {
    return this.#title().name;
  }

  get description(): string {
    return this.#title().description;
  }

  get labels(): readonly string[] {
    return this.#title().labels;
  }

  get manifest(): CompiledManifest {
    this.#compiled ??= this.#compile();
    return this.#compiled;
  }

  get continuous(): boolean {
    return this.manifest.streams.some(({ incremental, build }) => incremental && build !== null);
  }

  get streamNames(): readonly string[] {
    return this.manifest.streams.filter(({ build }) => build !== null).map(({ name }) => name);
  }

  get streamNotes(): readonly StreamNote[] {
    return this.manifest.streams.map(({ name, primaryKey, incremental, findings, build }) => ({
      name,
      primaryKey,
      incremental,
      supported: build !== null,
      findings,
    }));
  }

  get dynamicStreamNotes(): readonly Pick<StreamNote, "name" | "supported" | "findings">[] {
    return this.manifest.dynamicStreams.map(({ name, findings, build }) => ({
      name,
      supported: build !== null,
      findings,
    }));
  }

  get config(): z.ZodType<JsonObject> {
    return this.manifest.spec.config;
  }

  get credentials(): z.ZodType<JsonObject> {
    return this.manifest.spec.credentials;
  }

  settingsFaults(config: JsonObject, credentials: JsonObject): readonly SettingsFault[] {
    return this.manifest.spec.settingsFaults(config, credentials);
  }

  open(context: SourceContext<JsonObject, JsonObject>): OpenSource {
    return openManifest(this.manifest, context);
  }
}
