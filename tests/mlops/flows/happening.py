"""What happens in a life whose controllers are killed, and how it is mended at the end."""

import time
from collections import Counter
from contextlib import suppress
from datetime import timedelta

from mlops.domain.data.measurement import Measurement
from mlops.flows import commands
from mlops.ports import OutsideError
from tests.mlops.flows.killing import Life
from tests.mlops.rig import DAY


def live(life: Life, seconds: float, kills: int = 0) -> Counter[str]:
    """Days pass, things go wrong, processes die; at the end all is mended, and the champion alone must serve.

    It takes so many seconds at least, and goes on until so many processes were killed: a busy machine takes longer.
    """
    end, happened = time.monotonic() + seconds, Counter[str]()
    while time.monotonic() < end or life.kills < kills:
        name = life.chance.choice(_HAPPENS)
        happened[name.__name__] += 1
        with suppress(commands.NotPossibleError):
            name(life)
        for _ in range(life.chance.randrange(1, 5)):
            life.pass_time(life.chance.choice([timedelta(minutes=20), timedelta(hours=7), DAY]))
            time.sleep(life.chance.uniform(0.002, 0.05))
        life.check()
    _mend(life)
    return happened


def _drift(life: Life) -> None:
    value = life.chance.choice([0.0, 0.5, 0.5])
    life.rig.world.readings["drift"] = lambda q: Measurement(monitor=q.monitor.name, value=value, samples=50)


def _candidate(life: Life) -> None:
    life.rig.world.default_accuracy = life.chance.choice([0.5, 0.7, 0.9])


def _errs(life: Life) -> None:
    rollout = life.rig.loop.rollout
    if rollout is not None:
        life.rig.world.error_rate[rollout.deployment] = life.chance.choice([0.0, 0.1, 1.0])


def _trouble(life: Life) -> None:
    call = life.chance.choice(["observe", "ensure_deployment", "set_traffic", "submit", "job state", "served"])
    life.rig.world.trouble[call] = [OutsideError(f"{call}: no answer")]


def _edit(life: Life) -> None:
    with life.outside.lock:
        world = life.rig.world
        world.traffic = dict.fromkeys(list(world.deployments)[-1:], 100)
        world.mirror = {}


def _order(life: Life) -> None:
    order = life.chance.choice([commands.trigger, commands.abort, commands.pause, commands.resume])
    order(life.rig.context, "ada", "because")


def _kill(life: Life) -> None:
    life.kill()


def _sleep(life: Life) -> None:
    if life.rig.url:
        life.sleep()


_HAPPENS = (_drift, _candidate, _errs, _trouble, _edit, _order, *(_kill,) * 8, *(_sleep,) * 2)


def _mend(life: Life) -> None:
    world = life.rig.world
    world.trouble.clear()
    world.error_rate.clear()
    for monitor in ("drift", "sensor"):
        world.readings[monitor] = lambda q: Measurement(monitor=q.monitor.name, value=0.0, samples=50)
    with suppress(commands.NotPossibleError):
        commands.resume(life.rig.context, "ada", "mended")
    if life.rig.loop.champion is None and life.rig.loop.attempt is None:
        with suppress(commands.NotPossibleError):
            commands.trigger(life.rig.context, "ada", "mended")
    for _ in range(40):
        life.pass_time(7 * DAY)
        life.settle()
        loop = life.rig.loop
        if loop.champion and not loop.attempt and not loop.pending and world.traffic == {loop.champion.deployment: 100}:
            break
    life.check()
    loop = life.rig.loop
    assert loop.champion is not None, life.rig.story()[-10:]
    assert (loop.attempt, loop.pending) == (None, None), life.rig.story()[-10:]
    life.pass_time(14 * DAY)
    life.settle()
    assert (world.traffic, world.mirror) == ({loop.champion.deployment: 100}, {})
    assert set(world.deployments) == {loop.champion.deployment}
