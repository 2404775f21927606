import { Command } from "@commander-js/extra-typings";

import { forgetAccess } from "#cli/access";
import type { Session } from "#cli/session";

/** `sluice logout` */
export function logoutCommand(session: Session) {
  return new Command("logout").summary("forget the address and the API key").action(async () => {
    const path = session.accessFile;
    const existed = forgetAccess(path);
    await session.out.result(
      { file: path, existed },
      existed ? `${path} is gone. The key still works: \`sluice keys delete\` revokes one.` : "You were not logged in.",
    );
  });
}
