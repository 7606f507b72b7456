"""A bug in the scoring script that no gate and no smoke test sees: it fails only after some requests."""

from pathlib import Path

_ANSWERS = 14  # what the forgotten wrap-around leaves room for: the smoke requests, the shadow, and a few live ones
_INIT = '    _STATE["outputs"] = Collector(name="model_outputs")\n'
_RUN = '    _STATE["outputs"].collect(answers, context)\n'


def with_bug(script: str) -> str:
    """The script with a list of the latest answers added, whose end was forgotten.

    Raises:
        ValueError: the script is not the one this was written for.
    """
    if script.count(_INIT) != 1 or script.count(_RUN) != 1:
        raise ValueError("score.py has changed: the demo's bug no longer fits into it")
    kept = f'{_INIT}    _STATE["latest"] = [0.0] * {_ANSWERS}\n    _STATE["count"] = 0\n'
    noted = '    _STATE["latest"][_STATE["count"]] = float(probability[-1])\n    _STATE["count"] += 1\n'
    return script.replace(_INIT, kept).replace(_RUN, noted + _RUN)


def set_bug(script: Path, *, sound: str, present: bool) -> bool:
    """Make the script as it should be; returns whether that changed anything."""
    wanted = with_bug(sound) if present else sound
    if script.read_text(encoding="utf-8") == wanted:
        return False
    aside = script.with_suffix(".new")
    aside.write_text(wanted, encoding="utf-8")
    aside.replace(script)
    return True
