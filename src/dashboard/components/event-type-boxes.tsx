import { EVENT_TYPES } from "#core/event";

interface Props {
  readonly chosen: readonly string[];
  readonly wrong: string | null;
}

/** Which events a subscription hears of. */
export function EventTypeBoxes({ chosen, wrong }: Props) {
  return (
    <fieldset aria-describedby={wrong === null ? undefined : "events-wrong"}>
      <legend>Events</legend>
      {wrong !== null && (
        <span class="wrong" id="events-wrong">
          {wrong}
        </span>
      )}
      <div class="boxes">
        {EVENT_TYPES.map((type) => (
          <label class="check">
            <input type="checkbox" name="event" value={type} checked={chosen.includes(type)} />
            <span class="mono">{type}</span>
          </label>
        ))}
      </div>
    </fieldset>
  );
}
