import { Tuple, type Value } from "#sources/manifest/python/value";

/** What `groupby` makes: a pair of what the members have in common, and the list of them. */
export class Group extends Tuple {
  readonly grouper: Value;
  readonly list: readonly Value[];

  constructor(grouper: Value, list: readonly Value[]) {
    super([grouper, list]);
    this.grouper = grouper;
    this.list = list;
  }
}
