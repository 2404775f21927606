import { Argument, Command } from "@commander-js/extra-typings";

import { COMPLETION_SCRIPTS } from "#cli/completion-scripts";
import type { Session } from "#cli/session";

/** `sluice completion` */
export function completionCommand(session: Session) {
  return new Command("completion")
    .summary("print what a shell needs to complete commands")
    .addArgument(new Argument("<shell>").choices(["bash", "zsh", "fish"]))
    .addHelpText(
      "after",
      `
Examples:
  bash   echo 'source <(sluice completion bash)' >> ~/.bashrc
  zsh    echo 'source <(sluice completion zsh)' >> ~/.zshrc      (after compinit)
  fish   sluice completion fish > ~/.config/fish/completions/sluice.fish

The shell has to find \`sluice\`: \`npm link\` in the clone puts it on the path.`,
    )
    .action(async (shell) => session.out.write(COMPLETION_SCRIPTS[shell]));
}
