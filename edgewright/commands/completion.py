"""Writes what a shell needs to complete words of `edgewright`.

edgewright completion bash|zsh|tcsh

    edgewright completion bash > ~/.local/share/bash-completion/completions/edgewright
    edgewright completion zsh > "${fpath[1]}/_edgewright"
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from edgewright.command_line import run
from edgewright.registry import commands

SUMMARY = "what a shell needs to complete words: bash, zsh or tcsh"
SHELLS = ("bash", "zsh", "tcsh")
_FILES = "_edgewright_names"
_BASH = f"""\
{_FILES}() {{
  local found
  for found in $2; do
    [ -e "$found" ] && found="${{found%/model.toml}}" && found="${{found##*/}}" && echo "${{found%.toml}}"
  done
}}
{_FILES}_targets() {{ compgen -W "$({_FILES} _ 'targets/*.toml')" -- "$1"; }}
{_FILES}_models() {{ compgen -W "$({_FILES} _ 'models/*/model.toml')" -- "$1"; }}
"""
_ZSH = f"""\
{_FILES}_targets() {{ local -a found=(targets/*.toml(N:t:r)); compadd -a found; }}
{_FILES}_models() {{ local -a found=(models/*/model.toml(N:h:t)); compadd -a found; }}
"""
_COMPLETED = {
    name: {"bash": f"{_FILES}_{name}", "zsh": f"{_FILES}_{name}", "tcsh": f"f:{name}"} for name in ("targets", "models")
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command."""
    print(script(parser().parse_args(argv).shell))
    return 0


def parser() -> argparse.ArgumentParser:
    """What it takes."""
    formatter = argparse.RawDescriptionHelpFormatter
    made = argparse.ArgumentParser(prog="edgewright completion", description=__doc__, formatter_class=formatter)
    made.add_argument("shell", choices=SHELLS)
    return made


def script(shell: str) -> str:
    """What the shell reads: all commands with their options; targets and models of the folder where they are asked."""
    import shtab

    preamble = {"bash": _BASH, "zsh": _ZSH, "tcsh": ""}[shell]
    return str(shtab.complete(_whole(), shell, preamble=preamble))


def _whole() -> argparse.ArgumentParser:
    """One parser of all commands, those of other packages among them; these are known by their names at least."""
    made = argparse.ArgumentParser(prog="edgewright")
    words = made.add_subparsers()
    for name in commands.names():
        module = commands.load(name)
        own = [module.parser()] if hasattr(module, "parser") else []
        whole = words.add_parser(name, help=module.SUMMARY, parents=own, add_help=not own)
        for action in whole._actions:
            _complete(action)
    return made


def _complete(action: argparse.Action) -> None:
    import shtab

    names = {"TARGET": "targets", "MODEL": "models"}
    if action.metavar in names:
        action.complete = _COMPLETED[names[str(action.metavar)]]  # type: ignore[attr-defined]
    elif getattr(action.type, "__name__", "") == "Path":
        action.complete = shtab.FILE  # type: ignore[attr-defined]


if __name__ == "__main__":
    run(main)
