import { describedBy, Field } from "#dashboard/components/field.tsx";
import { Notice } from "#dashboard/components/notice.tsx";
import { controlId, SourceFields } from "#dashboard/components/source-fields.tsx";
import type { FormField } from "#dashboard/source-form";
import { shownFields, type Typed } from "#dashboard/source-values";
import type { CollectionBody } from "#http/schemas/collection";
import type { SourceBody } from "#http/schemas/source";

/** How often it syncs by itself, as one choice. `own` is told by the fields below it. */
const RHYTHMS = ["", "0 * * * *", "0 6 * * *", "0 6 * * MON", "own", "none"] as const;

const RHYTHM_TEXT: Readonly<Record<(typeof RHYTHMS)[number], string>> = {
  "": "As suits the source",
  "0 * * * *": "Every hour",
  "0 6 * * *": "Every day at 06:00",
  "0 6 * * MON": "Every Monday at 06:00",
  own: "By a cron expression",
  none: "Only when it is run",
};

export interface SourceForm {
  readonly config: readonly FormField[];
  readonly credentials: readonly FormField[];
}

interface Props {
  readonly source: SourceBody;
  readonly form: SourceForm;
  readonly collections: readonly CollectionBody[];
  readonly typed: Typed;
  /** By what the field is named in the form. */
  readonly wrong: ReadonlyMap<string, string>;
  /** What is wrong beyond single fields. */
  readonly problem: string | null;
}

export function ConnectPage({ source, form, collections, typed, wrong, problem }: Props) {
  const wrongOf = ({ name }: { readonly name: string }) => wrong.get(name) ?? null;
  const focus = firstWrong(form, typed, wrong);
  const shared = { typed, wrongOf, focus };
  const path = `/sources/${source.short_name}`;
  return (
    <>
      <div class="page-head">
        <div>
          <p class="crumbs">
            <a href="/sources">Sources</a> / <a href={path}>{source.name}</a> / Connect
          </p>
          <h1>Connect {source.name}</h1>
          <p class="soft">It is checked against the source before it is kept.</p>
        </div>
      </div>
      {problem !== null && <Notice tone="bad">{problem}</Notice>}
      <div class="beside">
        <form class="form card" method="post" action={`${path}/connect`}>
          <Name source={source} typed={typed} wrong={wrong.get("name") ?? null} isFocused={focus === "name"} />
          {form.config.length > 0 && (
            <fieldset class="section">
              <legend>Configuration</legend>
              <SourceFields fields={form.config} {...shared} />
            </fieldset>
          )}
          {form.credentials.length > 0 && (
            <fieldset class="section">
              <legend>Credentials</legend>
              <p class="hint">They are sealed at once, and never shown again.</p>
              <SourceFields fields={form.credentials} {...shared} />
            </fieldset>
          )}
          <fieldset class="section">
            <legend>Sync</legend>
            <Field id="collection" label="Collection" wrong={wrong.get("collection") ?? null}>
              <select class="select" id="collection" name="collection">
                {collections.map(({ readable_id: id, name }) => (
                  <option value={id} selected={id === (typed.get("collection") ?? "default")}>
                    {name}
                  </option>
                ))}
              </select>
            </Field>
            <Rhythm typed={typed} wrong={wrong} focus={focus} />
            <div class="check">
              <input type="hidden" name="sync" value="false" />
              <input
                type="checkbox"
                id="sync"
                name="sync"
                value="true"
                checked={(typed.get("sync") ?? "true") === "true"}
              />
              <label for="sync">Start the first sync at once</label>
            </div>
          </fieldset>
          <div class="row">
            <button class="button primary">Connect</button>
            <a class="button" href={path}>
              Cancel
            </a>
          </div>
        </form>
        <Aside source={source} />
      </div>
    </>
  );
}

function Aside({ source }: { readonly source: SourceBody }) {
  const { name, description, streams, short_name: shortName } = source;
  const running = (streams ?? []).filter(({ supported, name: each }) => supported && each !== "");
  return (
    <aside class="card">
      <h2>{name}</h2>
      <p class="soft">{description}</p>
      {running.length > 0 && (
        <ul class="labels" aria-label="Streams">
          {running.map((stream) => (
            <li class="label mono">{stream.name}</li>
          ))}
        </ul>
      )}
      <p class="small">
        <a href={`/sources/${shortName}`}>What it reads, and how</a>
      </p>
      <p class="small soft">
        Or from a terminal: <code>npx sluice connections create {shortName}</code>
      </p>
    </aside>
  );
}

function Name({
  source,
  typed,
  wrong,
  isFocused,
}: {
  readonly source: SourceBody;
  readonly typed: Typed;
  readonly wrong: string | null;
  readonly isFocused: boolean;
}) {
  return (
    <Field id="name" label="Name" isOptional wrong={wrong} hint="For people: 4 to 42 characters.">
      <input
        class="input"
        id="name"
        name="name"
        placeholder={`${source.name} Connection`}
        value={typed.get("name") ?? ""}
        minlength={4}
        maxlength={42}
        autocomplete="off"
        autofocus={isFocused}
        {...describedBy("name", { hint: true, wrong })}
      />
    </Field>
  );
}

function Rhythm({
  typed,
  wrong,
  focus,
}: {
  readonly typed: Typed;
  readonly wrong: ReadonlyMap<string, string>;
  readonly focus: string | null;
}) {
  const cronWrong = wrong.get("cron") ?? null;
  const zoneWrong = wrong.get("timezone") ?? null;
  return (
    <>
      <Field id="rhythm" label="Syncs by itself">
        <select class="select" id="rhythm" name="rhythm">
          {RHYTHMS.map((rhythm) => (
            <option
              value={rhythm}
              selected={rhythm === (typed.get("rhythm") ?? "")}
              data-own={rhythm === "own" ? "" : undefined}
            >
              {RHYTHM_TEXT[rhythm]}
            </option>
          ))}
        </select>
      </Field>
      <div class="own-cron">
        <Field
          id="cron"
          label="Cron expression"
          wrong={cronWrong}
          hint="Minute, hour, day, month, weekday: 30 6 * * MON-FRI is 06:30 on working days."
        >
          <input
            class="input mono"
            id="cron"
            name="cron"
            value={typed.get("cron") ?? ""}
            placeholder="30 6 * * MON-FRI"
            autocomplete="off"
            spellcheck={false}
            autofocus={focus === "cron"}
            {...describedBy("cron", { hint: true, wrong: cronWrong })}
          />
        </Field>
      </div>
      <div class="zone">
        <Field
          id="timezone"
          label="Time zone"
          isOptional
          wrong={zoneWrong}
          hint="What the times are in, such as Europe/Berlin. Default: UTC."
        >
          <input
            class="input"
            id="timezone"
            name="timezone"
            value={typed.get("timezone") ?? ""}
            placeholder="UTC"
            autocomplete="off"
            spellcheck={false}
            autofocus={focus === "timezone"}
            {...describedBy("timezone", { hint: true, wrong: zoneWrong })}
          />
        </Field>
      </div>
    </>
  );
}

/** The id of the control that comes first of those that are wrong. */
function firstWrong({ config, credentials }: SourceForm, typed: Typed, wrong: ReadonlyMap<string, string>) {
  if (wrong.has("name")) return "name";
  const field = shownFields([...config, ...credentials], typed).find(({ name }) => wrong.has(name));
  if (field !== undefined) return controlId(field);
  return ["cron", "timezone"].find((name) => wrong.has(name)) ?? null;
}
