import { orders, type DocumentMaker } from "#cli/sample-documents";

const WORDS = "Left with the neighbour on the second floor; rang twice, nobody answered the door. ";

/** Orders of about this many bytes: what they lack is a note. */
export function paddedOrders(bytes: number): DocumentMaker {
  return {
    id: (n) => orders.id(n),
    revision: (n) => orders.revision(n),
    json(n) {
      const order = orders.json(n);
      const note = WORDS.repeat(Math.ceil(Math.max(0, bytes - order.length) / WORDS.length));
      return order.replace('"note":null', () => `"note":"${note.slice(0, Math.max(0, bytes - order.length))}"`);
    },
  };
}
