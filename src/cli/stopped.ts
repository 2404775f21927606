/** What was typed can't be done as it stands; the message says what to type instead. */
export class WrongUsage extends Error {
  override readonly name = "WrongUsage";
}

/** There is no address or no key to talk to a server with. */
export class NotLoggedIn extends Error {
  override readonly name = "NotLoggedIn";
}

/** What a name or an id stands for is not there. */
export class NotFound extends Error {
  override readonly name = "NotFound";
}

/** The person at the terminal ended it. */
export class Interrupted extends Error {
  override readonly name = "Interrupted";
}
